"""The points at which a process writes, counted; at one of them the process dies, or the write fails.

Runs in the process under test only. Nothing of the tool is replaced: Python's own audit events
(https://docs.python.org/3/library/audit_events.html) come before each operation and may stop it,
SQLite calls back before each statement, and ``os.fsync``, which has no event, is wrapped.
"""

from __future__ import annotations

import contextlib
import errno
import fcntl
import mmap
import os
import signal
import sqlite3
import struct
import subprocess
import sys
import threading
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

KILL = 0  # stands where the number of an error stands
_OPERATIONS = ("os.rename", "os.remove", "os.mkdir", "os.rmdir", "os.link", "os.symlink", "os.chmod", "os.truncate")
_WRITING = os.O_WRONLY | os.O_RDWR | os.O_CREAT | os.O_TRUNC | os.O_APPEND
_READING = frozenset(f"git {name}" for name in ("cat-file", "grep", "ls-files", "rev-parse", "status"))
# What each operation can fail with, as the manual pages have it.
_FULL = (errno.ENOSPC, errno.EACCES, errno.EIO)
ERRORS = {
    "open": _FULL,
    "fsync": (errno.ENOSPC, errno.EIO),
    "os.rename": _FULL,
    "os.remove": (errno.EACCES, errno.EIO),
    "os.mkdir": _FULL,
    "os.rmdir": (errno.EACCES, errno.EIO),
    "os.link": _FULL,
    "os.symlink": _FULL,
    "os.chmod": (errno.EPERM, errno.EIO),
    "process": (errno.EAGAIN, errno.ENOMEM),
    "connect": (errno.ENOSPC, errno.EACCES),
}


@dataclass(frozen=True)
class Fault:
    """What happens at one point.

    :param at: the number of the point, from 0.
    :param error: an ``errno``, or KILL.
    :param part: of a file that is about to be flushed, how much is there at death, in halves.
    :param group: the processes that ours has started die with it.
    :param lasting: every later write fails too, as on a full disk.
    """

    at: int
    error: int = KILL
    part: int = 2
    group: bool = False
    lasting: bool = False


@dataclass(frozen=True)
class Point:
    """A point at which something is written: the operation, and the file or the command."""

    operation: str
    subject: str


class Watch:
    """Counts the points of one process and those it forks."""

    def __init__(self, log: Path, fault: Fault | None) -> None:
        self.fault = fault
        self.log = os.open(log, os.O_WRONLY | os.O_CREAT | os.O_APPEND)
        self.count = mmap.mmap(-1, 8)
        self.threads = threading.RLock()
        self.busy = threading.local()

    def install(self) -> None:
        """From here on every point counts; it can't be taken back (PEP 578)."""
        fsync = os.fsync
        os.fsync = lambda fd: self._flush(fd, fsync)  # type: ignore[assignment,misc]
        start = subprocess.Popen.__init__

        def started(process: Any, *args: Any, **kwargs: Any) -> None:
            start(process, *args, **kwargs)
            if (command := _command(process.args)) not in _READING:
                self.point("started", command, failing=False)

        subprocess.Popen.__init__ = started  # type: ignore[method-assign,assignment]
        connect = sqlite3.connect  # its events come before the connection can be used
        sqlite3.connect = lambda *args, **kwargs: self._database(connect(*args, **kwargs))  # type: ignore[assignment]
        sys.addaudithook(self._hook)

    def _hook(self, event: str, args: tuple[Any, ...]) -> None:
        if getattr(self.busy, "now", False):
            return
        if event == "open":
            path, _, flags = args
            if not isinstance(path, int) and flags & _WRITING and not _is_no_file(path, flags):
                self.point("open", path)
        elif event in _OPERATIONS:
            if not _changes_nothing(event, args):
                self.point(event, args[0])
        elif event == "subprocess.Popen":
            self.point("process", _command(args[1]))

    def _flush(self, fd: int, fsync: Callable[[int], None]) -> None:
        for part in range(3):
            self.point("fsync", os.readlink(f"/proc/self/fd/{fd}") if os.path.exists("/proc/self/fd") else "",
                       before=lambda part=part: os.ftruncate(fd, os.fstat(fd).st_size * part // 2),
                       failing=part == 2)
        fsync(fd)

    def _database(self, connection: sqlite3.Connection) -> sqlite3.Connection:
        fault = self.point("connect", "doit's state", failing=False)
        if fault and fault.error == errno.ENOSPC:
            (pages,) = connection.execute("PRAGMA page_count").fetchone()
            connection.execute(f"PRAGMA max_page_count={max(pages, 1)}")
        elif fault and fault.error:
            connection.execute("PRAGMA query_only=1")
        connection.set_trace_callback(lambda statement: self.point("sqlite", statement[:60], failing=False) and None)
        return connection

    def point(
        self, operation: str, subject: object, before: Callable[[], None] | None = None, *, failing: bool = True
    ) -> Fault | None:
        """Count a point; die or fail where it is the one.

        :param before: what the death finds on disk is brought about by this.
        :param failing: whether an error can be raised here.
        :returns: the fault, where it is due and has to be brought about by the caller.
        """
        with self._alone():
            (number,) = struct.unpack("q", self.count[:])
            self.count[:] = struct.pack("q", number + 1)
            os.write(self.log, f"{operation}\t{os.fsdecode(str(subject))!r}\n".encode())
        fault = self.fault
        if fault is None or number < fault.at or (number > fault.at and not fault.lasting):
            return None
        if fault.error == KILL:
            if before:
                before()
            if fault.group:
                os.killpg(0, signal.SIGKILL)
            os.kill(os.getpid(), signal.SIGKILL)
        if not failing or (fault.lasting and operation not in ("open", "fsync", "os.mkdir")):
            return fault
        name = os.fsdecode(subject) if isinstance(subject, (str, bytes)) else str(subject)
        raise OSError(fault.error, os.strerror(fault.error), name)

    @contextlib.contextmanager
    def _alone(self) -> Iterator[None]:
        """One at a time, among processes and threads; what is done here is no point itself."""
        with self.threads:
            self.busy.now = True
            fcntl.lockf(self.log, fcntl.LOCK_EX)
            try:
                yield
            finally:
                fcntl.lockf(self.log, fcntl.LOCK_UN)
                self.busy.now = False


def read_log(path: Path) -> list[Point]:
    """The points that were counted."""
    points = []
    for line in path.read_text().splitlines():
        operation, _, subject = line.partition("\t")
        points.append(Point(operation, subject.strip("'\"")))
    return points


def _is_no_file(path: str | bytes, flags: int) -> bool:
    """Whether this is no opening of a file: the null device, or the first of two events for a nameless file."""
    return os.fsdecode(path) == os.devnull or (os.path.isdir(path) and flags & os.O_TMPFILE != os.O_TMPFILE)


def _changes_nothing(event: str, args: tuple[Any, ...]) -> bool:
    """Whether the operation is going to fail anyhow, which the tool expects: nothing to remove, nothing to make."""
    if -1 not in args[1:]:  # relative to a directory that is open
        return False
    if event == "os.remove":
        return not os.path.lexists(args[0])
    return event == "os.mkdir" and os.path.isdir(args[0])


def _command(command: object) -> str:
    words = [os.fsdecode(word) for word in command] if isinstance(command, (list, tuple)) else [str(command)]
    name = os.path.basename(words[0])
    if name == "git":
        skip = iter(words[1:])
        rest = [word for word in skip if word != "-c" or next(skip, None) is None]
        return "git " + next((word for word in rest if not word.startswith("-")), "")
    return " ".join([name, *(os.path.basename(word) for word in words[1:2])])

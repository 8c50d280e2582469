"""One run at a time in a checkout: locks of the operating system, in the git directory.

``flock(2)`` belongs to an open file, so it is gone with the last process that has the file open,
however that ends: no death leaves a lock behind. There are two. The first is held by a run from its
beginning to its end, and says in its file who that is. The second is held while something is being
changed, by the process that changes it and by the git commands that it starts: if a run dies, the
next one waits until those have ended too.

A second run waits for a few seconds only, then says who is at work: the tree that it was asked to
change is not the one it would find after minutes. One lock serves all products of a checkout, since
they share its index.
"""

from __future__ import annotations

import contextlib
import fcntl
import json
import os
import shlex
import sys
import time
from collections.abc import Iterator
from pathlib import Path

from migration.core.errors import BusyError

PATIENCE = 5.0  # seconds
_open: set[Lock] = set()


class Lock:
    """A lock on a file that exists as long as somebody holds it.

    :param path: the file; its directory is made where it is missing.
    """

    def __init__(self, path: Path) -> None:
        self.path = path
        self.fd: int | None = None

    def acquire(self, what: str, patience: float = PATIENCE) -> int:
        """Take the lock, and say in the file who has it.

        :param what: what is locked, for the message.
        :param patience: seconds to wait for another process.
        :returns: the file descriptor; a process that inherits it holds the lock too.
        :raises BusyError: if another process still has it then.
        :raises OSError: if the file can't be written, or the file system has no locks.
        """
        deadline, told = time.monotonic() + patience, False
        while not self._try():
            if time.monotonic() >= deadline:
                raise BusyError(
                    f"{what}: {holder(self.path)} is at work there",
                    "wait until it has ended (or end it), then run the same command again",
                )
            if not told:
                with contextlib.suppress(OSError):  # nobody reads it
                    sys.stderr.write(f"waiting for {holder(self.path)}\n")
                    sys.stderr.flush()
                told = True
            time.sleep(0.02)
        assert self.fd is not None
        os.ftruncate(self.fd, 0)
        os.pwrite(self.fd, json.dumps(_ourselves()).encode(), 0)
        return self.fd

    def _try(self) -> bool:
        while True:
            try:
                self.path.parent.mkdir(parents=True, exist_ok=True)
                fd = os.open(self.path, os.O_RDWR | os.O_CREAT | os.O_CLOEXEC, 0o644)
            except FileNotFoundError:  # who had it has just removed the directory
                continue
            except FileExistsError:  # the same, or a file where the directory belongs
                if os.path.lexists(self.path.parent) and not self.path.parent.is_dir():
                    raise
                continue
            try:
                fcntl.flock(fd, fcntl.LOCK_EX | fcntl.LOCK_NB)
            except OSError as error:
                os.close(fd)
                if isinstance(error, BlockingIOError):
                    return False
                error.filename = str(self.path)
                raise
            if self._is_there(fd):
                self.fd = fd
                _open.add(self)
                return True
            os.close(fd)  # who had it has removed the file meanwhile

    def _is_there(self, fd: int) -> bool:
        try:
            return os.path.samestat(os.fstat(fd), self.path.stat())
        except FileNotFoundError:
            return False

    def release(self) -> None:
        """Give the lock back and remove the file, and its directory where that is empty then."""
        if self.fd is None:
            return
        with contextlib.suppress(OSError):  # a file that stays is no lock, and the next run takes it away
            self.path.unlink(missing_ok=True)
            self.path.parent.rmdir()
        self.drop()

    def sweep(self) -> None:
        """Remove the file where nobody holds the lock: it could not be removed when that was given back.

        :raises OSError: if the file system refuses.
        """
        if self.fd is None and self.path.exists() and self._try():
            self.release()

    def drop(self) -> None:
        """Close the file: for a process that was forked from the one that holds the lock."""
        if self.fd is not None:
            os.close(self.fd)
            self.fd = None
        _open.discard(self)


def _forked() -> None:
    """Whoever outlives us must hold no lock without knowing: a worker that waits for work, for ever."""
    for lock in tuple(_open):
        lock.drop()


os.register_at_fork(after_in_child=_forked)


class Turn:
    """A run's turn in a checkout.

    :param directory: the git directory of the work tree.
    :param repo: the checkout, as people call it.
    """

    def __init__(self, directory: Path, repo: str) -> None:
        own = directory / "phased-migration"  # where products have their ledgers: none can have such a name
        self.run, self.work = Lock(own / "run-lock"), Lock(own / "work-lock")
        self.repo = repo

    def begin(self) -> None:
        """A run that will write begins.

        :raises BusyError: if another one is at work.
        :raises OSError: if the lock can't be written.
        """
        if self.run.fd is None:
            self.run.acquire(self.repo)

    def end(self) -> None:
        """The run has ended."""
        with contextlib.suppress(OSError):  # as in releasing a lock
            self.work.sweep()
        self.run.release()

    @contextlib.contextmanager
    def at_work(self) -> Iterator[int]:
        """Something is being changed; gives the file descriptor that git commands are to inherit.

        :raises BusyError: if what a run that died has started is still at work.
        :raises OSError: if the lock can't be written.
        """
        fd = self.work.acquire(self.repo)
        try:
            yield fd
        finally:
            self.work.release()


@contextlib.contextmanager
def locked_directory(path: Path) -> Iterator[None]:
    """Have a directory to ourselves for a moment, among the processes that ask for it like this.

    :raises OSError: if there is no such directory.
    """
    fd = os.open(path, os.O_RDONLY | os.O_CLOEXEC)
    try:
        fcntl.flock(fd, fcntl.LOCK_EX)
        yield
    finally:
        os.close(fd)


def holder(path: Path) -> str:
    """Who has a lock, as its file says."""
    try:
        said = json.loads(path.read_bytes())
        pid, host, since, command = (said[key] for key in ("pid", "host", "since", "command"))
    except (OSError, ValueError, TypeError, KeyError):
        return "another run"
    return f"{command} (process {pid} on {host}, since {since})"


def _ourselves() -> dict[str, object]:
    return {
        "pid": os.getpid(),
        "host": os.uname().nodename,
        "since": time.strftime("%Y-%m-%dT%H:%M:%SZ", time.gmtime()),
        "command": shlex.join(["doit", *sys.argv[1:]]),
    }

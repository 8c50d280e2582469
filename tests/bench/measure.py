"""Running commands in new processes: wall time, and peak memory with all their children."""

from __future__ import annotations

import os
import resource
import subprocess
import sys
import tempfile
import threading
import time
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

# ru_maxrss counts kilobytes, on macOS bytes.
_MAXRSS = 1 if sys.platform == "darwin" else 1024
_PROC = Path("/proc")


class CommandFailed(Exception):
    """A command ended with another code than 0; holds the end of what it printed."""


@dataclass(frozen=True)
class Step:
    """One command.

    :param feeds: its output is the input of the next one, which runs at the same time.
    """

    command: Sequence[str]
    cwd: Path
    feeds: bool = False


@dataclass(frozen=True)
class Sample:
    """One run: wall time in seconds, the most memory (bytes) its processes held at one time, and the
    seconds that processors worked for it, which depend less on what else the machine does."""

    seconds: float
    peak: int
    cpu: float = 0.0


def run(steps: Sequence[Step], poll: float = 0.0) -> Sample:
    """Run commands one after another, each in a new process.

    :param poll: how often (seconds) to add up the memory of all processes that run; without it the
        largest single process counts, and nothing disturbs the time.
    :raises CommandFailed: if one of them fails.
    """
    largest, cpu, waiting = 0, 0.0, []
    with tempfile.TemporaryFile() as log, _Watch(poll) as watch:
        start = time.perf_counter()
        source: int = subprocess.DEVNULL
        for step in steps:
            output = subprocess.PIPE if step.feeds else log
            process = subprocess.Popen(step.command, cwd=step.cwd, stdin=source, stdout=output, stderr=log)
            if source != subprocess.DEVNULL:
                os.close(source)  # the next process has it
            waiting.append(process)
            if step.feeds:
                assert process.stdout is not None
                source = os.dup(process.stdout.fileno())
                process.stdout.close()
                continue
            source = subprocess.DEVNULL
            for one in waiting:
                usage = _finish(one, log.fileno())
                largest = max(largest, usage.ru_maxrss * _MAXRSS)
                cpu += usage.ru_utime + usage.ru_stime
            waiting.clear()
        seconds = time.perf_counter() - start
    return Sample(seconds, max(largest, watch.peak), cpu)


def _finish(process: subprocess.Popen[bytes], log: int) -> resource.struct_rusage:
    """Wait for a process; what it and its children used."""
    _, status, usage = os.wait4(process.pid, 0)
    process.returncode = os.waitstatus_to_exitcode(status)
    if process.returncode:
        end = os.pread(log, 1 << 20, 0)[-4000:].decode(errors="replace")
        raise CommandFailed(f"exit code {process.returncode}: {process.args!r}\n{end}")
    return usage


class _Watch:
    """Adds up, again and again, the resident memory of every process below this one.

    Pages that a parent shares with its children count for each of them: the sum is never too small.
    """

    def __init__(self, interval: float) -> None:
        self.peak = 0
        self._interval = interval
        self._over = threading.Event()
        self._thread = threading.Thread(target=self._look, daemon=True)

    def __enter__(self) -> _Watch:
        if self._interval and _PROC.is_dir():
            self._thread.start()
        return self

    def __exit__(self, *error: object) -> None:
        self._over.set()
        if self._thread.is_alive():
            self._thread.join()

    def _look(self) -> None:
        while not self._over.wait(self._interval):
            self.peak = max(self.peak, _resident_below(os.getpid()))


def _resident_below(top: int) -> int:
    """Bytes in memory of all descendants of a process (Linux)."""
    children: dict[int, list[int]] = {}
    pages: dict[int, int] = {}
    for entry in os.listdir(_PROC):
        if not entry.isdecimal():
            continue
        try:
            fields = (_PROC / entry / "stat").read_text().rpartition(")")[2].split()
        except OSError:  # it has just ended
            continue
        children.setdefault(int(fields[1]), []).append(int(entry))
        pages[int(entry)] = int(fields[21])
    pending, total = list(children.get(top, ())), 0
    while pending:
        pid = pending.pop()
        total += pages[pid]
        pending += children.get(pid, ())
    return total * os.sysconf("SC_PAGE_SIZE")

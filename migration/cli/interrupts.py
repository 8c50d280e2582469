"""Ctrl-C: one line that says what was interrupted and how to go on, and nothing half done.

doit ends an interrupted run in good order, saves what was finished, and then lets Python print its
traceback; :func:`install` puts a line and the exit code 130 (128 + SIGINT, as shells have it) in its
place. What changes the checkout is not torn in two: an interrupt waits until that is done or taken
back (:func:`held`). On a terminal the processes that were forked from ours are interrupted as well;
they end without a word.
"""

from __future__ import annotations

import os
import shlex
import signal
import sys
from types import FrameType, TracebackType

from migration.repo.disk.uninterrupted import _HANDLED

EXIT_CODE = 130


_doing = ""
_installed = False


def begin(what: str) -> None:
    """Say what is under way from now on: a phase or a command, ``""`` for nothing."""
    global _doing
    _doing = what


def install() -> None:
    """From here on an interrupt that ends this process is told in a line, and forked processes end silently."""
    global _installed
    if not _installed:
        _installed = True
        os.register_at_fork(after_in_child=_end_silently)
        sys.excepthook = _told


def said() -> str:
    """The line for people: what was interrupted, and what to run to go on."""
    where = f"interrupted in {_doing}: nothing is half done" if _doing else "interrupted: nothing is half done"
    return f"{where} -> to go on, run the same command again: {shlex.join(['doit', *sys.argv[1:]])}\n"


def _told(kind: type[BaseException], error: BaseException, trace: TracebackType | None) -> None:
    if not issubclass(kind, KeyboardInterrupt):
        sys.__excepthook__(kind, error, trace)
        return
    sys.stderr.write(said())
    if processes := sys.modules.get("multiprocessing"):
        for child in processes.active_children():  # where we alone were interrupted, they would wait for work for ever
            os.kill(child.pid, signal.SIGINT)
    raise SystemExit(EXIT_CODE)


def _end_silently() -> None:
    def end(number: int, frame: FrameType | None) -> None:
        os._exit(EXIT_CODE)

    if signal.getsignal(signal.SIGINT) not in _HANDLED:
        signal.signal(signal.SIGINT, end)

"""Loading the phase with the most code in a thread, while the one before it waits for git and the disk."""

from __future__ import annotations

import contextlib
import importlib
import threading
from itertools import pairwise

from migration.core.beside import threads_can_start
from migration.core.phase import ORDER

# What is worth it: phase -> its modules.
_HEAVY = {"update_imports": ("migration.phases.update_imports",)}
_threads: dict[str, threading.Thread] = {}


def begin(phase: str) -> None:
    """Begin with what comes behind a phase, if that is worth it and was not done."""
    following = dict(pairwise(ORDER)).get(phase, "")
    if following in _HEAVY and following not in _threads and threads_can_start():
        thread = threading.Thread(target=_load, args=(_HEAVY[following],), daemon=True)
        with contextlib.suppress(RuntimeError):  # no thread left: what is needed is loaded where it is needed
            thread.start()
            _threads[following] = thread


def end(phase: str) -> None:
    """Wait until a phase is there: a process forked in the middle of an import would wait for its end for ever."""
    if phase in _threads:
        _threads[phase].join()


def _load(modules: tuple[str, ...]) -> None:
    with contextlib.suppress(Exception):  # what is wrong is said where the module is asked for
        for name in modules:
            importlib.import_module(name)

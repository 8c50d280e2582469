"""Loading the phase with the most code in a thread, while the one before it waits for git and the disk."""

from __future__ import annotations

import contextlib
import importlib
import threading

_MODULES = ("migration.phases.update_imports", "migration.engine.repo_formatter")
_threads: list[threading.Thread] = []


def begin() -> None:
    """Begin, unless that was done."""
    if not _threads:
        _threads.append(threading.Thread(target=_load, daemon=True))
        _threads[0].start()


def end() -> None:
    """Wait for it: a process that is forked in the middle of an import would wait for its end for ever."""
    for thread in _threads:
        thread.join()


def _load() -> None:
    with contextlib.suppress(Exception):  # what is wrong is said where the module is asked for
        for name in _MODULES:
            importlib.import_module(name)

"""The part of the probe that does two things at once, where a second core is free for it.

A long history takes its time on every database, nearly all of it in Django's own states of models, which
one core works out. What is independent is done in a process that is forked from the one that has booted:
a second boot would cost more than it gives. Django's own test runner does the same.

Kept to the syntax of Python 3.8; imports nothing of ours.
"""

from __future__ import annotations

import contextlib
import json
import os
import sys
import threading
from typing import Any, Callable, Iterator  # noqa: UP035  Python 3.8


def possible() -> bool:
    """Whether a fork is safe and of use: on Linux, with a second core, and where the monolith has started no thread.

    A fork leaves threads behind, with whatever they have locked.
    """
    return sys.platform == "linux" and len(os.sched_getaffinity(0)) > 1 and threading.active_count() == 1


@contextlib.contextmanager
def beside(deed: Callable[[], Any]) -> Iterator[Callable[[], Any]]:
    """Do something while the block does something else.

    What is open to a database must be closed before. When the block ends, so does the other process.

    :param deed: gives plain JSON values.
    :returns: a function, called in the block, that waits for what ``deed`` gives. Where a second process is
        not possible, or has failed, the deed is done then and here: so it fails as it would have without.
    """
    if not possible():
        yield deed
        return
    results, given = os.pipe()
    ours, held = os.pipe()  # at its end when this process is
    child = os.fork()
    if not child:
        os.close(results)
        os.close(held)
        _do(deed, given, ours)
    os.close(given)
    os.close(ours)

    def result() -> Any:
        with os.fdopen(os.dup(results), encoding="utf-8") as stream:
            text = stream.read()
        return json.loads(text) if text.endswith("\n") else deed()

    try:
        yield result
    finally:
        os.close(results)
        os.close(held)
        os.waitpid(child, 0)


def _do(deed: Callable[[], Any], given: int, ours: int) -> None:
    """The whole life of the second process; it writes all of its result, or nothing."""
    code = 1
    try:
        threading.Thread(target=_end_with, args=(ours,), daemon=True).start()
        text = json.dumps(deed())
        with os.fdopen(given, "w", encoding="utf-8") as stream:
            stream.write(text + "\n")
        code = 0
    finally:
        os._exit(code)  # nothing of the first process is flushed or cleaned up twice


def _end_with(ours: int) -> None:
    """Nobody waits for the result any more."""
    os.read(ours, 1)
    os._exit(1)

"""How far a phase has come, told to whoever listens; phases know nothing of terminals."""

from __future__ import annotations

import subprocess
import time
from collections.abc import Callable, Iterable, Iterator, Sequence
from contextlib import contextmanager
from typing import Any, TypeVar

Listener = Callable[[int, int], None]
"""Called with how many things are done, and of how many (0 where nobody knows)."""

_Item = TypeVar("_Item")
_listener: Listener | None = None
_TICK = 0.2  # seconds between two signs of life of a process that is waited for


@contextmanager
def heard_by(listener: Listener) -> Iterator[None]:
    """Let ``listener`` hear of every step taken inside the block, in this process."""
    global _listener
    before, _listener = _listener, listener
    try:
        yield
    finally:
        _listener = before


def listen(listener: Listener | None) -> None:
    """Let ``listener`` hear of every step from now on; None for nobody."""
    global _listener
    _listener = listener


def each(items: Iterable[_Item], total: int) -> Iterator[_Item]:
    """``items``, one by one, each counted as done when the next is asked for."""
    for done, item in enumerate(items, 1):
        yield item
        if _listener is not None:
            _listener(done, total)


def run(words: Sequence[str], *, timeout: float | None = None, **options: Any) -> subprocess.CompletedProcess[str]:
    """:func:`subprocess.run` without ``check``, with a sign of life now and then while it lasts.

    :raises OSError: if the program can't be started.
    :raises subprocess.TimeoutExpired: after ``timeout`` seconds; the process has been killed then.
    """
    if _listener is None:
        return subprocess.run(words, timeout=timeout, check=False, **options)
    if options.pop("capture_output", False):
        options |= {"stdout": subprocess.PIPE, "stderr": subprocess.PIPE}
    end = time.monotonic() + timeout if timeout is not None else None
    with subprocess.Popen(words, **options) as process:
        try:
            while True:
                try:
                    out, err = process.communicate(timeout=_TICK)
                    return subprocess.CompletedProcess(words, process.returncode, out, err)
                except subprocess.TimeoutExpired:
                    if end is not None and time.monotonic() >= end:
                        assert timeout is not None
                        raise subprocess.TimeoutExpired(words, timeout) from None
                    _listener(0, 0)
        except BaseException:
            process.kill()
            raise

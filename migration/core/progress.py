"""How far a phase has come, told to whoever listens; phases know nothing of terminals."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from contextlib import contextmanager
from typing import TypeVar

Listener = Callable[[int, int], None]
"""Called with how many things are done, and of how many (0 where nobody knows)."""

_Item = TypeVar("_Item")
_listener: Listener | None = None


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


def is_heard() -> bool:
    """Whether somebody listens."""
    return _listener is not None


def sign_of_life() -> None:
    """Say that something is still at work, of which nobody knows how far it is."""
    if _listener is not None:
        _listener(0, 0)

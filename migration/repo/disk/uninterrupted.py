"""What changes the checkout is not torn in two: an interrupt waits until it is done or taken back."""

from __future__ import annotations

import signal
import threading
from collections.abc import Iterator
from contextlib import contextmanager

_HANDLED = (signal.SIG_IGN, None)  # what somebody else has arranged (nohup) stays so


_is_held = False


@contextmanager
def held() -> Iterator[None]:
    """Let an interrupt wait until what is inside has ended; then it comes.

    Outside the main thread, which is the only one that is ever interrupted, this does nothing.
    """
    global _is_held
    before = signal.getsignal(signal.SIGINT)
    if _is_held or before in _HANDLED or threading.current_thread() is not threading.main_thread():
        yield
        return
    came: list[int] = []
    signal.signal(signal.SIGINT, lambda number, frame: came.append(number))
    _is_held = True
    try:
        yield
    finally:
        _is_held = False
        signal.signal(signal.SIGINT, before)
        if came:
            signal.raise_signal(signal.SIGINT)

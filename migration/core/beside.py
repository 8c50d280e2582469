"""Work that waits for git or the disk, done in a thread beside other work where the system has one left.

Where memory is limited (``ulimit -v``), there are no threads: one that gets none while it starts is waited
for for ever (https://github.com/python/cpython/issues/87135 and others like it).
"""

from __future__ import annotations

import contextlib
import resource
from collections.abc import Callable, Iterable, Iterator
from concurrent.futures import ThreadPoolExecutor
from typing import TypeVar

T = TypeVar("T")
_LIMITS = tuple(getattr(resource, name) for name in ("RLIMIT_AS", "RLIMIT_DATA") if hasattr(resource, name))


def threads_can_start() -> bool:
    """Whether a thread either starts or says that it can't."""
    return all(resource.getrlimit(limit)[0] == resource.RLIM_INFINITY for limit in _LIMITS)


@contextlib.contextmanager
def beside(work: Callable[[], T]) -> Iterator[Callable[[], T]]:
    """Do some work beside what is done in the ``with`` block.

    :returns: what gives its result, or raises what it raised. Without a thread the work is done then.
    """
    result = work
    with contextlib.ExitStack() as stack:
        if threads_can_start():
            pool = stack.enter_context(ThreadPoolExecutor(1))
            with contextlib.suppress(RuntimeError):  # no thread left
                result = pool.submit(work).result
        yield result


def all_together(work: Callable[[T], object], values: Iterable[T], most: int) -> None:
    """Do some work with each of some values, several at a time; it must do no harm to do it twice.

    :param most: how many at a time.
    """
    values = list(values)
    if len(values) > 1 and threads_can_start():
        try:
            with ThreadPoolExecutor(min(most, len(values))) as pool:
                list(pool.map(work, values))
        except RuntimeError:  # no thread left
            pass
        else:
            return
    for value in values:
        work(value)

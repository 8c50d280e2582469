"""What is worked out about a value once and kept with it: it goes when the value goes, and never outlives it."""

from __future__ import annotations

import functools
from collections.abc import Callable
from typing import Any, Concatenate, ParamSpec, Protocol, TypeVar

P = ParamSpec("P")
T = TypeVar("T")


# Name of a function -> the other arguments it was given, and what it has worked out.
WorkedOut = dict[str, tuple[tuple[object, ...], Any]]


class Remembering(Protocol):
    """A value that keeps what has been worked out about it."""

    @property
    def worked_out(self) -> WorkedOut: ...


V = TypeVar("V", bound=Remembering)


def once(work: Callable[Concatenate[V, P], T]) -> Callable[Concatenate[V, P], T]:
    """A function that does its work once for a value; it must give the same result each time.

    With other arguments (by identity) than the last time it is done anew. Results must be picklable where
    the value goes to other processes.

    :param work: takes the value that remembers, and perhaps others that it is worked out with.
    """
    name = _name(work)

    @functools.wraps(work)
    def remembered(value: V, /, *others: P.args, **named: P.kwargs) -> T:
        assert not named, "what is remembered is told by its position"
        known = value.worked_out.get(name)
        if known is None or len(known[0]) != len(others) or any(map(_is_other, known[0], others)):
            known = value.worked_out[name] = others, work(value, *others, **named)
        result: T = known[1]
        return result

    return remembered


def is_worked_out(value: Remembering, work: Callable[..., object]) -> bool:
    """Whether a function made by :func:`once` has done its work for a value."""
    return _name(work) in value.worked_out


def _name(work: Callable[..., object]) -> str:
    return f"{work.__module__}.{work.__qualname__}"


def _is_other(one: object, two: object) -> bool:
    return one is not two

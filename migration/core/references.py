"""References: the places in files that name what moves, and the text files that rewriters look into (values)."""

from __future__ import annotations

import bisect
import itertools
from dataclasses import dataclass, replace
from functools import cached_property

from migration.core.changes import Edit

# The kind of what is written for people; the plan says whether it follows.
PROSE = "prose"


@dataclass(frozen=True, slots=True)
class Reference:
    """A place in a file that names something that moves.

    :param kind: the kind of reference, e.g. ``import`` (the rewriter's ``KIND``).
    :param start: offset of the first byte in :attr:`SourceFile.data`.
    :param end: offset behind the last byte.
    :param old: the dotted name (or path, or label) it means, resolved at the old place.
    :param new: the same thing after the move.
    :param text: what replaces the span; None where the place is left as it is.
    :param reason: why it is left, or what is doubtful about it; empty for a plain rewrite.
    :param kept: whether it is left for good, as the plan or the meaning of the place says; else a place
        that is left is an open question.
    :param adds: whether the text is something new (a statement, an argument, an entry of a display) beside
        what stands there, or in the place of a ``pass``.
    """

    kind: str
    start: int
    end: int
    old: str
    new: str
    text: str | None
    reason: str = ""
    kept: bool = False
    adds: bool = False

    @property
    def is_open(self) -> bool:
        """Whether a person has to decide about the place."""
        return self.text is None and not self.kept

    def left(self, reason: str, kept: bool = False) -> Reference:
        """The same reference, left as it is for a reason."""
        return replace(self, text=None, reason=reason, kept=kept)

    @property
    def edit(self) -> Edit | None:
        """The edit that rewrites the place, or None where it is left."""
        return None if self.text is None else Edit(self.start, self.end, self.text.encode())


def line_starts_of(data: bytes) -> list[int]:
    """The offset at which each line starts, as Python counts lines (``\\n``, ``\\r\\n``, ``\\r``)."""
    starts = [0, *itertools.accumulate(map(len, data.splitlines(keepends=True)))]
    return starts if data.endswith((b"\n", b"\r")) or not data else starts[:-1]


@dataclass(frozen=True)
class TextFile:
    """One tracked file that is not Python, as it was before the move.

    :param path: its path before the move, relative to the repo.
    :param raw: its bytes; offsets of references count in them. Nothing is decoded: what we look for is ASCII.
    """

    path: str
    raw: bytes

    @property
    def data(self) -> bytes:
        """What the offsets of references count in: the same bytes."""
        return self.raw

    @cached_property
    def line_starts(self) -> list[int]:
        """The offset at which each line starts."""
        return line_starts_of(self.raw)

    def line_of(self, offset: int) -> int:
        """The number of the line that holds ``offset``, from 1."""
        return bisect.bisect_right(self.line_starts, offset)

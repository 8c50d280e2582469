"""A passage of text as its readers are given it: what is read, where it stands, and what moves (values)."""

from __future__ import annotations

import posixpath
from dataclasses import dataclass, replace
from typing import Literal

from migration.core.moves import Moves
from migration.core.references import Reference

Style = Literal["text", "patterns", "prose", "web", "python"]


@dataclass(frozen=True, slots=True)
class Place:
    """Where a text stands: what paths in it may start from.

    :param path: the file that holds it, before the move.
    :param style: what kind of text it is; decides what a leading ``/`` means.
    :param workdirs: absolute directories that stand for the repo in this file
        (see :func:`migration.text.before_a_path.workdirs`).
    """

    path: str
    style: Style = "text"
    workdirs: frozenset[str] = frozenset()

    @property
    def directory(self) -> str:
        """The file's own directory; ``""`` at the top of the repo."""
        return posixpath.dirname(self.path)


@dataclass(frozen=True, slots=True)
class Passage:
    """A text, or a part of one, that is looked through for one kind of reference.

    :param data: UTF-8 or any other encoding that contains ASCII; all offsets count in it.
    :param moves: what moves.
    :param kind: the kind to give the references.
    :param place: where the text stands.
    :param start: where the passage starts in ``data``; what stands before it is not looked at.
    :param end: where it ends; None for the end of ``data``.
    """

    data: bytes
    moves: Moves
    kind: str
    place: Place = Place("")
    start: int = 0
    end: int | None = None

    @property
    def stop(self) -> int:
        """The offset at which the passage ends."""
        return len(self.data) if self.end is None else self.end

    def part(self, start: int, end: int) -> Passage:
        """Another part of the same text."""
        return replace(self, start=start, end=end)

    def holds(self, word: bytes) -> bool:
        """Whether the passage holds these bytes."""
        return self.data.find(word, self.start, self.stop) >= 0

    def rewritten(self, span: tuple[int, int], old: str, new: str, text: str) -> Reference:
        """A reference that becomes ``text``."""
        return Reference(self.kind, *span, old, new, text)

    def left(self, span: tuple[int, int], old: str, new: str, reason: str) -> Reference:
        """A reference that is left for a reason, and open."""
        return Reference(self.kind, *span, old, new, None, reason)

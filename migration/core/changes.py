"""Changes as values: spans, renames, writes (pure). They are computed, shown, and only then done."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass


@dataclass(frozen=True, slots=True, order=True)
class Edit:
    """Replace the bytes from ``start`` up to ``end`` (offsets into the old content) by ``new``."""

    start: int
    end: int
    new: bytes


def apply_edits(data: bytes, edits: Iterable[Edit]) -> bytes:
    """``data`` with all ``edits`` done; bytes outside their spans stay as they are.

    :raises ValueError: if two edits overlap or one leaves the content.
    """
    pieces: list[bytes] = []
    done = 0
    for edit in sorted(set(edits)):
        if not done <= edit.start <= edit.end <= len(data):
            raise ValueError(f"edit {edit} overlaps another or lies outside the content")
        pieces += [data[done : edit.start], edit.new]
        done = edit.end
    return b"".join([*pieces, data[done:]])


@dataclass(frozen=True, slots=True)
class Rename:
    """Move a file without changing a byte of it. Paths are relative to the repo."""

    source: str
    target: str


@dataclass(frozen=True, slots=True)
class Write:
    """Give a file its content: a new one where it does not exist yet (``create``), else a rewrite."""

    path: str
    data: bytes
    create: bool = False
    mode: str = "100644"


@dataclass(frozen=True, slots=True)
class ChangeSet:
    """What one phase does to the tree: renames and removals first, then writes (at the new paths).

    A file is removed only where it merges into another one (an empty ``__init__.py``, or an
    identical file at the target).
    """

    renames: tuple[Rename, ...] = ()
    removes: tuple[str, ...] = ()
    writes: tuple[Write, ...] = ()

    @property
    def paths(self) -> Iterator[str]:
        """Every path that is read or written."""
        for rename in self.renames:
            yield rename.source
            yield rename.target
        yield from self.removes
        for write in self.writes:
            yield write.path

    def __bool__(self) -> bool:
        return bool(self.renames or self.removes or self.writes)


@dataclass(frozen=True, slots=True)
class Finding:
    """Something a person should know about one place: left, doubtful, or to be done by hand."""

    path: str
    line: int
    message: str
    remedy: str = ""

    def __str__(self) -> str:
        place = f"{self.path}:{self.line}" if self.line else self.path
        return f"{place}: {self.message}" + (f" -> {self.remedy}" if self.remedy else "")

"""``phased-migration: keep``: a line of a file says for itself that it stays as it is (pure).

For rules that must go on naming the old place, such as the one that keeps it from coming back. The
mark stands in a comment on the line, or on the line above where the format has no other comments.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator

from migration.core.references import Reference

MARK = "phased-migration: keep"
REASON = "the line says so"
_BYTES = MARK.encode()


def is_marked(raw: bytes, offset: int) -> bool:
    """Whether the line at ``offset``, or the one above it, holds the mark."""
    start = raw.rfind(b"\n", 0, offset) + 1
    end = raw.find(b"\n", offset)
    above = raw.rfind(b"\n", 0, max(start - 1, 0)) + 1
    return _BYTES in raw[above : end if end >= 0 else len(raw)]


def heeded(raw: bytes, references: Iterable[Reference]) -> Iterator[Reference]:
    """The same references, with those on marked lines left as they are.

    :param raw: the text that their spans count in.
    """
    marked = _BYTES in raw
    for reference in references:
        if marked and reference.text is not None and is_marked(raw, reference.start):
            yield reference.left(REASON, kept=True)
        else:
            yield reference

r"""Paths that are written with backslashes (pure): ``shop\stock\run.py`` in a batch file, ``"shop\\stock"`` in code.

They are looked for by the topmost directories that move as a whole, as other paths are, and keep their way of
writing. In Python one backslash starts an escape, so two are asked for there.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass

from migration.core.memo import once
from migration.core.moves import Moves
from migration.core.references import Reference
from migration.text.passage import Passage
from migration.text.paths import anchors


@dataclass(frozen=True, slots=True)
class _Backslashed:
    """What moves, by its path with slashes, and the pattern of all with backslashes."""

    whole: Mapping[str, str]
    pattern: re.Pattern[bytes]


@once
def _backslashed(moves: Moves) -> _Backslashed:
    whole = {old: new for old, new in anchors(moves)[0].items() if "/" in old}
    each = (re.escape(path.encode()).replace(b"/", rb"\\{1,2}") for path in sorted(whole, key=len, reverse=True))
    return _Backslashed(whole, re.compile(rb"(?<![\w.\\/\-])(?:%s)(?![\w\-])" % (b"|".join(each) or rb"(?!)")))


def backslashed(passage: Passage) -> Iterator[Reference]:
    """The paths in a text that are written with backslashes, each rewritten in the same way."""
    paths = _backslashed(passage.moves)
    if not passage.holds(b"\\"):
        return
    for match in paths.pattern.finditer(passage.data, passage.start, passage.stop):
        separators = set(re.findall(rb"\\+", match[0]))
        if len(separators) != 1 or (passage.place.style == "python" and b"\\" in separators):
            continue
        separator = separators.pop().decode()
        old = match[0].decode().replace(separator, "/")
        new = paths.whole[old]
        yield passage.rewritten(match.span(), old, new, new.replace("/", separator))

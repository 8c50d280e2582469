"""Babel's mapping: from which files messages are extracted.

https://babel.pocoo.org/en/latest/messages.html#extraction-method-mapping-and-configuration
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence

from migration.engine.coverage.keys import directory_of
from migration.engine.coverage.patterns import Glob
from migration.engine.coverage.spots import TextSpot
from migration.engine.coverage.values import Context, Entry, Group

_SECTION = re.compile(r"^\[(?P<method>[\w.]+):[ \t]*(?P<text>[^\]\s]+)[ \t]*\]", re.M)


def groups(path: str, text: str, context: Context) -> Sequence[Group]:
    """The patterns of one mapping; the last that fits decides here, where Babel takes the first."""
    return [Group("Babel: mapping", tuple(reversed(list(_entries(path, text)))))]


def _entries(path: str, text: str) -> Iterator[Entry]:
    for match in _SECTION.finditer(text):
        verdict = "" if match["method"] == "ignore" else f"extracted by {match['method']}"
        spot = TextSpot(text, match.start("text"), match.end("text"), "only")
        yield Entry(path, match["text"], spot, Glob(match["text"], directory_of(path), anchored=True), verdict)
        yield Entry(path, match["text"], spot, Glob(match["text"], ".", anchored=True), verdict)

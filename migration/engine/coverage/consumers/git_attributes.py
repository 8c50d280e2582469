"""``.gitattributes``: filters, line ends and merge drivers by pattern. https://git-scm.com/docs/gitattributes"""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence

from migration.engine.coverage.keys import directory_of
from migration.engine.coverage.patterns import Glob, Place, twin_of
from migration.engine.coverage.spots import TextSpot
from migration.engine.coverage.values import Context, Entry, Group


def groups(path: str, text: str, context: Context) -> Sequence[Group]:
    """The patterns of one file, once for each attribute: those of all files decide together."""
    return [Group(".gitattributes: patterns", tuple(_entries(path, text)), "*", gains=True)]


def _entries(path: str, text: str) -> Iterator[Entry]:
    base = directory_of(path)
    for match in re.finditer(r"^[ \t]*(?P<text>[^\s#\[\"][^\s]*)[ \t]+(?P<attributes>[^\r\n]+?)[ \t]*\r?$", text, re.M):
        pattern = Glob(match["text"], base)
        spot = TextSpot(text, match.start("text"), match.end("text"), "line")

        def twin(place: Place, pattern: Glob = pattern, rest: str = match["attributes"]) -> tuple[str, str] | None:
            line = twin_of(pattern.text, pattern.base, place)
            return (".gitattributes", f"{line} {rest}") if line else None

        for attribute in match["attributes"].split():
            name = attribute.lstrip("-!").partition("=")[0]
            verdict = "" if attribute.startswith("!") else attribute
            yield Entry(path, match["text"], spot, pattern, verdict, name, twin=twin)

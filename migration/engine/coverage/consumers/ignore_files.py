"""Files of patterns that a tool passes over: ``.gitignore`` and those that read like it, ``.dockerignore``.

https://git-scm.com/docs/gitignore, https://docs.docker.com/build/concepts/context/#dockerignore-files
"""

from __future__ import annotations

import posixpath
import re
from collections.abc import Iterator, Sequence

from migration.engine.coverage.keys import directory_of
from migration.engine.coverage.patterns import Glob, Place, twin_of
from migration.engine.coverage.spots import TextSpot
from migration.engine.coverage.values import Context, Entry, Group

_ANCHORED = (".dockerignore", ".containerignore")
_IGNORED = "ignored"


def groups(path: str, text: str, context: Context) -> Sequence[Group]:
    """The patterns of one file. Those of all ``.gitignore`` files decide together, others for themselves."""
    name = posixpath.basename(path)
    is_git, anchored = name == ".gitignore", name.endswith(_ANCHORED)
    base = directory_of(path)
    if anchored and name not in _ANCHORED:  # Dockerfile.dockerignore: the context is where the build starts
        base = "."
    found = tuple(_entries(path, text, base, anchored, is_git))
    return [
        Group(f"{name}: patterns", found, "*" if is_git else "", through_parents=not anchored, gains=True, probing=True)
    ]


def _entries(path: str, text: str, base: str, anchored: bool, is_git: bool) -> Iterator[Entry]:
    for match in re.finditer(r"^[ \t]*(?P<sign>!?)(?P<text>[^\s#!](?:[^\r\n]*\S)?)[ \t]*\r?$", text, re.M):
        pattern = Glob(match["text"], base, anchored)
        start, end = match.start("text"), match.end("text")
        sign = match["sign"]

        def twin(place: Place, pattern: Glob = pattern, sign: str = sign) -> tuple[str, str] | None:
            line = twin_of(pattern.text, pattern.base, place)
            return (".gitignore", sign + line) if line else None

        yield Entry(
            path, sign + match["text"], TextSpot(text, start, end, "line"), pattern, "" if sign else _IGNORED,
            twin=twin if is_git else None,
        )

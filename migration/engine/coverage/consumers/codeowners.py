"""CODEOWNERS: whose files these are.

https://docs.github.com/en/repositories/managing-your-repositorys-settings-and-features/customizing-your-repository/about-code-owners,
https://docs.gitlab.com/user/project/codeowners/reference/
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence

from migration.engine.coverage.patterns import Glob
from migration.engine.coverage.spots import TextSpot
from migration.engine.coverage.values import Context, Entry, Group

_SECTION = re.compile(r"[ \t]*\^?\[(?P<name>[^\]]+)\](?:\[\d+\])?[ \t]*(?P<owners>[^#\r\n]*)")
_RULE = re.compile(r"[ \t]*(?P<text>[^\s#](?:\\.|[^\s\\])*)(?P<owners>[^#\r\n]*)")


def groups(path: str, text: str, context: Context) -> Sequence[Group]:
    """The lines of one file: the last that fits decides, in each section of GitLab's."""
    return [Group("CODEOWNERS: owners", tuple(_entries(path, text)))]


def _entries(path: str, text: str) -> Iterator[Entry]:
    section, default, offset = "", "", 0
    for line in text.splitlines(keepends=True):
        start, offset = offset, offset + len(line)
        if head := _SECTION.match(line):
            section, default = head["name"].lower(), head["owners"].strip()
        elif rule := _RULE.match(line):
            spot = TextSpot(text, start + rule.start("text"), start + rule.end("text"), "line")
            owners = " ".join((rule["owners"].strip() or default).split())
            yield Entry(path, rule["text"], spot, Glob(rule["text"].replace("\\ ", " ")), owners, section)

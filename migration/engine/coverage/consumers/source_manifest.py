"""``MANIFEST.in``: which files go into a source distribution.

https://setuptools.pypa.io/en/latest/userguide/miscellaneous.html#using-manifest-in
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence

from migration.core.names import path_under
from migration.engine.coverage.keys import directory_of
from migration.engine.coverage.patterns import Directory, Glob, Pattern, Wild
from migration.engine.coverage.spots import TextSpot
from migration.engine.coverage.values import Context, Entry, Group

_LINE = re.compile(
    r"^[ \t]*(?P<command>include|exclude|recursive-include|recursive-exclude|global-include|global-exclude|graft|prune)"
    r"[ \t]+(?P<words>[^#\r\n]*\S)", re.M
)  # fmt: skip


def groups(path: str, text: str, context: Context) -> Sequence[Group]:
    """The commands of one file, in their order."""
    return [Group("MANIFEST.in: commands", tuple(_entries(path, text)))]


def _entries(path: str, text: str) -> Iterator[Entry]:
    base = directory_of(path)
    for line in _LINE.finditer(text):
        command = line["command"]
        verdict = "" if command.endswith("exclude") or command == "prune" else "packed"
        words = [(word[0], line.start("words") + word.start()) for word in re.finditer(r"\S+", line["words"])]
        if command.startswith("recursive"):
            (directory, at), *globs = words
            for glob, _ in globs:
                spot = TextSpot(text, at, at + len(directory), "line")
                yield Entry(path, directory, spot, _Below(glob, path_under(base, directory.strip("/")), base), verdict)
            continue
        for word, at in words:
            spot = TextSpot(text, at, at + len(word), "line" if len(words) == 1 else "words")
            pattern: Pattern = Directory(word, base) if command in ("graft", "prune") else Glob(word, base, True)
            if command.startswith("global"):
                pattern = Wild(word, base)
            yield Entry(path, word, spot, pattern, verdict)


class _Below(Wild):
    """Names of files below a directory: what is written for another place is the directory."""

    def __init__(self, text: str, directory: str, base: str) -> None:
        super().__init__(text, directory)
        object.__setattr__(self, "at", Directory(directory, base))

    def renewed(self, place: tuple[str, str]) -> Sequence[Sequence[str]]:
        at: Directory = self.at  # type: ignore[attr-defined]
        return at.renewed(place)

"""pytest: where it looks for tests (``testpaths``), and where it does not (``norecursedirs``, ``--ignore``).

https://docs.pytest.org/en/stable/reference/customize.html
"""

from __future__ import annotations

import fnmatch
import posixpath
import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from migration.core.names import is_python
from migration.engine.coverage.keys import directory_of, listed, path_or_package
from migration.engine.coverage.patterns import Directory, Everything, Glob, Pattern, Wild, below
from migration.engine.coverage.spots import File, Spot
from migration.engine.coverage.values import Context, Entry, Group

_TABLES = (
    "pytest.ini:pytest", ".pytest.ini:pytest", "tox.ini:pytest", "setup.cfg:tool:pytest",
    "pyproject.toml:tool.pytest.ini_options", "pyproject.toml:tool.pytest",
    "pytest.toml:pytest", ".pytest.toml:pytest",
)  # fmt: skip
_COLLECTED = "collected"
_IGNORES = re.compile(r"--ignore(?P<glob>-glob)?=(?P<path>.+)")


@dataclass(frozen=True)
class _Named:
    """Directories by their name, or by their path from where it has a slash (``norecursedirs``)."""

    text: str
    base: str

    whole = False
    exact = False

    def may_touch(self, place: str) -> bool:
        return True

    def matches(self, path: str) -> bool:
        relative = below(posixpath.dirname(path), self.base)
        parts = relative.split("/") if relative else []
        if "/" not in self.text:
            return any(fnmatch.fnmatchcase(part, self.text) for part in parts)
        heads = ("/".join(parts[: end + 1]) for end in range(len(parts)))
        return any(fnmatch.fnmatchcase("/" + head, "*/" + self.text) for head in heads)

    def renewed(self, place: tuple[str, str]) -> Sequence[Sequence[str]]:
        new = below(place[1], self.base)
        return [[new]] if new and "/" in self.text else ()

    def probes(self, place: tuple[str, str]) -> Sequence[str]:
        return ()


def groups(path: str, text: str, context: Context) -> Sequence[Group]:
    """What pytest is told in one file.

    :raises ValueError: if the file can't be read as what it is.
    """
    base = directory_of(path)
    files = [pattern for pattern, _ in _listed(path, text, "python_files")] or ["test_*.py", "*_test.py"]
    options = list(_listed(path, text, "addopts"))
    doctests = any(word == "--doctest-modules" for word, _ in options)
    found = [
        Entry(path, word, spot, _pattern(word, base), _COLLECTED)
        for word, spot in _listed(path, text, "testpaths")
    ]
    out = [Entry(path, word, spot, _Named(word, base), "") for word, spot in _listed(path, text, "norecursedirs")]
    for word, spot in options:
        if match := _IGNORES.fullmatch(word):
            pattern: Pattern = (Wild if match["glob"] else Directory)(match["path"], base)
            lead = word[: match.start("path")]
            out.append(Entry(path, word, spot, pattern, "", write=lead.__add__))
    if out and not found:
        found = [Entry(path, "", File(), Everything(base), _COLLECTED)]

    def concerns(old: str) -> bool:
        name = posixpath.basename(old)
        if doctests and name.endswith(".py"):
            return True
        return any(fnmatch.fnmatchcase(old if "/" in one else name, f"*{one}" if "/" in one else one) for one in files)

    measured = tuple(_measured(path, base, context, options))
    return [
        Group("pytest: testpaths", (*found, *out), concerns=concerns),
        Group("pytest: --cov", measured, concerns=is_python),
    ]


def _measured(
    path: str, base: str, context: Context, options: Sequence[tuple[str, Spot]]
) -> Iterator[Entry]:
    """``--cov=``: a directory or a package."""
    for word, spot in options:
        if word.startswith("--cov=") and word not in ("--cov=", "--cov=."):
            pattern = path_or_package(word[len("--cov=") :], base, context)
            yield Entry(path, word, spot, pattern, "measured", write="--cov=".__add__)


def _listed(path: str, text: str, key: str) -> Iterator[tuple[str, Spot]]:
    return listed(path, text, [f"{table}.{key}" for table in _TABLES], "words")


def _pattern(text: str, base: str) -> Pattern:
    return Glob(text, base, anchored=True) if re.search(r"[*?\[]", text) else Directory(text, base)

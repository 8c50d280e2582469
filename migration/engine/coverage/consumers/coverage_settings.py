"""coverage and codecov: what is measured, and what is left out.

https://coverage.readthedocs.io/en/latest/config.html, https://docs.codecov.com/docs/codecovyml-reference
"""

from __future__ import annotations

import posixpath
from collections.abc import Iterator, Sequence

from migration.core.names import is_python
from migration.engine.coverage.documents import entries
from migration.engine.coverage.keys import directory_of, listed, path_or_package
from migration.engine.coverage.patterns import Directory, Glob, Pattern, Regex, Wild
from migration.engine.coverage.values import Context, Entry, Group

_TABLES = ((".coveragerc", ""), ("setup.cfg", "coverage:"), ("tox.ini", "coverage:"),
           ("pyproject.toml", "tool.coverage."))  # fmt: skip
_CODECOV = (("flags", "*", "paths"), ("component_management", "individual_components", "*", "paths"),
            ("coverage", "status", "project", "*", "paths"), ("coverage", "status", "patch", "*", "paths"))  # fmt: skip
_MEASURED = "measured"


def groups(path: str, text: str, context: Context) -> Sequence[Group]:
    """What is measured, by one file.

    :raises ValueError: if the file can't be read as what it is.
    """
    base = directory_of(path)
    if posixpath.basename(path).lstrip(".").startswith("codecov"):
        return list(_codecov(path, text))
    if path.endswith(".properties"):
        return [Group("sonar: sources", tuple(_sonar(path, text, base)))]
    found = [
        Entry(path, word, spot, path_or_package(word, base, context), _MEASURED)
        for key in ("source", "source_pkgs", "source_dirs")
        for word, spot in listed(path, text, _keys(f"run.{key}"), "commas")
    ]
    out = [
        Group(f"coverage: {key}", tuple(
            Entry(path, word, spot, Wild(word, base), _MEASURED if key.endswith("include") else "left out")
            for word, spot in listed(path, text, _keys(key), "commas")
        ), concerns=is_python)
        for key in ("run.include", "run.omit", "report.include", "report.omit")
    ]  # fmt: skip
    return [Group("coverage: source", tuple(found), concerns=is_python), *out]


def _keys(key: str) -> list[str]:
    return [f"{file}:{lead}{key}" for file, lead in _TABLES]


def _codecov(path: str, text: str) -> Iterator[Group]:
    ignored = [Entry(path, word, spot, _loose(word), "ignored") for _, (word, spot) in entries(path, text, ("ignore",))]
    yield Group("codecov: ignore", tuple(ignored))
    for keys in _CODECOV:
        stated = entries(path, text, keys)
        found = [Entry(path, word, spot, _loose(word), star, star) for (star,), (word, spot) in stated]
        yield Group(f"codecov: {'.'.join(keys)}", tuple(found))


def _loose(word: str) -> Pattern:
    """Codecov takes globs, directories, and regular expressions."""
    if word.startswith("^") or ".*" in word:
        return Regex(word, items=True)
    return Glob(word, ".", True)


def _sonar(path: str, text: str, base: str) -> Iterator[Entry]:
    for key, verdict in (("sonar.sources", "sources"), ("sonar.tests", "tests"), ("sonar.exclusions", "left out"),
                         ("sonar.coverage.exclusions", "no coverage"), ("sonar.test.inclusions", "tests to run"),
                         ("sonar.inclusions", "included"), ("sonar.cpd.exclusions", "copies")):  # fmt: skip
        for _, (word, spot) in entries(path, text, ("", key), "commas"):
            pattern = Glob(word, base, True) if "*" in word else Directory(word, base)
            yield Entry(path, word, spot, pattern, verdict, key)

"""ruff, flake8, black, isort, pylint: which files they look at, and what they let pass there.

https://docs.astral.sh/ruff/settings/, https://flake8.pycqa.org/en/latest/user/options.html,
https://black.readthedocs.io/en/stable/usage_and_configuration/the_basics.html, https://pycqa.github.io/isort/,
https://pylint.readthedocs.io/en/stable/user_guide/configuration/all-options.html
"""

from __future__ import annotations

import posixpath
import re
from collections.abc import Callable, Iterator, Sequence

from migration.core.names import is_python
from migration.engine.coverage.documents import options, value
from migration.engine.coverage.keys import directory_of, listed
from migration.engine.coverage.patterns import Directory, Glob, Modules, Pattern, Regex, Wild
from migration.engine.coverage.spots import TextSpot
from migration.engine.coverage.values import Context, Entry, Group

_FLAKE8 = (".flake8:flake8", "setup.cfg:flake8", "tox.ini:flake8")
_ISORT = (".isort.cfg:settings", "setup.cfg:isort", "tox.ini:isort", "pyproject.toml:tool.isort")
_PYLINT = (".pylintrc:MASTER", "pylintrc:MASTER", ".pylintrc:MAIN", "pylintrc:MAIN", "setup.cfg:pylint.main",
           "setup.cfg:pylint.MASTER", "pyproject.toml:tool.pylint.main", "pyproject.toml:tool.pylint.MASTER",
           "pyproject.toml:tool.pylint.master", "pyproject.toml:tool.pylint")  # fmt: skip
_FILES_AND_CODES = re.compile(r"(?P<files>[^\s:#][^:\n]*?)[ \t]*:[ \t]*(?P<codes>[A-Z0-9, \t]+)")
_LEFT_OUT, _OURS = "left out", "first party"


def groups(path: str, text: str, context: Context) -> Sequence[Group]:
    """What they are told in one file.

    :raises ValueError: if the file can't be read as what it is.
    """
    base = directory_of(path)
    found = [
        *_ruff(path, text, base, context.roots),
        Group("flake8: exclude", tuple(_each(path, text, _keys(_FLAKE8, "exclude", "extend-exclude"), "commas",
                                              lambda word: Wild(word, base), _LEFT_OUT))),
        Group("flake8: per-file-ignores", tuple(_flake8_files(path, text, base))),
        Group("black: exclude", tuple(_black(path, text, base))),
        Group("isort: skip", tuple(_each(path, text, _keys(_ISORT, "skip", "extend_skip", "skip_glob",
                                                           "extend_skip_glob"), "commas", lambda word: Wild(word, base),
                                         _LEFT_OUT))),
        Group("isort: known_first_party", tuple(_first_party(path, text, _keys(_ISORT, "known_first_party"), context))),
        *_pylint(path, text, base),
        Group("bandit: exclude", tuple(_each(
            path, text, ("pyproject.toml:tool.bandit.exclude_dirs", ".bandit:bandit.exclude"), "commas",
            lambda word: Directory(word.lstrip("/"), base), _LEFT_OUT))),
    ]
    return [Group(group.name, group.entries, group.scope, is_python) for group in found]


def _keys(tables: Sequence[str], *keys: str) -> list[str]:
    return [f"{table}.{key}" for table in tables for key in keys]


def _each(
    path: str, text: str, keys: Sequence[str], split: str, pattern: Callable[[str], Pattern], verdict: str
) -> Iterator[Entry]:
    for word, spot in listed(path, text, keys, "commas" if split == "commas" else "item"):
        yield Entry(path, word, spot, pattern(word), verdict)


def _first_party(path: str, text: str, keys: Sequence[str], context: Context) -> Iterator[Entry]:
    for word, spot in listed(path, text, keys, "commas"):
        yield Entry(path, word, spot, Modules(word, context.roots, top="." not in word), _OURS)


def _ruff(path: str, text: str, base: str, roots: tuple[str, ...]) -> Iterator[Group]:
    name = posixpath.basename(path)
    if not name.endswith(".toml"):
        return
    head = "tool.ruff." if name == "pyproject.toml" else ""
    prefix = tuple(head.rstrip(".").split(".")) if head else ()

    def keys(*wanted: str) -> list[str]:
        return [f"{name}:{head}{key}" for key in wanted]

    def glob(word: str) -> Pattern:
        return Glob(word, base) if "/" not in word.strip("/") or "**" in word else Wild(word, base)

    yield Group("ruff: exclude", tuple(_each(path, text, keys("exclude", "extend-exclude"), "item", glob, _LEFT_OUT)))
    for part in ("lint", "format"):
        found = tuple(_each(path, text, keys(f"{part}.exclude"), "item", glob, _LEFT_OUT))
        yield Group(f"ruff: {part}.exclude", found)
    included = tuple(_each(path, text, keys("include"), "item", glob, "included"))
    yield Group("ruff: include", included)
    files = []
    for table in (f"{lint}{more}per-file-ignores" for lint in ("", "lint.") for more in ("", "extend-")):
        for word, spot in listed(path, text, keys(table), "key"):
            codes = value(path, text, (*prefix, *table.split("."), word))
            for code in codes if isinstance(codes, list) else ():
                files.append(Entry(path, word, spot, Wild(word, base), f"ignores {code}", str(code)))
    yield Group("ruff: per-file-ignores", tuple(files))
    ours = keys("isort.known-first-party", "lint.isort.known-first-party")
    found = tuple(
        Entry(path, word, spot, Modules(word, roots, top="." not in word), _OURS)
        for word, spot in listed(path, text, ours)
    )
    yield Group("ruff: known-first-party", found)


def _flake8_files(path: str, text: str, base: str) -> Iterator[Entry]:
    """``per-file-ignores``: files, a colon, codes; by line or by comma."""
    wanted = {place.partition(":")[2] for place in _FLAKE8 if place.startswith(posixpath.basename(path) + ":")}
    if not wanted or path.endswith(".toml"):
        return
    for (section, option), (start, end) in options(text).items():
        if section in wanted and option == "per-file-ignores":
            for match in _FILES_AND_CODES.finditer(text[start:end]):
                for word in re.finditer(r"[^\s,]+", match["files"]):
                    first = start + match.start("files") + word.start()
                    alone = word[0] == match["files"] and "\n" in text[start:end]
                    spot = TextSpot(text, first, first + len(word[0]), "line" if alone else "words", comma=True)
                    for code in re.findall(r"[A-Z]+\d*", match["codes"]):
                        yield Entry(path, word[0], spot, Wild(word[0], base), f"ignores {code}", code)


def _black(path: str, text: str, base: str) -> Iterator[Entry]:
    if path.endswith("pyproject.toml"):
        for key in ("exclude", "extend-exclude", "force-exclude"):
            for word, spot in listed(path, text, (f"pyproject.toml:tool.black.{key}",)):
                flags = re.VERBOSE if "\n" in word else 0
                yield Entry(path, word, spot, Regex(word, base, flags=flags, lead="/"), _LEFT_OUT)


def _pylint(path: str, text: str, base: str) -> Iterator[Group]:
    names = tuple(
        Entry(path, word, spot, Wild(word, base), _LEFT_OUT)
        for word, spot in listed(path, text, _keys(_PYLINT, "ignore"), "commas")
    )
    paths = tuple(
        Entry(path, word, spot, Regex(word, base, start=True, items=True), _LEFT_OUT)
        for word, spot in listed(path, text, _keys(_PYLINT, "ignore-paths"), "commas")
    )
    yield Group("pylint: ignore", (*names, *paths))

"""mypy and pyright: which files are checked, and which modules have settings of their own.

https://mypy.readthedocs.io/en/stable/config_file.html, https://microsoft.github.io/pyright/#/configuration
"""

from __future__ import annotations

import json
import posixpath
import re
from collections.abc import Iterator, Sequence
from dataclasses import replace

from migration.core.names import is_python
from migration.engine.coverage.documents import TomlSpot, entries, options, value
from migration.engine.coverage.keys import directory_of, listed
from migration.engine.coverage.patterns import Directory, Everything, Glob, ModuleGlob, Modules, Pattern, Regex
from migration.engine.coverage.spots import File, TextSpot
from migration.engine.coverage.values import Context, Entry, Group

_INI = ("mypy.ini", ".mypy.ini", "setup.cfg")
_CHECKED = "checked"


def groups(path: str, text: str, context: Context) -> Sequence[Group]:
    """What the two are told in one file.

    :raises ValueError: if the file can't be read as what it is.
    """
    checked = [*_files(path, text, context.roots), *_excluded(path, text)]
    if checked and not any(entry.verdict for entry in checked):
        checked.insert(0, Entry(path, "", File(), Everything(directory_of(path)), _CHECKED))
    return [
        Group("mypy: files", tuple(checked), concerns=is_python),
        Group("mypy: settings of modules", tuple(_sections(path, text, context.roots)), concerns=is_python),
        *_pyright(path, text),
    ]


def _places(key: str) -> list[str]:
    return [f"{name}:mypy.{key}" for name in _INI] + [f"pyproject.toml:tool.mypy.{key}"]


def _files(path: str, text: str, roots: tuple[str, ...]) -> Iterator[Entry]:
    base = directory_of(path)
    for word, spot in listed(path, text, _places("files"), "commas"):
        wild = re.search(r"[*?\[]", word)
        yield Entry(path, word, spot, Glob(word, base, True) if wild else Directory(word, base), _CHECKED)
    for key in ("packages", "modules"):
        for word, spot in listed(path, text, _places(key), "commas"):
            yield Entry(path, word, spot, Modules(word, roots, inner=key == "packages"), _CHECKED)


def _excluded(path: str, text: str) -> Iterator[Entry]:
    base = directory_of(path)
    items = path.endswith(".toml") and isinstance(value(path, text, ("tool", "mypy", "exclude")), list)
    for word, spot in listed(path, text, _places("exclude")):
        yield Entry(path, word, spot, Regex(word, base, items=items), "")


def _sections(path: str, text: str, roots: tuple[str, ...]) -> Iterator[Entry]:
    name = posixpath.basename(path)
    if name == "pyproject.toml":
        overrides = value(path, text, ("tool", "mypy", "overrides"))
        for (number,), (word, spot) in entries(path, text, ("tool", "mypy", "overrides", "*", "module")):
            settings = {key: item for key, item in overrides[int(number)].items() if key != "module"}
            if isinstance(spot, TomlSpot) and spot.style == "only":
                spot = replace(spot, style="list")
            for key, item in settings.items():
                said = f"{key} = {json.dumps(item, default=str)}"
                yield Entry(path, word, spot, ModuleGlob(word, roots, "mypy"), said, key)
        return
    found = options(text) if name in _INI else {}
    for (section, option), (start, end) in found.items():
        if section.startswith("mypy-") and option:
            said = f"{option} = {' '.join(text[start:end].split())}"
            first = found[section, ""][0] + len("mypy-")
            for match in re.finditer(r"[^\s,]+", section[len("mypy-") :]):
                spot = TextSpot(text, first + match.start(), first + match.end(), "words", comma=True)
                yield Entry(path, match[0], spot, ModuleGlob(match[0], roots, "mypy"), said, option)


def _pyright(path: str, text: str) -> list[Group]:
    base = directory_of(path)
    found: list[Group] = []
    for key, verdict in (("include", _CHECKED), ("exclude", ""), ("strict", "strict"), ("ignore", "ignored")):
        entries_of = [
            Entry(path, word, spot, _path(word, base), verdict)
            for word, spot in listed(path, text, (f"pyrightconfig.json:{key}", f"pyproject.toml:tool.pyright.{key}"))
        ]
        if key == "exclude" and found:
            found[-1] = Group("pyright: files", (*found[-1].entries, *entries_of), concerns=is_python)
        elif entries_of or key == "include":
            implied = [] if entries_of else [Entry(path, "", File(), Everything(base), _CHECKED)]
            name = "pyright: files" if key == "include" else f"pyright: {key}"
            found.append(Group(name, tuple(entries_of or implied), concerns=is_python))
    return found if any(not entry.implied for group in found for entry in group.entries) else []


def _path(word: str, base: str) -> Pattern:
    return Glob(word, base, True) if re.search(r"[*?]", word) else Directory(word, base)

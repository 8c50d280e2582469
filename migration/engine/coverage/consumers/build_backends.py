"""Hatch, Poetry, Flit, PDM, uv: which files are built, in ``pyproject.toml``.

https://hatch.pypa.io/latest/config/build/, https://python-poetry.org/docs/pyproject/#packages,
https://flit.pypa.io/en/stable/pyproject_toml.html, https://backend.pdm-project.org/build_config/,
https://docs.astral.sh/uv/concepts/build-backend/
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from migration.core.names import path_under
from migration.engine.coverage.documents import value
from migration.engine.coverage.keys import directory_of, listed, starred
from migration.engine.coverage.patterns import Directory, Glob, Modules, Pattern
from migration.engine.coverage.values import Context, Entry, Group

_BUILT = "built"


def groups(path: str, text: str, context: Context) -> Sequence[Group]:
    """What the backend of one project builds.

    :raises ValueError: if the file can't be read as what it is.
    """
    base = directory_of(path)
    if path.endswith("hatch.toml"):
        return _hatch(path, text, base, "hatch.toml:build")
    return [
        *_hatch(path, text, base, "pyproject.toml:tool.hatch.build"),
        Group("poetry: packages", tuple(_poetry(path, text, base))),
        Group("poetry: include", _globs(path, text, base, "tool.poetry.include", "tool.poetry.exclude")),
        Group("flit: sdist", _globs(path, text, base, "tool.flit.sdist.include", "tool.flit.sdist.exclude")),
        Group("flit: module", _module(path, text, base, context, "tool.flit.module.name")),
        Group("pdm: build", _globs(path, text, base, "tool.pdm.build.includes", "tool.pdm.build.excludes")),
        Group("uv: module", _module(path, text, base, context, "tool.uv.build-backend.module-name")),
        Group("uv: source", _globs(path, text, base, "tool.uv.build-backend.source-include",
                                   "tool.uv.build-backend.source-exclude")),
    ]  # fmt: skip


def _hatch(path: str, text: str, base: str, table: str) -> list[Group]:
    found: dict[str, list[Entry]] = {}
    for head in (table, f"{table}.targets.*"):
        for key in ("only-include", "packages", "include", "exclude"):
            for stars, (word, spot) in starred(path, text, [f"{head}.{key}"]):
                pattern: Pattern = Glob(word, base) if key in ("include", "exclude") else Directory(
                    word, base, top=key == "packages")
                entry = Entry(path, word, spot, pattern, "" if key == "exclude" else _BUILT)
                found.setdefault(" ".join(["hatch: build", *stars]), []).append(entry)
    return [Group(name, tuple(entries)) for name, entries in found.items() if any(one.verdict for one in entries)]


def _globs(path: str, text: str, base: str, include: str, exclude: str) -> tuple[Entry, ...]:
    return tuple(
        Entry(path, word, spot, Glob(word, base, True), verdict)
        for key, verdict in ((include, _BUILT), (exclude, ""))
        for word, spot in listed(path, text, (f"pyproject.toml:{key}",))
    )


def _poetry(path: str, text: str, base: str) -> Iterator[Entry]:
    packages = value(path, text, ("tool", "poetry", "packages"))
    for (number,), (word, spot) in starred(path, text, ("pyproject.toml:tool.poetry.packages.*.include",)):
        table = packages[int(number)]
        place = path_under(base, str(table.get("from", ".")).strip("/") or ".")
        pattern: Pattern = Glob(word, place, True) if "*" in word else Directory(word, place)

        def hint(moved: tuple[str, str], table: dict[str, object] = table, place: str = place) -> str:
            lead = "" if "from" not in table else f', from = "{table["from"]}"'
            inner = moved[1].removeprefix(place + "/" if place != "." else "").partition("/")[0]
            return f'add {{include = "{inner}"{lead}}} to packages'

        yield Entry(path, word, spot, pattern, _BUILT, " ".join(_formats(table)), hint=hint)


def _formats(table: dict[str, object]) -> list[str]:
    formats = table.get("format", [])
    return sorted(map(str, formats)) if isinstance(formats, list) else [str(formats)]


def _module(path: str, text: str, base: str, context: Context, key: str) -> tuple[Entry, ...]:
    found = listed(path, text, (f"pyproject.toml:{key}",))
    return tuple(Entry(path, word, spot, Modules(word, context.roots), _BUILT) for word, spot in found)

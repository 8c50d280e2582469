"""setuptools: which packages and data files are built, in ``pyproject.toml`` and ``setup.cfg``.

https://setuptools.pypa.io/en/latest/userguide/package_discovery.html
"""

from __future__ import annotations

import posixpath
from collections.abc import Iterator, Sequence

from migration.core.names import is_python, path_under
from migration.engine.coverage.documents import options
from migration.engine.coverage.keys import directory_of, listed, starred
from migration.engine.coverage.patterns import Everything, Glob, ModuleGlob, Modules, Package, Place, below
from migration.engine.coverage.spots import File, Spot
from migration.engine.coverage.values import Context, Entry, Group

_FIND = ("pyproject.toml:tool.setuptools.packages.find", "setup.cfg:options.packages.find")
_LIST = ("pyproject.toml:tool.setuptools.packages", "setup.cfg:options.packages")
_BUILT = "built"


def groups(path: str, text: str, context: Context) -> Sequence[Group]:
    """The packages and data files that one file names.

    :raises ValueError: if the file can't be read as what it is.
    """
    base = directory_of(path)
    packages = [*_found(path, text, base), *_listed(path, text, base), *_of_pbr(path, text, context.roots)]
    data = tuple(_data(path, text, base, "package-data", "package_data"))
    out = tuple(_data(path, text, base, "exclude-package-data", "exclude_package_data"))
    return [
        Group("setuptools: packages", tuple(packages), concerns=is_python),
        Group("setuptools: package data", data),
        Group("setuptools: excluded package data", out),
    ]


def _found(path: str, text: str, base: str) -> Iterator[Entry]:
    wheres = [word for word, _ in listed(path, text, [f"{table}.where" for table in _FIND], "commas")] or ["."]
    found = list(listed(path, text, [f"{table}.include" for table in _FIND], "commas"))
    excluded = list(listed(path, text, [f"{table}.exclude" for table in _FIND], "commas"))
    for where in wheres:
        place = posixpath.normpath(path_under(base, where))
        if excluded and not found:
            yield Entry(path, "", File(), Everything(place), _BUILT)
        for word, spot in found:
            yield Entry(path, word, spot, ModuleGlob(word, where=place), _BUILT)
        for word, spot in excluded:
            yield Entry(path, word, spot, ModuleGlob(word, where=place), "")


def _listed(path: str, text: str, base: str) -> Iterator[Entry]:
    root = _package_root(path, text, base)
    for word, spot in listed(path, text, _LIST, "commas"):
        if not word.startswith(("find:", "find_namespace:")):
            yield Entry(path, word, spot, Package(word, root), _BUILT)


def _of_pbr(path: str, text: str, roots: tuple[str, ...]) -> Iterator[Entry]:
    """pbr's packages, each with all below it (https://docs.openstack.org/pbr/latest/user/using.html#files)."""
    for word, spot in listed(path, text, ("setup.cfg:files.packages",), "commas"):
        yield Entry(path, word, spot, Modules(word, roots, top=True), _BUILT)


def _package_root(path: str, text: str, base: str) -> str:
    """The directory that ``package_dir`` names for packages at the top."""
    for word, _ in listed(path, text, ("setup.cfg:options.package_dir",), "words"):
        if word.startswith("="):
            return posixpath.normpath(path_under(base, word[1:].strip() or "."))
    for word, _ in listed(path, text, ("pyproject.toml:tool.setuptools.package-dir.",)):
        return posixpath.normpath(path_under(base, word))
    return base


def _data(path: str, text: str, base: str, key: str, section: str) -> Iterator[Entry]:
    root = _package_root(path, text, base)
    places = (f"pyproject.toml:tool.setuptools.{key}.*", f"setup.cfg:options.{section}.*")
    entries_of = [
        *starred(path, text, places[:1]),
        *((stars, found) for stars, found in _options(path, text, f"options.{section}")),
    ]
    for (package, *_), (word, spot) in entries_of:
        if package not in ("*", ""):
            place = path_under(root, package.replace(".", "/"))

            def hint(moved: Place, word: str = word, root: str = root) -> str:
                inner = below(moved[1], root)
                return f"list {word} under the package that holds {inner or moved[1]}"

            yield Entry(path, word, spot, Glob(word, place, True), "data", hint=hint)


def _options(path: str, text: str, section: str) -> Iterator[tuple[tuple[str, ...], tuple[str, Spot]]]:
    """The options of a section of ``setup.cfg``, each with its values."""
    if posixpath.basename(path) == "setup.cfg":
        for name, option in options(text):
            if name == section and option:
                for word, spot in listed(path, text, (f"setup.cfg:{section}.{option}",), "commas"):
                    yield (option,), (word, spot)

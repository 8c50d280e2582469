"""The tree that is being moved: its files before and after each phase, its roots, its modules."""

from __future__ import annotations

import functools
import os
import tomllib
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path
from typing import Any

from migration.core.changes import ChangeSet
from migration.core.names import (
    compiled_from,
    directories_of,
    is_package_file,
    is_python,
    is_under,
    module_of,
    parent,
    path_under,
)
from migration.python.source_file import SourceFile
from migration.repo.git.git import SUBMODULE, SYMLINK
from migration.repo.tree.source_roots import INI_FILES, of_ini, of_manage, of_pyproject

# Directories below the repo that are on sys.path by convention, where they are no packages themselves.
_USUAL_ROOTS = ("src", "lib", "python")


class Tree:
    """The tracked files of one state of the repo; contents are read when they are asked for.

    :param root: the repo on disk.
    :param modes: path -> octal git mode.
    :param contents: path -> what the file holds in this state, where that differs from the disk:
        its bytes, or the path on disk that holds them.
    """

    def __init__(
        self, root: Path, modes: Mapping[str, str], contents: Mapping[str, bytes | str] | None = None
    ) -> None:
        self.root = root
        self.modes = dict(sorted(modes.items()))
        self._contents = dict(contents or {})
        self.indexes: dict[tuple[str, ...], dict[str, bool]] = {}

    def __contains__(self, path: object) -> bool:
        return path in self.modes

    def __iter__(self) -> Iterator[str]:
        return iter(self.modes)

    def __len__(self) -> int:
        return len(self.modes)

    def read(self, path: str) -> bytes:
        """The bytes of a file; of a symbolic link, where it points."""
        content = self._contents.get(path, path)
        if isinstance(content, bytes):
            return content
        full = f"{self.root}/{content}"  # joining Paths takes as long as reading
        if self.modes.get(path) == SYMLINK:
            return os.fsencode(os.readlink(full))
        with open(full, "rb") as stream:
            return stream.read()

    def is_regular(self, path: str) -> bool:
        """Whether the path is a plain file: no symbolic link, no submodule."""
        return self.modes[path] not in (SYMLINK, SUBMODULE)

    def under(self, directory: str) -> list[str]:
        """The files below a directory, sorted."""
        return [path for path in self.modes if is_under(path, directory)]

    @cached_property
    def directories(self) -> frozenset[str]:
        """Every directory that holds a tracked file, at any depth; the repo itself is ``"."``."""
        return frozenset({".", *directories_of(self.modes)})

    def changed(self, changes: ChangeSet) -> Tree:
        """This tree after ``changes``; the disk stays as it is."""
        modes, contents = dict(self.modes), dict(self._contents)
        moved = {rename.source: (modes.pop(rename.source), contents.pop(rename.source, rename.source))
                 for rename in changes.renames}
        for path in changes.removes:
            modes.pop(path, None)
            contents.pop(path, None)
        for rename in changes.renames:
            modes[rename.target], contents[rename.target] = moved[rename.source]
        for write in changes.writes:
            modes[write.path] = write.mode if write.create else modes[write.path]
            contents[write.path] = write.data
        return Tree(self.root, modes, contents)


@dataclass(frozen=True)
class Project:
    """What a phase works on.

    :param baseline: the tree before the move (with what people have changed since).
    :param before: the tree as this phase finds it: the baseline and what earlier phases did.
    :param roots: the directories that are on ``sys.path``, relative to the repo.
    :param candidates: lists the files of the work tree that hold one of some byte strings.
    :param only: restrict the work to this one file (its path before or after the move).
    :param made: files that earlier runs have created; they are not in ``baseline``.
    """

    root: Path
    roots: tuple[str, ...]
    baseline: Tree
    before: Tree
    candidates: Callable[[tuple[bytes, ...]], list[str]]
    jobs: int = 1
    only: str | None = None
    made: frozenset[str] = frozenset()

    @cached_property
    def modules(self) -> dict[str, bool]:
        """Every importable module and package of the baseline -> whether it is a package."""
        return module_index(self.baseline, self.roots)

    def module_of(self, path: str) -> str | None:
        """The dotted name of a file, or None where it can't be imported."""
        return module_of(path, self.roots)

    def source(self, path: str, tree: Tree | None = None) -> SourceFile:
        """One Python file of the baseline (or of ``tree``)."""
        where = self.baseline if tree is None else tree
        return SourceFile(path, where.read(path), self.module_of(path))

    def reader(self, tree: Tree | None = None) -> Callable[[str], SourceFile | None]:
        """Gives the source of a module of the baseline (or of ``tree``) by its dotted name.

        None where it has none. A module is read, and parsed, once for each reader.
        """

        def read(module: str) -> SourceFile | None:
            path = self.path_of(module, tree)
            return self.source(path, tree) if path else None

        return functools.cache(read)

    def path_of(self, module: str, tree: Tree | None = None) -> str | None:
        """The file that defines a module or package, or None (unknown, or a namespace package)."""
        where = self.baseline if tree is None else tree
        inner = module.replace(".", "/")
        for root in self.roots:
            for name in (f"{inner}/__init__.py", f"{inner}.py", f"{inner}/__init__.pyi", f"{inner}.pyi"):
                if (path := path_under(root, name)) in where:
                    return path
        return None


def module_index(tree: Tree, roots: tuple[str, ...]) -> dict[str, bool]:
    """Every importable module of a tree -> whether it is a package (namespace packages included).

    Worked out once for each tree: it is the same value each time.
    """
    if roots not in tree.indexes:
        tree.indexes[roots] = _module_index(tree, roots)
    return tree.indexes[roots]


def _module_index(tree: Tree, roots: tuple[str, ...]) -> dict[str, bool]:
    found: dict[str, bool] = {}
    outer = {root: outer_roots(tree, roots, root) for root in roots}
    named = ((path, module_of(compiled_from(path), roots)) for path in tree if is_python(compiled_from(path)))
    within = ((path, module_of(path, above)) for root, above in outer.items() if above for path in tree.under(root))
    for path, module in (*named, *within):
        if module is None:
            continue
        found[module] = found.get(module, False) or is_package_file(path)
        package = parent(module)
        while package and not found.get(package):
            found.setdefault(package, True)  # but a module a.py hides a directory a without __init__
            package = parent(package)
    return found


def outer_roots(tree: Tree, roots: tuple[str, ...], root: str) -> tuple[str, ...]:
    """The roots from which the modules of a root have a second name, as it is a package itself; most have none."""
    return tuple(other for other in roots if other != root) if f"{root}/__init__.py" in tree else ()


def find_roots(tree: Tree) -> tuple[str, ...]:
    """The directories that are on ``sys.path`` when the project runs, as its files say.

    The repo itself; ``src`` and the like where they hold packages and are none themselves; what the settings of
    tools name, and where a ``manage.py`` lies (:mod:`migration.repo.tree.source_roots`). What the repo names for us
    (``[tool.phased-migration] roots``) may be a package itself, if its modules are imported without its name.
    """
    found = ["."]
    config = _pyproject(tree)
    own = settings_of(tree).get("roots", [])
    stated = of_pyproject(config)
    for path in INI_FILES:
        stated += of_ini(tree.read(path).decode("utf-8", "replace")) if path in tree else []
    for directory in (*stated, *_USUAL_ROOTS, *of_manage(tree.modes.keys(), tree.read)):
        is_package = f"{directory}/__init__.py" in tree and not (isinstance(own, list) and directory in own)
        if directory in tree.directories and directory not in found and not is_package:
            found.append(directory)
    return tuple(found)


def _pyproject(tree: Tree) -> dict[str, Any]:
    if "pyproject.toml" not in tree:
        return {}
    try:
        return tomllib.loads(tree.read("pyproject.toml").decode())
    except (tomllib.TOMLDecodeError, UnicodeDecodeError):
        return {}  # other tools will complain; it can't tell us anything


def settings_of(tree: Tree) -> dict[str, Any]:
    """The repo's own ``[tool.phased-migration]`` table; empty where it has none."""
    tool = _pyproject(tree).get("tool")
    table = tool.get("phased-migration") if isinstance(tool, dict) else None
    return table if isinstance(table, dict) else {}


def source_path(tree: Tree, roots: tuple[str, ...], module: str) -> tuple[str, str] | None:
    """Where a package or module lives: (root, path of its directory or file), or None.

    As Python looks for it in one directory: a regular package, else a module, else a namespace package.
    """
    inner = module.replace(".", "/")
    for root in roots:
        directory, file = path_under(root, inner), path_under(root, inner + ".py")
        if directory in tree.directories and (f"{directory}/__init__.py" in tree or file not in tree):
            return root, directory
        if file in tree:
            return root, file
    return None

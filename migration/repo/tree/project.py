"""The tree that is being moved: its files before and after each phase, its roots, its modules."""

from __future__ import annotations

import functools
from collections.abc import Callable
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path

from migration.core.names import compiled_from, is_package_file, is_python, module_of, parent, path_under
from migration.python.source_file import SourceFile
from migration.repo.tree.tree import Tree


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

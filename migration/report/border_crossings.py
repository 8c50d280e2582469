"""What crosses the border between the product and the rest of the repo: the imports, in both directions."""

from __future__ import annotations

import ast
from collections import Counter
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass

from migration.core.names import is_within, package_of, parent
from migration.python.mentions import Mentions, import_statements
from migration.python.relative_imports import resolve_relative
from migration.python.source_file import SourceFile, UnreadableSource
from migration.repo.tree.project import Project, module_index
from migration.repo.tree.tree import Tree


@dataclass(frozen=True, slots=True, order=True)
class Crossing:
    """An import that crosses the border.

    :param group: the package on the other side, at most two names deep.
    :param outward: whether the product imports the other side, or is imported by it.
    :param text: the statement, on one line.
    """

    group: str
    outward: bool
    path: str
    line: int
    text: str


def crossings(project: Project, tree: Tree, product: Iterable[str], paths: Iterable[str]) -> list[Crossing]:
    """The imports that cross the border, sorted.

    Only modules of the repo count, not what is installed. A file that can't be parsed crosses nothing.

    :param product: the dotted names that make up the product; all that lies below them belongs to it.
    :param paths: the files outside the product that may import it; those within are looked at anyway.
    """
    modules = module_index(tree, project.roots)
    inside = tuple(product)

    def is_inside(name: str) -> bool:
        return any(is_within(name, one) for one in inside)

    found = []
    own = [path for path in tree if (module := project.module_of(path)) and is_inside(module)]
    for path in sorted({*own, *(path for path in paths if path in tree and project.module_of(path))}):
        if not tree.is_regular(path):
            continue
        source = project.source(path, tree)
        assert source.module is not None
        at_home = is_inside(source.module)
        for line, name, text in _imports(source, modules):
            if is_inside(name) != at_home:
                other = name if at_home else source.module
                found.append(Crossing(_group(other, modules), at_home, path, line, text))
    return sorted(set(found))


def totals(found: Iterable[Crossing]) -> dict[tuple[str, bool], int]:
    """(group, outward) -> how many imports, the largest number first."""
    counts = Counter((one.group, one.outward) for one in found)
    return dict(sorted(counts.items(), key=lambda item: (-item[1], item[0])))


def _imports(source: SourceFile, modules: Mapping[str, bool]) -> Iterator[tuple[int, str, str]]:
    """(line, module of the repo that is imported, the statement) for each import of a file."""
    try:
        tree = source.tree
    except UnreadableSource:
        return
    every = Mentions(range(1, len(source.line_starts) + 1))
    assert source.module is not None
    package = package_of(source.path, source.module)
    del tree
    for statement in import_statements(source, every):
        text = ast.unparse(statement)
        if isinstance(statement, ast.Import):
            names = [alias.name for alias in statement.names]
        else:
            base = resolve_relative(package, statement.level, statement.module) if statement.level else statement.module
            names = [f"{base}.{alias.name}" for alias in statement.names] if base else []
        for name in dict.fromkeys(_module(name, modules) for name in names):
            if name:
                yield statement.lineno, name, text


def _module(name: str, modules: Mapping[str, bool]) -> str:
    """The module of the repo that a dotted name leads to; empty for what is installed."""
    while name and name not in modules:
        name = parent(name)
    return name


def _group(module: str, modules: Mapping[str, bool]) -> str:
    parts = module.split(".")
    return ".".join(parts[:2])



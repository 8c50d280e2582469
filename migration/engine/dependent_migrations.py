"""Migrations of people that stand on migrations of the move: they follow, where ours get another number.

A rerun may number ours anew, since master has got migrations meanwhile. What stands on them names them by
app and name in ``dependencies`` (or ``run_before``):
https://docs.djangoproject.com/en/stable/topics/migrations/#dependencies
"""

from __future__ import annotations

import ast
import re
from collections.abc import Iterable, Iterator, Mapping

from migration.core.changes import Write
from migration.core.errors import PhaseError
from migration.core.names import is_python
from migration.core.references import Reference
from migration.engine.edited import edited
from migration.python.quotes import replacing
from migration.python.source_file import SourceFile, UnreadableSource
from migration.repo.tree.project import Project

Key = tuple[str, str]


def ever_made(created: Iterable[str]) -> tuple[str, ...]:
    """Where migrations of the move have ever been, sorted.

    :param created: every file that the move has ever created.
    """
    return tuple(
        path for path in sorted(created)
        if path.rpartition("/")[0].endswith("migrations") and is_python(path) and not path.endswith("/__init__.py")
    )


def repointed(made: Iterable[Mapping[str, str]], ever: Iterable[str], project: Project) -> Iterator[Write]:
    """What people's migrations must say so that they stand on ours again.

    :param made: the migrations of the move as they are now: ``app``, ``name``, ``path`` (of the directory).
    :param ever: where such migrations have ever been.
    :raises PhaseError: if one stands on a migration that is no longer made.
    """
    apps = {item["path"]: item["app"] for item in made}
    now = {(item["app"], without_number(item["name"])): item["name"] for item in made}
    names = {(item["app"], item["name"]) for item in made}
    before = {
        (apps[directory], name.removesuffix(".py"))
        for directory, _, name in (path.rpartition("/") for path in ever) if directory in apps
    }
    gone = before - names
    lost = []
    for path in sorted(set(project.candidates(tuple(name.encode() for _, name in gone)))) if gone else ():
        if not is_python(path) or path not in project.before or path in ever:
            continue
        source, references = SourceFile(path, project.before.read(path), None), list[Reference]()
        for node, key in _named(source):
            if key not in gone:
                continue
            new = now.get((key[0], without_number(key[1])))
            if new is None:
                lost.append(f"{path}:{node.lineno}: {'.'.join(key)}")
            else:
                references.append(_repointed(source, node, key[1], new))
        if (raw := edited(source, references)) is not None:
            yield Write(path, raw)
    if lost:
        raise PhaseError(
            f"{len(lost)} migration(s) stand on a migration that the move no longer makes; nothing was changed",
            "name another one in their dependencies, then run the same command again",
            lost,
        )


def without_number(name: str) -> str:
    """What a migration is called beside its number: ``move_models`` for ``0002_move_models``."""
    return re.sub(r"^\d+_", "", name)


def _named(source: SourceFile) -> Iterator[tuple[ast.Constant, Key]]:
    """The migrations that a file stands on: the node of each name, and what it names."""
    try:
        tree = source.tree
    except UnreadableSource:
        return  # Django will say so
    for node in ast.walk(tree):
        match node:
            case ast.Tuple(elts=[ast.Constant(value=str(label)), ast.Constant(value=str(name)) as named]):
                yield named, (label, name)


def _repointed(source: SourceFile, node: ast.Constant, old: str, new: str) -> Reference:
    start, end = source.span(node)
    return Reference("dependency", start, end, old, new, replacing(source.data[start:end], new))

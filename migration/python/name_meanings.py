"""What names mean by the imports of their file: ``task`` is ``celery.task``, ``app`` is ``shop.celery.app``.

For questions that need no scopes: which library a decorator comes from, which package an argument is.
A name that is imported twice means both.
"""

from __future__ import annotations

import ast
from collections.abc import Mapping

from migration.python.attribute_chains import dotted_name
from migration.python.mentions import import_statements, mentions
from migration.python.relative_imports import resolve_relative
from migration.python.source_file import SourceFile

Imported = Mapping[str, frozenset[str]]


def imported(source: SourceFile) -> Imported:
    """Each name that an import at any depth binds -> the dotted names it means, at the old place.

    :raises UnreadableSource: if the file can't be parsed.
    """
    found: dict[str, frozenset[str]] = {}
    for statement in import_statements(source, mentions(source, ["import"])):
        for alias in statement.names:
            name, meant = _bound(source, statement, alias)
            if meant:
                found[name] = found.get(name, frozenset()) | {meant}
    return found


def _bound(source: SourceFile, statement: ast.Import | ast.ImportFrom, alias: ast.alias) -> tuple[str, str]:
    if isinstance(statement, ast.Import):
        top = alias.name.partition(".")[0]
        return (alias.asname, alias.name) if alias.asname else (top, top)
    base = statement.module
    if statement.level:
        base = resolve_relative(source.package, statement.level, base) if source.package is not None else None
    return alias.asname or alias.name, f"{base}.{alias.name}" if base else ""


def meanings(node: ast.AST | None, names: Imported) -> frozenset[str]:
    """What a name with its attributes may mean: itself where no import binds it; nothing for other expressions."""
    written = dotted_name(node)
    head, dot, rest = written.partition(".")
    return frozenset(meant + dot + rest for meant in names.get(head, [head])) if written else frozenset()

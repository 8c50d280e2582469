"""Submodules that a star import brought by the way, and that have moved away.

``from posthog import *`` binds ``warehouse`` where ``posthog`` has it among its attributes, or lists it in
``__all__`` without importing it. Once ``posthog.warehouse`` is elsewhere, the star brings it no longer (and
what ``__all__`` lists and nobody has is an error): listed, with the import to write.
https://docs.python.org/3/reference/simple_stmts.html#the-import-statement
"""

from __future__ import annotations

import ast
from collections.abc import Iterator

from migration.core.moves import Moves
from migration.core.names import is_package_file, last_part, parent
from migration.core.references import Reference
from migration.python.assembled_strings import bound_names
from migration.python.mentions import first_line, import_statements, mentions
from migration.python.relative_imports import absolute_base
from migration.python.source_file import SourceFile

KIND = "use"


def find(source: SourceFile, moves: Moves) -> Iterator[Reference]:
    """The names of a file that come with a star and stand for what moves away.

    :raises UnreadableSource: if the file can't be parsed.
    """
    if not moves.stars:
        return
    if source.module and source.module in moves.stars and is_package_file(source.path):
        yield from _in_all(source, moves, source.module)
    lost: dict[str, str] = {}
    for statement in import_statements(source, mentions(source, ["*"])) if b"*" in source.data else ():
        if isinstance(statement, ast.ImportFrom) and statement.names[0].name == "*":
            base = absolute_base(source, statement) or ""
            lost |= {name: f"{base}.{name}" for name in moves.stars.get(base, ())}
    if not lost:
        return
    bound = frozenset(name for node in ast.walk(source.tree) for name in bound_names(node))
    for node in ast.walk(source.tree):
        if isinstance(node, ast.Name) and node.id in lost.keys() - bound:
            old = lost[node.id]
            new = moves.new_module(old)
            way = f"from {parent(new)} import {last_part(new)}" if "." in new else f"import {new}"
            alias = "" if last_part(new) == node.id else f" as {node.id}"
            reason = f"came with `from {parent(old)} import *`, which no longer brings it: add `{way}{alias}`"
            yield Reference(KIND, *source.span(node), old, new, None, reason)


def _in_all(source: SourceFile, moves: Moves, package: str) -> Iterator[Reference]:
    """The strings in a package's ``__all__`` that name a submodule which it does not import."""
    where = mentions(source, ["__all__"])
    for statement in source.tree.body:
        if not where.within(first_line(statement), statement.end_lineno or 0):
            continue
        for node in ast.walk(statement):
            if isinstance(node, ast.Constant) and node.value in moves.stars[package]:
                old = f"{package}.{node.value}"
                new = moves.new_module(old)
                start, end = source.span(node)
                reason = f"`from {package} import *` would no longer find it: take it out, or import {new} here"
                yield Reference(KIND, start, end, old, new, None, reason)

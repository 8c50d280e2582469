"""Import statements, in every form of the language reference.

A name is resolved at the old place, its new home is looked up, and the statement is written for the
file's new place. Where only the module changes, only the module is replaced; where names end up in
different modules, the statement becomes several. What a package re-exports is imported from the package
as before, or from the module that defines it (the plan's ``imports: concrete``).
https://docs.python.org/3/reference/simple_stmts.html#the-import-statement
"""

from __future__ import annotations

import ast
from collections.abc import Iterator

from migration.core.moves import Moves
from migration.core.names import last_part, package_of, parent
from migration.core.references import Reference
from migration.python.import_statements import (
    CantSplit,
    Destination,
    module_span,
    module_text,
    name_span,
    pragma_after,
    rest_of_line,
    separator,
    split,
)
from migration.python.mentions import import_statements, is_home, mentions
from migration.python.module_uses import Names, names_of
from migration.python.relative_imports import absolute_base, relative_form, resolve_relative
from migration.python.source_file import SourceFile

KIND = "import"


def find(source: SourceFile, moves: Moves) -> Iterator[Reference]:
    """The import statements of a file that must change, or that can't be decided, and those to add.

    :raises UnreadableSource: if the file can't be parsed.
    """
    words = ["import"] if is_home(source, moves) else [needle.decode() for needle in moves.needles]
    names = names_of(source, moves)
    for statement in import_statements(source, mentions(source, words)):
        if isinstance(statement, ast.ImportFrom):
            yield from _from_import(source, moves, statement)
        else:
            yield from _plain_import(source, moves, names, statement)
    yield from _added(source, names)


def _plain_import(source: SourceFile, moves: Moves, names: Names, statement: ast.Import) -> Iterator[Reference]:
    changes = {id(change.alias): change for change in names.imports}
    for alias in statement.names:
        span = name_span(source, alias)
        change = changes.get(id(alias))
        if alias.asname:
            new = moves.new_module(alias.name)
            if new != alias.name:
                yield Reference(KIND, *span, alias.name, new, new)
        elif change is not None and change.reason:
            yield Reference(KIND, *span, alias.name, change.new, None, change.reason)
        elif change is not None:
            text = f"{change.new} as {change.binds}" if change.binds else change.new
            if change.before and len(statement.names) > 1:
                text = ", ".join([*(line.removeprefix("import ") for line in change.before), text])
            elif change.before:
                start, pragma = source.span(statement)[0], _pragma(source, statement)
                lines = [line + pragma for line in change.before]
                text = separator(source, start).join([*lines, f"import {text}"])
                span = start, span[1]
            yield Reference(KIND, *span, alias.name, change.new, text)


def _added(source: SourceFile, names: Names) -> Iterator[Reference]:
    """The imports to add behind statements, each in the same block as its statement."""
    after: dict[int, tuple[ast.stmt, list[str]]] = {}
    for statement, added in names.after:
        after.setdefault(id(statement), (statement, []))[1].extend(added)
    for statement, lines in after.values():
        start, end = source.span(statement)
        between, rest = separator(source, start), rest_of_line(source, end)
        if rest is None:
            between = "; "
        if between != "; ":
            end += len((rest or "").encode())
            lines = [line + _pragma(source, statement) for line in lines]
        module = lines[0].split()[1]
        text = "".join(between + line for line in dict.fromkeys(lines))
        yield Reference(KIND, end, end, module, module, text)


def _pragma(source: SourceFile, statement: ast.stmt) -> str:
    start, end = source.span(statement)
    return "" if separator(source, start) == "; " else pragma_after(source, end)


def _from_import(source: SourceFile, moves: Moves, statement: ast.ImportFrom) -> Iterator[Reference]:
    base = absolute_base(source, statement)
    if base is None:
        yield from _unresolvable(source, moves, statement)
        return
    targets = [_target(moves, base, alias.name) for alias in statement.names]
    parents = dict.fromkeys(target[0] for target in targets)
    forms = {home: _form(source, moves, statement, home) for home in parents}
    if len(parents) > 1 or "" in parents:
        names = [
            Destination(alias, forms[home], leaf)
            for alias, (home, leaf) in zip(statement.names, targets, strict=True)
        ]
        yield _split(source, statement, base, names)
        return
    home = next(iter(parents))
    if (form := forms[home]) != _written(statement):
        span = module_span(source, statement)
        yield Reference(KIND, *span, base, home, module_text(source, span, form))
    for alias, (_, leaf) in zip(statement.names, targets, strict=True):
        if leaf != alias.name:
            span = name_span(source, alias)[0], source.span(alias)[1]
            text = Destination(alias, home, leaf).written(source.data[slice(*span)].decode())
            yield Reference(KIND, *span, f"{base}.{alias.name}", f"{home}.{leaf}", text)


def _split(source: SourceFile, statement: ast.ImportFrom, base: str, names: list[Destination]) -> Reference:
    start, end = source.span(statement)
    moved = next((name for name in names if name.parent != _written(statement)), names[0])
    new = f"{moved.parent}.{moved.leaf}" if moved.parent else moved.leaf
    old = f"{base}.{moved.alias.name}"
    try:
        return Reference(KIND, start, end, old, new, split(source, statement, names))
    except CantSplit as error:
        return Reference(KIND, start, end, old, new, None, f"can't be split into several statements: {error}")


def _target(moves: Moves, base: str, name: str) -> tuple[str, str]:
    """Where a name is to be had after the move: (module, name in it)."""
    full = f"{base}.{name}"
    if (full in moves.modules or full in moves.packages) and name not in moves.bindings.get(base, ()):
        new = moves.new_module(full)
        return parent(new), last_part(new)
    defines = moves.remap.get(base, {}).get(name)
    if defines and (base not in moves.modules or (moves.concrete and (moves.moves(base) or moves.moves(defines)))):
        return moves.new_module(defines), name
    return moves.new_module(base), name


def _written(statement: ast.ImportFrom) -> str:
    return "." * statement.level + (statement.module or "")


def _form(source: SourceFile, moves: Moves, statement: ast.ImportFrom, home: str) -> str:
    """How to write ``home`` behind ``from`` at the file's new place, in the style of its author."""
    if not statement.level or source.module is None or not home:
        return home
    package = package_of(moves.new_path(source.path), moves.new_module(source.module))
    if resolve_relative(package, statement.level, statement.module) == home:
        return _written(statement)
    return relative_form(package, home, statement.level) or home


def _unresolvable(source: SourceFile, moves: Moves, statement: ast.ImportFrom) -> Iterator[Reference]:
    """A relative import without a package to start from: nobody can say what it means."""
    start, end = source.span(statement)
    text = source.data[start:end]
    if is_home(source, moves) or any(needle in text for needle in moves.needles):
        why = "no importable name" if source.module is None else "no package that far up"
        written = _written(statement)
        yield Reference(KIND, start, end, written, written, None, f"relative import in a file with {why}")

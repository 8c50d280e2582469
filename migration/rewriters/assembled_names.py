"""Dotted paths that code puts together: ``"posthog" + ".warehouse"``, ``f"{BASE}.warehouse"``.

Where literals follow one another the new path is spread over them. Where a name or a template takes
part in it, or the path does not go with its first part, the place is listed.
"""

from __future__ import annotations

import ast
import re
from collections.abc import Iterator
from typing import TypeGuard

from migration.core.moves import Moves
from migration.core.names import is_within, prefixes, swap_prefix
from migration.core.references import Reference
from migration.python.assembled_strings import Assembled, assembled, constants, spread
from migration.python.mentions import Mentions, first_line, mentions
from migration.python.source_file import SourceFile

KIND = "string"

_SIGNS = re.compile(rb"\+|[\"'][ \t\r\n\\)]*%|\.\s*(?:format|join)\s*\(|[fF][rR]?[\"']")
_QUOTES = re.compile(rb"[\"']")
_PATH = re.compile(r"(?P<name>[^\W\d]\w*(?:\.\w+)*)(?:\.|:.*)?")
_OWN_NAMES = ("__name__", "__package__")


def find(source: SourceFile, moves: Moves) -> Iterator[Reference]:
    """The paths of a file that are put together from parts, and move.

    :raises UnreadableSource: if the file can't be parsed.
    """
    known: dict[str, str] = {}
    where = mentions(source, [needle.decode() for needle in moves.needles])
    if not any(_may_be_put_together(source, line) for line in where.lines):
        return
    for node in _expressions(source.tree, where):
        if not known:
            own = zip(_OWN_NAMES, (source.module, source.package), strict=True)
            known = {"": "", **constants(source), **{name: value for name, value in own if value}}
        found = assembled(node, known)
        if found is not None:
            yield from _reference(source, moves, node, found)


def _may_be_put_together(source: SourceFile, line: int) -> bool:
    """Whether a line, or one next to it, holds a string and a sign that puts it together with something."""
    starts = source.line_starts
    start, end = starts[max(line - 2, 0)], starts[line + 1] if line + 1 < len(starts) else len(source.data)
    return _SIGNS.search(source.data, start, end) is not None and _QUOTES.search(source.data, start, end) is not None


def _expressions(tree: ast.Module, where: Mentions) -> Iterator[ast.expr]:
    """The outermost expressions on certain lines that put strings together of more than one literal."""
    pending: list[ast.AST] = [tree]
    while pending:
        node = pending.pop()
        if isinstance(node, (ast.stmt, ast.expr)) and not where.within(first_line(node), node.end_lineno or 0):
            continue
        if _puts_together(node):
            yield node
        elif not isinstance(node, ast.JoinedStr):
            pending += ast.iter_child_nodes(node)


def _puts_together(node: ast.AST) -> TypeGuard[ast.expr]:
    if isinstance(node, ast.BinOp):
        return isinstance(node.op, (ast.Add, ast.Mod))
    if isinstance(node, ast.JoinedStr):
        return not isinstance(node.values[0] if node.values else None, ast.Constant)
    return isinstance(node, ast.Call) and getattr(node.func, "attr", "") in ("format", "join")


def _reference(source: SourceFile, moves: Moves, node: ast.expr, found: Assembled) -> Iterator[Reference]:
    """The references to the path that an expression gives; none where its first part takes it along."""
    match = _PATH.fullmatch(found.text)
    begun = found.parts[0][0].rstrip(".")
    if _is_join(node) and isinstance(found.parts[0][1], ast.Constant):
        return  # the strings of the list are references
    if match is None or begun == match["name"] or not any(name in moves.packages for name in prefixes(match["name"])):
        return
    name = match["name"]
    module, symbols = moves.split(name)
    new = moves.new_module(module)
    taken = swap_prefix(module, begun, moves.new_name(begun)) if is_within(module, begun) else module
    if new in (module, taken) or "." not in module or is_within(begun, module):
        return
    kept = moves.why_kept(name)
    reason = kept or _doubt(moves, module, symbols)
    old = [old for old in prefixes(module) if swap_prefix(module, old, moves.new_module(old)) == new][-1]
    edits = None if reason else _edits(source, moves, node, found, old)
    if edits is None:
        start = source.span(node)[0]  # the parts belong to the rewriter of strings
        reason = reason or f"put together from parts: write {moves.new_name(name)}"
        yield Reference(KIND, start, start + 1, name, moves.new_name(name), None, reason, bool(kept))
        return
    for start, end, share in edits:
        yield Reference(KIND, start, end, old, moves.new_module(old), share)


def _is_join(node: ast.expr) -> bool:
    return isinstance(node, ast.Call) and isinstance(node.func, ast.Attribute) and node.func.attr == "join"


def _doubt(moves: Moves, module: str, symbols: str) -> str:
    """Why a path is left however it is written; empty where nothing speaks against it."""
    known = moves.bindings.get(module, moves.symbols.get(module))
    first = symbols.partition(".")[0]
    missing = first and known is not None and first not in known and first not in moves.remap.get(module, ())
    return f"{module} has no {first}" if missing else ""


def _edits(
    source: SourceFile, moves: Moves, node: ast.expr, found: Assembled, old: str
) -> list[tuple[int, int, str]] | None:
    """What makes literals that follow one another hold the new path; None where there is more to it than that."""
    literals = [part for _, part in found.parts if isinstance(part, ast.Constant)]
    if not (isinstance(node, ast.BinOp) and isinstance(node.op, ast.Add)) or len(literals) < len(found.parts):
        return None
    if any(moves.moves(text.strip(".")) for text, _ in found.parts):
        return None
    return spread(source, literals, old, moves.new_module(old))

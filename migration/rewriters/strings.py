"""Dotted paths in string constants: mock.patch targets, settings entries, ``import_string`` and the like.

A string is a reference when it is an old dotted path, or goes on after it with ``.name`` or ``:name``.
Longer words, URLs, addresses, sentences and docstrings are not. Only the old path inside the quotes
is replaced.
"""

from __future__ import annotations

import ast
import re
from collections.abc import Iterator

from migration.literals import expressions, pieces
from migration.mentions import Mentions, first_line, mentions
from migration.names import is_within, last_part, parent, prefixes, swap_prefix
from migration.references import Moves, Reference, SourceFile

KIND = "string"

_NAME = r"[^\W\d]\w*(?:\.[^\W\d]\w*)*"
_TEMPLATE = r"%s|%\(\w+\)s|\{\w*\}|\*{1,2}"
_PATH = re.compile(rf"(?P<name>{_NAME})(?P<rest>(?::{_NAME})?|[.:](?:(?:{_TEMPLATE})(?:[\w.:]|{_TEMPLATE})*)?)")
_HEAD = re.compile(rf"(?P<name>{_NAME})(?P<border>[.:]|$)?")
_PROSE = re.compile(r"[\s/@]")
# Calls whose first argument is a dotted path, and settings that list them.
_CALLS = frozenset({"import_module", "__import__", "import_string", "include", "patch", "importorskip"})
_SETTINGS = frozenset({"INSTALLED_APPS"})


def find(source: SourceFile, moves: Moves) -> Iterator[Reference]:
    """The strings of a file that hold a dotted path that moves, or one that can't be decided.

    :raises UnreadableSource: if the file can't be parsed.
    """
    where = mentions(source, [needle.decode() for needle in moves.needles])
    for node, path_expected in _strings(source, where):
        if isinstance(node, ast.JoinedStr):
            reference = _formatted(source, moves, node)
        else:
            reference = _constant(source, moves, node, path_expected)
        if reference is not None:
            yield reference


def _constant(source: SourceFile, moves: Moves, node: ast.Constant, path_expected: bool) -> Reference | None:
    match = _PATH.fullmatch(str(node.value))
    if match is None or node.value in moves.keep or not _may_move(moves, match["name"]):
        return None
    name, rest = match["name"], match["rest"]
    module, symbols = moves.split(name)
    if "." not in name and not rest:
        symbols_known = path_expected and moves.moves(name)
        return _doubtful(source, node, moves, name, "a bare word, not surely the module") if symbols_known else None
    if moves.new_module(module) == module and not _within_moved(moves, name):
        return None
    reason = _doubt(moves, module, symbols, rest, path_expected)
    if reason is None:
        return None
    return _doubtful(source, node, moves, name, reason) if reason else _replaced(source, moves, node, module)


def _formatted(source: SourceFile, moves: Moves, node: ast.JoinedStr) -> Reference | None:
    """An f-string whose literal head holds a path up to a ``.`` or ``:``."""
    texts = [part.value for part in node.values if isinstance(part, ast.Constant)]
    if not texts or texts[0] is not getattr(node.values[0], "value", None) or any(map(_PROSE.search, map(str, texts))):
        return None
    match = _HEAD.match(str(texts[0]))
    if match is None or not _may_move(moves, match["name"]):
        return None
    name = match["name"]
    piece = next((piece for piece in pieces(source, node) if piece.inner < piece.inner_end), None)
    if piece is not None and source.data.startswith(b"{", piece.inner):
        return None  # the text of a self-documenting expression, f"{a.b=}"
    whole = match["border"] in (".", ":") or (match["border"] == "" and len(node.values) == 1)
    complete = name if whole else parent(name)
    module = moves.split(complete)[0] if complete else ""
    if not module or moves.new_module(module) == module:
        moves_if_whole = not whole and name in moves.modules and moves.moves(name)
        return _doubtful(source, node, moves, name, "the path goes on in an expression") if moves_if_whole else None
    if "." not in module:
        return None
    if module == complete and module in moves.strays:
        return _doubtful(source, node, moves, complete, "what the expression names may not go with its package")
    return _replaced(source, moves, node, module)


def _may_move(moves: Moves, name: str) -> bool:
    """Whether a dotted name lies under, or at, something that moves."""
    return any(is_within(name, package) for package in moves.packages)


def _within_moved(moves: Moves, name: str) -> bool:
    """Whether the name lies below something that moves, of which nothing is known."""
    module = moves.split(name)[0]
    return any(
        "." in package and is_within(name, package) and not is_within(module, package) for package in moves.packages
    )


def _doubt(moves: Moves, module: str, symbols: str, rest: str, path_expected: bool) -> str | None:
    """Why a path is doubtful: ``""`` if it isn't, None if it is no path at all by its looks."""
    first = symbols.partition(".")[0]
    if not module or moves.new_module(module) == module:
        return "no such module or symbol before the move"
    if "." not in module and not path_expected:
        return "could be a label as well as a path" if first and first in moves.bindings.get(module, ()) else None
    if not first and rest.startswith(".") and module in moves.strays:
        return "what it goes on with may not go with its package"
    known = moves.bindings.get(module)
    if first and known is not None and first not in known and first not in moves.remap.get(module, ()):
        return f"{module} has no {first}"
    if "." not in module:
        return "could be a label as well as a path"
    return ""


def _replaced(source: SourceFile, moves: Moves, node: ast.Constant | ast.JoinedStr, module: str) -> Reference:
    """The old path at the start of the literal replaced, as far as it is written there in one piece."""
    piece = next((piece for piece in pieces(source, node) if piece.inner < piece.inner_end), None)
    for old in prefixes(module) if piece else ():
        new, written = moves.new_module(old), old.encode()
        follows = swap_prefix(module, old, new) == moves.new_module(module)
        if follows and piece and source.data.startswith(written, piece.inner, piece.inner_end):
            return Reference(KIND, piece.inner, piece.inner + len(written), old, new, new)
    return _doubtful(source, node, moves, module, "the path is written in pieces or with escapes")


def _doubtful(
    source: SourceFile, node: ast.Constant | ast.JoinedStr, moves: Moves, name: str, reason: str
) -> Reference:
    return Reference(KIND, *source.span(node), name, moves.new_name(name), None, reason)


def _strings(source: SourceFile, where: Mentions) -> Iterator[tuple[ast.Constant | ast.JoinedStr, bool]]:
    """The strings on certain lines, docstrings left out, and whether a dotted path is expected there."""
    pending: list[tuple[ast.AST, bool]] = [(source.tree, False)]
    while pending:
        node, expected = pending.pop()
        if isinstance(node, (ast.stmt, ast.expr)) and not where.within(first_line(node), node.end_lineno or 0):
            continue
        if isinstance(node, ast.Expr) and isinstance(node.value, ast.Constant):
            continue
        if isinstance(node, ast.Constant):
            if isinstance(node.value, str):
                yield node, expected
        elif isinstance(node, ast.JoinedStr):
            yield node, expected
            pending += [(value, False) for value in expressions(source, node)]
        elif not isinstance(node, (ast.Import, ast.ImportFrom)):
            pending += [(child, _expects_path(node, child, expected)) for child in ast.iter_child_nodes(node)]


def _expects_path(node: ast.AST, child: ast.AST, outer: bool) -> bool:
    """Whether a string in this place is a dotted path: the first argument of a known call, a setting."""
    if isinstance(node, ast.Call):
        function = node.func
        name = function.attr if isinstance(function, ast.Attribute) else getattr(function, "id", "")
        return name in _CALLS and bool(node.args) and child is node.args[0]
    if isinstance(node, (ast.Assign, ast.AugAssign)):
        targets = node.targets if isinstance(node, ast.Assign) else [node.target]
        return child is node.value and any(last_part(getattr(t, "id", "")) in _SETTINGS for t in targets)
    return outer and isinstance(node, (ast.List, ast.Tuple, ast.BinOp))

"""Relative names in strings: ``import_module(".x", package="a.b")``, and tables of them.

A module that loads its names late keeps them in a table, ``{"DAG": (".models.dag", "DAG")}``, and hands the
first part to ``import_module`` with its own name. Where the package and what is imported don't go together,
the string is written anew: relative where that needs no more dots than it had, else absolute.
https://docs.python.org/3/library/importlib.html#importlib.import_module
"""

from __future__ import annotations

import ast
import re
from collections.abc import Iterator

from migration.core.moves import LISTED, Moves
from migration.core.names import is_package_file, parent
from migration.core.references import Reference
from migration.python.attribute_chains import dotted_name, last_name
from migration.python.mentions import Mentions, is_home, mentions
from migration.python.relative_imports import relative_form, resolve_relative
from migration.python.source_file import SourceFile
from migration.python.string_literals import pieces
from migration.python.string_roles import calls, strings

KIND = "string"

_CALLS = ("import_module", "resolve_name", "find_spec")
_NAME = re.compile(r"(?P<dots>\.+)(?P<rest>[^\W\d]\w*(?:\.\w+)*)?(?P<symbol>:\w+)?")
_SIGN = re.compile(rb"[\"']\.")

Anchor = tuple[str, str]


def find(source: SourceFile, moves: Moves) -> Iterator[Reference]:
    """The relative names of a file that must change, or that can't be decided.

    :raises UnreadableSource: if the file can't be parsed.
    """
    if not any(name.encode() in source.data for name in _CALLS) or not _SIGN.search(source.data):
        return
    where = mentions(source, [needle.decode() for needle in moves.needles])
    if is_home(source, moves):
        where = Mentions(sorted({*where.lines, *mentions(source, ['".', "'."]).lines}))
    anchors: set[Anchor] = set()
    given: set[ast.AST] = set()
    for call in calls(source, mentions(source, _CALLS)):
        function = last_name(call.func)
        anchor = _anchor(source, moves, _package(call)) if function in _CALLS else None
        if anchor is None or not call.args:
            continue
        first = call.args[0]
        if isinstance(first, (ast.Constant, ast.JoinedStr)):
            given.add(first)
            yield from _named(source, moves, first, anchor, sure=True)
        else:
            anchors.add(anchor)
    for node, _ in strings(source, where) if len(anchors) == 1 else ():
        if node not in given:
            yield from _named(source, moves, node, next(iter(anchors)))


def _package(call: ast.Call) -> ast.expr | None:
    words = {keyword.arg: keyword.value for keyword in call.keywords}
    return call.args[1] if len(call.args) > 1 else words.get("package")


def _anchor(source: SourceFile, moves: Moves, node: ast.expr | None) -> Anchor | None:
    """The package that a relative import starts from, before and after the move; None if that can't be told."""
    if isinstance(node, ast.Constant) and isinstance(node.value, str):
        return node.value, node.value if node.value in moves.keep else moves.new_name(node.value)
    if source.module is None or source.package is None:
        return None
    new = moves.new_module(source.module)
    if dotted_name(node) == "__name__":
        return source.module, new
    if dotted_name(node) in ("__package__", "__spec__.parent"):
        return source.package, new if is_package_file(moves.new_path(source.path)) else parent(new)
    return None


def _named(
    source: SourceFile, moves: Moves, node: ast.Constant | ast.JoinedStr, anchor: Anchor, *, sure: bool = False
) -> Iterator[Reference]:
    """The reference that a string is if it names something that does not go with the package.

    :param sure: whether it is given to the call; else only what leads to a module is such a name.
    """
    if isinstance(node, ast.JoinedStr):
        head = node.values[0] if node.values else None
        text = str(head.value).rpartition(".")[0] if isinstance(head, ast.Constant) else ""
    else:
        text = node.value if isinstance(node.value, str) else ""
    match = _NAME.fullmatch(text)
    level = len(match["dots"]) if match else 0
    old = resolve_relative(anchor[0], level, match["rest"]) if match else None
    module = moves.split(old)[0] if old else ""
    if match is None or old is None or not module or not (sure or old == module or len(module) > len(anchor[0])):
        return
    new = moves.new_name(old)
    if resolve_relative(anchor[1], level, match["rest"]) == new:
        return
    found = pieces(source, node)
    start, end = (found[0].inner, found[0].inner_end) if len(found) == 1 else (source.span(node)[0],) * 2
    written = source.data[start:end] == text.encode()
    reason, kept = "" if written else "the path is written in pieces or with escapes", False
    if isinstance(node, ast.JoinedStr):
        reason, end = "the path goes on in an expression", start
    elif text in moves.keep:
        reason, kept = LISTED, True
    form = relative_form(anchor[1], new, level) or new
    if reason:
        yield Reference(KIND, start, max(end, start + 1), old, new, None, reason, kept)
    else:
        yield Reference(KIND, start, end, old, new, form + (match["symbol"] or ""))

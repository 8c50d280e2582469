"""The text in a Python file that is no code: strings, docstrings and comments, by their places."""

from __future__ import annotations

import ast
from collections.abc import Iterator
from dataclasses import dataclass

from migration.python.attribute_chains import last_name
from migration.python.mentions import Mentions, first_line
from migration.python.source_file import SourceFile
from migration.python.string_literals import Piece, expressions, pieces
from migration.python.string_roles import Role, roles_in


@dataclass(frozen=True, slots=True)
class Text:
    """A string literal.

    :param node: its node; of a nested f-string with its positions in the file.
    :param is_doc: whether it stands for itself, as a docstring does.
    :param call: the name of the function whose first argument it is, or ``""``.
    :param role: what it is for, as far as the code around it tells.
    """

    node: ast.Constant | ast.JoinedStr
    is_doc: bool = False
    call: str = ""
    role: Role = ""

    def pieces(self, source: SourceFile) -> list[Piece]:
        """The literals that make it up; empty where they can't be told apart."""
        return pieces(source, self.node)


def texts(source: SourceFile, where: Mentions) -> Iterator[Text]:
    """The string literals that touch certain lines, in no particular order.

    :raises UnreadableSource: if the file can't be parsed.
    """
    pending: list[tuple[ast.AST, str, Role]] = [(source.tree, "", "")]
    while pending:
        node, call, role = pending.pop()
        if isinstance(node, (ast.stmt, ast.expr)) and not where.within(first_line(node), node.end_lineno or 0):
            continue
        if isinstance(node, ast.Expr) and isinstance(node.value, ast.Constant):
            if isinstance(node.value.value, str):
                yield Text(node.value, True)
        elif isinstance(node, ast.Constant):
            if isinstance(node.value, (str, bytes)):
                yield Text(node, call=call, role=role)
        elif isinstance(node, ast.JoinedStr):
            yield Text(node, call=call, role=role)
            pending += [(value, "", "") for value in expressions(source, node)]
        elif not isinstance(node, (ast.Import, ast.ImportFrom)):
            pending += [(child, _call(node, child), role) for child, role in roles_in(node, role)]


def comments(source: SourceFile, where: Mentions) -> Iterator[tuple[int, int]]:
    """The spans of the comments on certain lines, from their ``#`` to the end of the line.

    A ``#`` starts a comment where it is not in a string, so only strings have to be told from it.

    :raises UnreadableSource: if the file can't be parsed.
    """
    data, starts = source.data, source.line_starts
    strings: list[tuple[int, int]] | None = None
    for line in where.lines:
        start = starts[line - 1]
        end = starts[line] if line < len(starts) else len(data)
        at = data.find(b"#", start, end)
        if at >= 0 and strings is None:
            strings = _literals(source, where)
        while at >= 0:
            if not any(first <= at < last for first, last in strings or ()):
                yield at, start + len(data[start:end].rstrip(b"\r\n"))
                break
            at = data.find(b"#", at + 1, end)


def _literals(source: SourceFile, where: Mentions) -> list[tuple[int, int]]:
    """The spans of the string literals on certain lines, quotes included."""
    found: list[tuple[int, int]] = []
    for text in texts(source, where):
        parts = [(piece.start, piece.end) for piece in pieces(source, text.node)]
        found += parts or [source.span(text.node)]
    return found


def _call(node: ast.AST, child: ast.AST) -> str:
    """The name of the function that ``node`` calls with ``child`` as its first argument."""
    if isinstance(node, ast.Call) and node.args and child is node.args[0]:
        function = node.func
        return last_name(function)
    return ""

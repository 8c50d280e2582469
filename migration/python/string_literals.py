"""String literals as text: their pieces, and what stands inside the braces of an f-string.

The parser gives one node for implicitly concatenated strings, and before Python 3.12 the positions it
gives inside f-strings are wrong. Here both are read from the bytes.
https://docs.python.org/3/reference/lexical_analysis.html#string-and-bytes-literals
"""

from __future__ import annotations

import ast
import re
import sys
from collections.abc import Iterator
from dataclasses import dataclass

from migration.python.source_file import SourceFile, UnreadableSource, parse

# Until then, the nodes inside an f-string don't say where they are.
_KNOWS_PLACES = sys.version_info >= (3, 12)
_BETWEEN = re.compile(rb"(?:[ \t\f\r\n]|\\(?:\r\n|\n|\r)|#[^\r\n]*)*")
_START = re.compile(rb"((?i:[rbuft]|r[bft]|[bft]r)?)(\"\"\"|'''|\"|')")
_WORD = re.compile(rb"[\w\x80-\xff]+")
_DEBUG = re.compile(rb"=\s*[!:}]")
_REST = {
    quote: re.compile(rb"(?:\\.|(?!%s).)*%s" % (quote, quote), re.DOTALL) for quote in (b'"""', b"'''", b'"', b"'")
}


@dataclass(frozen=True, slots=True)
class Piece:
    """One literal between its own quotes.

    :param start: offset of its prefix or opening quote.
    :param end: offset behind its closing quote.
    :param prefix: its prefix in lower case, e.g. ``rf``.
    :param inner: offset of the first byte of its content.
    :param inner_end: offset behind the last byte of its content.
    :param fields: the spans of the expressions in its braces, in the order of the syntax tree.
    """

    start: int
    end: int
    prefix: str
    inner: int
    inner_end: int
    fields: tuple[tuple[int, int], ...] = ()


class _Broken(Exception):
    """The text is not what the parser has seen there."""


def plain_text(node: ast.AST | None) -> str:
    """The text of a plain string, ``""`` for anything else."""
    return node.value if isinstance(node, ast.Constant) and isinstance(node.value, str) else ""


def pieces(source: SourceFile, node: ast.Constant | ast.JoinedStr) -> list[Piece]:
    """The literals that make up a string, in order; empty where they can't be told apart."""
    position, end = source.span(node)
    found: list[Piece] = []
    try:
        while position < end:
            piece = _piece(source.data, position)
            found.append(piece)
            between = _BETWEEN.match(source.data, piece.end)
            position = between.end() if between else piece.end
    except _Broken:
        return []
    return found


def expressions(source: SourceFile, node: ast.JoinedStr) -> Iterator[ast.expr]:
    """The expressions in the braces of an f-string, those in format specifications included.

    Their positions are right on every version of Python; an expression whose place can't be told
    for sure is not given (see :func:`has_unplaced`).
    """
    for value, placed in _expressions(source, node):
        if placed:
            yield value


def has_unplaced(source: SourceFile, node: ast.JoinedStr) -> bool:
    """Whether :func:`expressions` leaves one out."""
    return any(not placed for _, placed in _expressions(source, node))


def expression_at(source: SourceFile, start: int, end: int) -> ast.expr | None:
    """The expression written from ``start`` to ``end``, with its positions in the file; None if it is none."""
    try:
        tree = parse(b"(" + source.data[start:end] + b")", "python")
    except UnreadableSource:
        return None
    if len(tree.body) != 1 or not isinstance(tree.body[0], ast.Expr):
        return None
    value = tree.body[0].value
    line = source.line_of(start)
    column = start - source.line_starts[line - 1] - 1  # for the parenthesis
    for inner in ast.walk(value):
        if isinstance(inner, ast.expr) and inner.end_lineno is not None and inner.end_col_offset is not None:
            inner.col_offset += column if inner.lineno == 1 else 0
            inner.end_col_offset += column if inner.end_lineno == 1 else 0
            inner.lineno += line - 1
            inner.end_lineno += line - 1
    return value


def _expressions(source: SourceFile, node: ast.JoinedStr) -> list[tuple[ast.expr, bool]]:
    values = list(_values(node))
    if _KNOWS_PLACES or getattr(node, "placed", False):  # by LibCST
        return [(value, True) for value in values]
    spans = [span for piece in pieces(source, node) for span in piece.fields]
    if len(spans) != len(values):
        return [(value, False) for value in values]
    found: list[tuple[ast.expr, bool]] = []
    for value, (start, end) in zip(values, spans, strict=True):
        placed = expression_at(source, start, end)
        if placed is not None and ast.dump(placed) == ast.dump(value):
            found.append((placed, True))
        else:
            found.append((value, False))
    return found


def _values(node: ast.JoinedStr) -> Iterator[ast.expr]:
    for part in node.values:
        if isinstance(part, ast.FormattedValue):
            yield part.value
            if isinstance(part.format_spec, ast.JoinedStr):
                yield from _values(part.format_spec)


def _piece(data: bytes, start: int) -> Piece:
    match = _START.match(data, start)
    if match is None:
        raise _Broken
    prefix, quote = match[1].decode().lower(), match[2]
    fields: list[tuple[int, int]] = []
    if "f" in prefix or "t" in prefix:
        end = _literal(data, match.end(), quote, "r" in prefix, fields)
    else:
        rest = _REST[quote].match(data, match.end())
        if rest is None:
            raise _Broken
        end = rest.end()
    return Piece(start, end, prefix, match.end(), end - len(quote), tuple(fields))


def _literal(data: bytes, position: int, stop: bytes, raw: bool, fields: list[tuple[int, int]]) -> int:
    """The end of an f-string's literal text from ``position``: behind ``stop`` (a quote or a brace)."""
    while position < len(data):
        if data.startswith(stop, position):
            return position + len(stop)
        two = data[position : position + 2]
        if two in (b"{{", b"}}") and stop != b"}":
            position += 2
        elif two[:1] == b"{":
            position = _field(data, position + 1, raw, fields)
        elif two == b"\\N" and not raw and data[position + 2 : position + 3] == b"{":
            position = data.index(b"}", position) + 1
        elif two[:1] == b"\\" and two != b"\\{" and (not raw or two[1:] in (b"'", b'"', b"\\")):
            position += 2
        else:
            position += 1
    raise _Broken


def _field(data: bytes, start: int, raw: bool, fields: list[tuple[int, int]]) -> int:
    """The end of a replacement field whose expression starts at ``start``: behind its ``}``."""
    position = _expression_end(data, start)
    fields.append((start, position))
    if data[position : position + 1] == b"=":
        position = _BETWEEN.match(data, position + 1).end()  # type: ignore[union-attr]  # matches anything
    if data[position : position + 1] == b"!":
        word = _WORD.match(data, position + 1)
        position = _BETWEEN.match(data, word.end() if word else position + 1).end()  # type: ignore[union-attr]
    if data[position : position + 1] == b":":
        return _literal(data, position + 1, b"}", raw, fields)
    if data[position : position + 1] != b"}":
        raise _Broken
    return position + 1


def _expression_end(data: bytes, position: int) -> int:
    """Where the expression of a replacement field ends: at its ``=``, ``!``, ``:`` or ``}``."""
    depth = 0
    while position < len(data):
        string = _START.match(data, position)
        if string:
            position = _piece(data, position).end
            continue
        word = _WORD.match(data, position)
        if word:
            position = word.end()
            continue
        char = data[position : position + 1]
        if char == b"#":
            position = _BETWEEN.match(data, position).end()  # type: ignore[union-attr]
            continue
        if data[position : position + 2] in (b"!=", b"==", b"<=", b">="):
            position += 2
            continue
        if not depth and (char in b"!:}" or _DEBUG.match(data, position)):
            return position
        depth += (char in b"([{") - (char in b")]}")
        position += 1
    raise _Broken

"""String literals of LibCST as nodes of :mod:`ast`.

https://docs.python.org/3/reference/lexical_analysis.html#f-strings
"""

from __future__ import annotations

import ast
import itertools
import re
from collections.abc import Callable, Iterator
from typing import Any

from migration.python.newer.nodes import Text

_CONVERSIONS = {None: -1, "s": 115, "r": 114, "a": 97}
_BLANKS = re.compile(rb"\s*")
_PREFIX = re.compile(r"[A-Za-z]*")


def string(text: Text, node: Any, expression: Callable[[Any], Any]) -> Any:
    """The node of a string literal, or of several side by side.

    :param expression: gives the node of an expression in braces.
    """
    literals = [*_literals(node)]
    span = text.span(node)
    if all(type(literal).__name__ == "SimpleString" for literal in literals):
        values = [ast.literal_eval(literal.value) for literal in literals]
        joined = b"".join(values) if isinstance(values[0], bytes) else "".join(values)
        return text.put(ast.Constant(joined, _kind(literals[0].value)), span)
    parts: list[Any] = []
    for literal in literals:
        if type(literal).__name__ == "SimpleString":
            parts.append(ast.literal_eval(literal.value))
        else:
            parts += _parts(text, literal.parts, literal.start, literal.end, expression)
    return placed(_joined(text, parts, span, _kind(_first(literals[0]))))


def placed(node: Any) -> Any:
    """Mark an f-string as one whose expressions have their places in the file; returns it."""
    node.placed = True
    return node


def _literals(node: Any) -> Iterator[Any]:
    pending = [node]
    while pending:
        one = pending.pop()
        if type(one).__name__ == "ConcatenatedString":
            pending += [one.right, one.left]
        else:
            yield one


def _first(literal: Any) -> str:
    return str(literal.value if type(literal).__name__ == "SimpleString" else literal.start)


def _kind(written: str) -> str | None:
    return "u" if written[:1] == "u" else None


def _joined(text: Text, parts: list[Any], span: tuple[int, int], kind: str | None = None) -> ast.JoinedStr:
    """An f-string; texts side by side are one."""
    values: list[Any] = []
    for is_text, group in itertools.groupby(parts, lambda part: isinstance(part, str)):
        if not is_text:
            values += group
        elif written := "".join(group):
            values.append(text.put(ast.Constant(written, kind), span))
    node: ast.JoinedStr = text.put(ast.JoinedStr(values), span)
    return node


def _parts(text: Text, parts: Any, start: str, end: str, expression: Callable[[Any], Any]) -> Iterator[Any]:
    """Texts, and nodes for what stands in braces."""
    prefix = _PREFIX.match(start)
    raw = prefix is not None and "r" in prefix[0].lower()
    for part in parts:
        if type(part).__name__ in ("FormattedStringText", "TemplatedStringText"):
            yield _literal_text(part.value, raw, end)
            continue
        span = text.span(part)
        value = expression(part.expression)
        spec = None
        if part.format_spec is not None:
            inner = [*_parts(text, part.format_spec, start, end, expression)]
            spec = placed(_joined(text, inner, span))
        conversion = _CONVERSIONS[part.conversion]
        if part.equal is not None:
            blanks = _BLANKS.match(text.data, text.span(part.equal)[1])
            after = blanks.end() if blanks else 0
            yield re.sub("\r\n?", "\n", text.data[span[0] + 1 : after].decode())
            if part.conversion is None and spec is None:
                conversion = _CONVERSIONS["r"]
        yield text.put(ast.FormattedValue(value, conversion, spec), span)


def _literal_text(written: str, raw: bool, quotes: str) -> str:
    """What the literal text between the braces of an f-string stands for."""
    written = re.sub("\r\n?", "\n", written.replace("{{", "{").replace("}}", "}"))
    if raw or "\\" not in written:
        return written
    slashes = len(written) - len(written.rstrip("\\"))
    if slashes % 2:  # before a brace it stands for itself
        written += "\\"
    long = quotes[0] * 3
    return str(ast.literal_eval(f"{long}{_escape_quote(written, quotes[0])}{long}"))


def _escape_quote(written: str, quote: str) -> str:
    return re.sub(rf"(\\.)|{quote}", lambda match: match[1] or f"\\{quote}", written, flags=re.DOTALL)

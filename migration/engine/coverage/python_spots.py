"""Strings in Python files, with their places (pure)."""

from __future__ import annotations

import ast
from collections.abc import Iterator

from migration.engine.coverage.spots import File, Spot, TextSpot


def strings_of(node: ast.AST | None) -> Iterator[ast.Constant]:
    """The strings in an expression: itself, and the items of lists within it."""
    for one in ast.walk(node) if node is not None else ():
        if isinstance(one, ast.Constant) and isinstance(one.value, str):
            yield one


def offset_of(text: str, line: int, column: int) -> int:
    """The offset of a position as :mod:`ast` gives it (line from 1, column in UTF-8 bytes)."""
    lines = text.splitlines(keepends=True)
    row = lines[line - 1].encode("utf-8", "surrogateescape")[:column].decode("utf-8", "surrogateescape")
    return sum(map(len, lines[: line - 1])) + len(row)


def spot_of(text: str, node: ast.Constant, value: ast.expr | None = None) -> Spot:
    """The place of a string in one pair of quotes; of others the line.

    :param value: where the string is a key of a dict: its value.
    """
    assert node.end_lineno is not None and node.end_col_offset is not None
    start, end = offset_of(text, node.lineno, node.col_offset), offset_of(text, node.end_lineno, node.end_col_offset)
    if text[start + 1 : end - 1] != node.value or text[start] not in "\"'":
        return File(node.lineno)
    if value is not None and value.end_lineno is not None and value.end_col_offset is not None:
        last = offset_of(text, value.end_lineno, value.end_col_offset)
        return TextSpot(text, start + 1, end - 1, "pair", pair_end=last)
    return TextSpot(text, start + 1, end - 1, "item")


def is_item(tree: ast.AST, node: ast.Constant) -> bool:
    """Whether a string is an item of a list, tuple or set."""
    return any(
        isinstance(one, (ast.List, ast.Tuple, ast.Set)) and any(item is node for item in one.elts)
        for one in ast.walk(tree)
    )

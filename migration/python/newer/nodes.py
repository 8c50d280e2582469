"""Nodes of :mod:`ast` from those of LibCST: places, contexts, and classes that the interpreter lacks.

See https://docs.python.org/3/library/ast.html and https://libcst.readthedocs.io/en/latest/metadata.html.
"""

from __future__ import annotations

import ast
import bisect
import functools
import re
from collections.abc import Mapping
from dataclasses import dataclass
from functools import cached_property
from typing import Any

from libcst import CSTNode
from libcst.metadata import CodeSpan


class UnknownSyntax(Exception):
    """LibCST has a kind of node that isn't known here."""


@functools.cache
def node_class(name: str, base: str, *fields: str) -> Any:
    """A class of :mod:`ast` that has certain fields: its own, or one that adds those it lacks.

    The same one every time, so that trees can be compared.

    :param base: the name of the class to start from where :mod:`ast` has none of that name.
    """
    known = getattr(ast, name, None)
    if known is not None and set(fields) <= set(known._fields):
        return known
    start = known or getattr(ast, base)
    return type(name, (start,), {"_fields": (*start._fields, *(f for f in fields if f not in start._fields))})


@dataclass
class Text:
    """The text of a file with the spans that LibCST gives its nodes.

    :param data: the text in UTF-8; offsets count in it.
    """

    data: bytes
    spans: Mapping[CSTNode, CodeSpan]

    @cached_property
    def line_starts(self) -> list[int]:
        """The offset at which each line starts."""
        return [0, *(match.end() for match in re.finditer(rb"\r\n|\n|\r", self.data))]

    def span(self, node: Any) -> tuple[int, int]:
        """Start and end of a node without its parentheses."""
        found = self.spans[node]
        return found.start, found.start + found.length

    def outer(self, node: Any) -> tuple[int, int]:
        """Start and end of a node with all its parentheses."""
        start, end = self.span(node)
        lpar, rpar = getattr(node, "lpar", None), getattr(node, "rpar", None)
        if isinstance(lpar, (list, tuple)) and lpar and rpar:
            start, end = self.spans[lpar[0]].start, self.span(rpar[-1])[1]
        return start, end

    def own(self, node: Any) -> tuple[int, int]:
        """Start and end of a tuple or generator with the parentheses that belong to it, the innermost."""
        if node.lpar:
            return self.spans[node.lpar[-1]].start, self.span(node.rpar[0])[1]
        start, end = self.span(node)
        return start, start + len(self.data[start:end].rstrip(b" \t\f\r\n\\"))

    def put(self, node: Any, span: tuple[int, int]) -> Any:
        """Give a new node its place; returns it."""
        node.lineno, node.col_offset = self._position(span[0])
        node.end_lineno, node.end_col_offset = self._position(span[1])
        return node

    def put_before(self, node: Any, start: int, last: Any) -> Any:
        """Give a new node a place that ends with another node; returns it."""
        node.lineno, node.col_offset = self._position(start)
        node.end_lineno, node.end_col_offset = last.end_lineno, last.end_col_offset
        return node

    def _position(self, offset: int) -> tuple[int, int]:
        line = bisect.bisect_right(self.line_starts, offset)
        return line, offset - self.line_starts[line - 1]


def to_context(node: Any, context: ast.expr_context) -> Any:
    """Say that an expression is assigned to, or deleted; returns it."""
    if isinstance(node, (ast.Name, ast.Attribute, ast.Subscript, ast.Starred, ast.Tuple, ast.List)):
        node.ctx = context
    if isinstance(node, (ast.Tuple, ast.List)):
        for element in node.elts:
            to_context(element, context)
    if isinstance(node, ast.Starred):
        to_context(node.value, context)
    return node

"""Names with their attributes, ``a.b.c``, as code writes them (pure).

https://docs.python.org/3/reference/expressions.html#attribute-references
"""

from __future__ import annotations

import ast
from typing import TypeVar

N = TypeVar("N", bound=ast.AST | None)


def attributes(node: N) -> tuple[tuple[str, ...], N | ast.expr]:
    """The attributes that an expression ends with, in the order of the text, and what they are those of."""
    names: list[str] = []
    root: N | ast.expr = node
    while isinstance(root, ast.Attribute):
        names.append(root.attr)
        root = root.value
    return tuple(reversed(names)), root


def dotted_name(node: ast.AST | None) -> str:
    """``a.b.c`` for a name with its attributes, ``""`` for any other expression."""
    names, root = attributes(node)
    return ".".join((root.id, *names)) if isinstance(root, ast.Name) else ""


def last_name(node: ast.AST | None) -> str:
    """The last part of a name with its attributes, whatever these are those of; ``""`` where it has none."""
    return node.attr if isinstance(node, ast.Attribute) else node.id if isinstance(node, ast.Name) else ""

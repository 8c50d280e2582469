"""What Python's own parser says is what must come out, wherever the interpreter can read the text."""

from __future__ import annotations

import ast
import sys
import warnings
from collections.abc import Iterator

from migration.python.newer.tree import tree_of

# Python's own parser gives wrong places in f-strings before 3.12, and in their formats before 3.13.
_RIGHT = sys.version_info >= (3, 13)
_PLACE = ("lineno", "col_offset", "end_lineno", "end_col_offset")


def same(text: str) -> ast.Module:
    """Assert that the tree is the one of Python's parser, places included; returns it."""
    tree = tree_of(text.encode())
    assert tree is not None, "not read"
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        expected = ast.parse(text)
    assert _dump(tree) == _dump(expected)
    return tree


def newer(text: str) -> ast.Module:
    """The tree of a text that the interpreter may be too old for; every name in it is where the tree says."""
    if sys.version_info >= (3, 13):
        same(text)
    tree = tree_of(text.encode())
    assert tree is not None, "not read"
    for node in ast.walk(tree):
        if isinstance(node, (ast.Name, ast.Attribute)):
            segment = ast.get_source_segment(text, node)
            assert segment is not None
            assert segment.replace(" ", "") == ast.unparse(node)
    return tree


def names(tree: ast.AST) -> list[str]:
    """The names that are used or bound in a tree, in the order of the tree."""
    return [node.id for node in _walk(tree) if isinstance(node, ast.Name)]


def _walk(node: ast.AST) -> Iterator[ast.AST]:
    yield node
    for child in ast.iter_child_nodes(node):
        yield from _walk(child)


def _dump(tree: ast.Module) -> str:
    """The tree as text; of f-strings without the places of what is no expression, nor of what is where they are wrong."""
    for node in ast.walk(tree):
        if isinstance(node, ast.JoinedStr):
            # In formats Python 3.12 gives empty texts, too.
            node.values = [value for value in node.values if not (isinstance(value, ast.Constant) and not value.value)]
            for value in node.values:
                if isinstance(value, ast.Constant) or not _RIGHT:
                    for inner in ast.walk(value):
                        _forget(inner)
        elif isinstance(node, ast.FormattedValue) and node.format_spec is not None:
            _forget(node.format_spec)
    return ast.dump(tree, include_attributes=True, indent=1)


def _forget(node: ast.AST) -> None:
    for name in _PLACE:
        if hasattr(node, name):
            setattr(node, name, 0)

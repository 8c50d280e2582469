"""The syntax tree of a file that Python's own parser can't read because it is newer than the interpreter.

LibCST's parser knows the grammar of newer versions on every interpreter. What it reads is given as the
nodes of :mod:`ast`, so that whoever looks for references sees one kind of tree.
https://libcst.readthedocs.io/en/latest/parser.html
"""

from __future__ import annotations

import ast
import re
import warnings

import libcst
from libcst.metadata import ByteSpanPositionProvider, MetadataWrapper

from migration.python.newer.nodes import Text, UnknownSyntax
from migration.python.newer.statements import Statements

# Python's own limit; beyond it LibCST's parser takes for ever, or runs out of its stack and dies.
_DEEPEST = 200


def tree_of(data: bytes) -> ast.Module | None:
    """The syntax tree of UTF-8 source; None where LibCST can't read it either.

    Positions are those that Python's own parser would give: columns in bytes. Of the texts between
    the braces of f-strings only the lines of the whole string are known. The tree has the attribute
    ``by_libcst``.
    """
    if _depth(data) > _DEEPEST:
        return None
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")  # invalid escapes in other people's strings
            module = libcst.parse_module(data.decode())
            if module.bytes != data:
                return None  # it has lost something on the way, and no place behind that is right
            spans = MetadataWrapper(module, unsafe_skip_copy=True).resolve(ByteSpanPositionProvider)
            body = Statements(Text(data, spans)).block(module.body)
    except (libcst.ParserSyntaxError, libcst.CSTValidationError, UnknownSyntax, RecursionError):
        return None
    tree = ast.Module(body, [])
    tree.by_libcst = True  # type: ignore[attr-defined]
    return tree


def _depth(data: bytes) -> int:
    """How deep brackets are nested, at most; those in strings count, too."""
    depth = deepest = 0
    for bracket in re.finditer(rb"[([{]|[])}]", data):
        depth = max(0, depth + (1 if bracket[0] in b"([{" else -1))
        deepest = max(deepest, depth)
    return deepest

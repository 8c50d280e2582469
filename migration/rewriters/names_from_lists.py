"""Paths that a loop puts together: ``for name in ["core", "stock"]: import_module(f"shop.{name}")``.

Each text of the list is put in. Where one of them gives the name of something that moves away from what stands
before it, the loop can't be written in one piece any more: the text is listed.
"""

from __future__ import annotations

import ast
import re
from collections.abc import Iterator, Mapping

from migration.core.moves import Moves
from migration.core.names import prefixes
from migration.core.references import Reference
from migration.python.assembled_strings import assembled
from migration.python.mentions import names_in_quotes
from migration.python.single_assignments import single_assignments
from migration.python.source_file import SourceFile
from migration.python.string_literals import plain_text

KIND = "string"

_LOOP = re.compile(rb"\bfor\b[^\n]*\bin\b")
_PATH = re.compile(r"[^\W\d]\w*(?:\.\w+)+")
_PUT_TOGETHER = (ast.JoinedStr, ast.BinOp, ast.Call)


def may_loop(source: SourceFile, moves: Moves) -> bool:
    """Whether a file can hold such a loop, by its bytes; never wrong about a "no"."""
    return names_in_quotes(source, moves) and _LOOP.search(source.data) is not None


def find(source: SourceFile, moves: Moves) -> Iterator[Reference]:
    """The texts of a file's lists that a loop makes the name of something that moves of.

    :raises UnreadableSource: if the file can't be parsed.
    """
    if not may_loop(source, moves):
        return
    assigned = single_assignments(source.tree)
    for node in ast.walk(source.tree):
        for target, values in _loops(node):
            texts = _texts(values, assigned)
            if isinstance(target, ast.Name) and texts:
                yield from _put_in(source, moves, node, target.id, texts)


def _loops(node: ast.AST) -> Iterator[tuple[ast.expr, ast.expr]]:
    """What a statement, or a comprehension, goes through: the name and the list."""
    if isinstance(node, (ast.For, ast.AsyncFor)):
        yield node.target, node.iter
    elif isinstance(node, (ast.ListComp, ast.SetComp, ast.GeneratorExp, ast.DictComp)):
        yield from ((generator.target, generator.iter) for generator in node.generators)


def _texts(values: ast.expr, assigned: Mapping[str, ast.expr]) -> list[ast.expr]:
    """The strings that a list written out holds; empty where it is something else."""
    if isinstance(values, ast.Name):
        values = assigned.get(values.id, values)
    return [text for text in getattr(values, "elts", []) if plain_text(text)]


def _put_in(source: SourceFile, moves: Moves, loop: ast.AST, name: str, texts: list[ast.expr]) -> Iterator[Reference]:
    found = [node for node in ast.walk(loop) if isinstance(node, _PUT_TOGETHER)]
    for text in texts:
        for node in found:
            made = assembled(node, {name: plain_text(text)})
            if made is None or len(made.parts) < 2 or not _PATH.fullmatch(made.text):
                continue
            before = made.parts[0][0].rstrip(".")
            module = next((prefix for prefix in prefixes(made.text) if prefix in moves.modules), "")
            along = moves.new_name(before) + module[len(before) :]
            if moves.moves(module) and module != before and along != moves.new_name(module):
                reason = f"a loop puts {module} together of it, which is {moves.new_name(module)} now"
                start, end = source.span(text)
                yield Reference(KIND, start, end, module, moves.new_name(module), None, reason)
                break

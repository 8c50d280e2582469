"""Names of Celery tasks: what a module registers keeps its name, although the module moves.

A task without ``name=`` is called ``<module>.<function>``. Workers look up what lies in the queue, the
beat schedule and ``send_task("…")`` by that name, so a task that moves would be lost without a word.
Its old name is written into the decorator. What names tasks in strings stays with it (see ``strings``).
https://docs.celeryq.dev/en/stable/userguide/tasks.html#names
"""

from __future__ import annotations

import ast
import re
from collections.abc import Iterator

from migration.core.moves import Moves
from migration.core.references import Reference
from migration.python.celery_tasks import MAY_REGISTER, UNNAMED, TaskRegistry
from migration.python.quotes import usual
from migration.python.source_file import SourceFile

KIND = "task name"
_COMMENT_OR_COMMA = re.compile(rb"#[^\r\n]*|,")
_LINE_END = re.compile(rb"\r\n|\n|\r")


def find(source: SourceFile, moves: Moves) -> Iterator[Reference]:
    """The decorators that must name their task from now on, and the tasks whose names change.

    :raises UnreadableSource: if the file can't be parsed.
    """
    module = source.module
    if moves.rename_tasks or module is None or moves.new_module(module) == module:
        return
    if not MAY_REGISTER.search(source.data):
        return
    registry = TaskRegistry(source)
    for task in registry.tasks:
        if task.name == UNNAMED:
            name = f"{module}.{task.function.name}"
            offset, text = _pin(source, task.decorator, name)
            yield Reference(KIND, offset, offset, name, name, text)
    for node, what, last in registry.undecided():
        name = f"{module}.{last}"
        at = _place(source, node)
        reason = f"{what}: its name follows the module, and what was sent under the old one is lost; write it out"
        yield Reference(KIND, at, at, name, moves.new_name(name), None, reason)


def _place(source: SourceFile, node: ast.expr | ast.ClassDef) -> int:
    """Where to point at: behind a decorator's or a call's own name, where no other rewriter has a claim."""
    if isinstance(node, ast.ClassDef):
        return source.span(node)[0]
    return source.span(node.func if isinstance(node, ast.Call) else node)[1]


def _pin(source: SourceFile, decorator: ast.expr, name: str) -> tuple[int, str]:
    """The offset and the text to put there, so that a decorator gives the name.

    It becomes the last argument, on a line of its own where the others stand on theirs.
    """
    argument = f"name={usual(source.data, name)}"
    end = source.span(decorator)[1]
    if not isinstance(decorator, ast.Call):
        return end, f"({argument})"
    if not decorator.keywords:
        return end - 1, argument
    last = decorator.keywords[-1]
    assert last.end_lineno is not None and last.end_col_offset is not None
    start, at = source.offset(last.lineno, last.col_offset), source.offset(last.end_lineno, last.end_col_offset)
    at = _behind_parentheses(source.data, at, end - 1)
    line_end = _LINE_END.search(source.data, at, end)
    if line_end is None:
        return at, f", {argument}"
    marks = list(_COMMENT_OR_COMMA.finditer(source.data, at, line_end.start()))
    own_line = line_end[0].decode() + _indent(source, start, decorator) + argument
    if marks and marks[0][0] == b",":
        return line_end.start(), f"{own_line},"
    later = any(match[0] == b"," for match in _COMMENT_OR_COMMA.finditer(source.data, at, end))
    return at, f", {argument}" if marks or later else f",{own_line}"


def _behind_parentheses(data: bytes, at: int, end: int) -> int:
    """``at`` behind the parentheses that close around the last argument's value."""
    closing = re.compile(rb"(?:[ \t\r\n\\]|#[^\r\n]*)*\)")
    while match := closing.match(data, at, end):
        at = match.end()
    return at


def _indent(source: SourceFile, at: int, decorator: ast.expr) -> str:
    """The indentation of the line that an argument starts on, one step more on the decorator's own line."""
    line = source.line_of(at)
    text = source.data[source.line_starts[line - 1] : at]
    blank = text[: len(text) - len(text.lstrip())].decode()
    return blank + "    " if line == decorator.lineno else blank

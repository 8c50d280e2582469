"""Comments, docstrings and doctests that name a module or a path that moves.

What is written for people follows the same rules as text files: a dotted name or a path with word
borders, span by span. Comments that speak to a tool (``# noqa``, ``# type: ignore``, the coding line)
are no prose; a type comment names types, and follows.
"""

from __future__ import annotations

import ast
import re
from collections.abc import Iterator

from migration.names import parent, resolve_relative
from migration.python.mentions import Mentions, import_statements, mentions
from migration.python.python_text import comments, texts
from migration.references import Moves, Reference, SourceFile
from migration.wording.path_words import Place, names_path, path_needles, rooted
from migration.wording.words import dotted, may_name

KIND = "prose"

_TO_A_TOOL = re.compile(
    rb"#(?:!|\s*(?:type:\s*ignore|noqa\b|nosec\b|nosemgrep\b|(?:pylint|pyright|mypy|isort|fmt|ruff|flake8|pragma|yapf)\s*:"
    rb"|-\*-|(?:en)?coding[:=]))"
)


def find(source: SourceFile, moves: Moves) -> Iterator[Reference]:
    """The places in comments and docstrings that name something that moves.

    :raises UnreadableSource: if the file can't be decoded or parsed.
    """
    if not may_name(source.data, moves) and not names_path(source.data, moves):
        return
    where = mentions(source, {needle.decode() for needle in (*moves.needles, *path_needles(moves))})
    place = Place(source.path, "prose")
    for start, end in _spans(source, moves, where):
        yield from dotted(source.data, moves, KIND, start, end)
        yield from rooted(source.data, moves, KIND, place, start, end)


def _spans(source: SourceFile, moves: Moves, where: Mentions) -> Iterator[tuple[int, int]]:
    """The texts for people: the inside of each docstring, each comment behind its ``#``."""
    for text in texts(source, where):
        if text.is_doc:
            yield from ((piece.inner, piece.inner_end) for piece in text.pieces(source))
    split = [
        source.span(statement)
        for statement in import_statements(source, where)
        if _splits(source, moves, statement)
    ]
    for start, end in comments(source, where):
        if not any(first <= start < last for first, last in split):
            yield from _sayings(source.data, start, end)


def _sayings(data: bytes, start: int, end: int) -> Iterator[tuple[int, int]]:
    """The parts of a comment that are for people: ``# noqa  # see posthog.warehouse`` has one."""
    while start < end:
        behind = data.find(b" #", start + 1, end)
        last = end if behind < 0 else behind
        if not _TO_A_TOOL.match(data, start, last):
            yield start + 1, last
        start = last if behind < 0 else behind + 1


def _splits(source: SourceFile, moves: Moves, statement: ast.Import | ast.ImportFrom) -> bool:
    """Whether an import may be written anew as a whole, with the comments in it."""
    if not isinstance(statement, ast.ImportFrom):
        return False
    base = statement.module
    if statement.level:
        base = resolve_relative(source.package or "", statement.level, statement.module)
    if not base:
        return True
    return len({parent(moves.new_name(f"{base}.{alias.name}")) for alias in statement.names}) > 1

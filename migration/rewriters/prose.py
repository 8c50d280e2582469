"""Comments, docstrings, doctests and messages that name a module or a path that moves.

What is written for people follows the same rules as text files: a dotted name or a path with word
borders, span by span. Comments that speak to a tool (``# noqa``, ``# type: ignore``, the coding line)
are no prose; a type comment names types, and follows.

A message is a string that holds more than a path: what an exception says, the output that a test
expects, code that is run from a string, a regular expression. A name in it follows where nothing about
it is doubtful; all else about strings is the business of ``strings`` and ``paths``.
"""

from __future__ import annotations

import ast
import re
from collections.abc import Iterable, Iterator

from migration.core.moves import Moves
from migration.core.names import parent
from migration.core.references import PROSE, Reference
from migration.python.mentions import Mentions, import_statements, mentions
from migration.python.relative_imports import resolve_relative
from migration.python.source_file import SourceFile
from migration.python.string_literals import Piece
from migration.python.strings_and_comments import Text, comments, texts
from migration.text.before_a_path import plain
from migration.text.code_imports import open_imports
from migration.text.dotted_names import dotted, may_name
from migration.text.overlaps import apart
from migration.text.partial_paths import names_tail, partial
from migration.text.passage import Passage, Place
from migration.text.paths import names_path, path_needles, rooted

KIND = PROSE

_TO_A_TOOL = re.compile(
    rb"#(?:!|\s*(?:type:\s*ignore|noqa\b|nosec\b|nosemgrep\b|(?:pylint|pyright|mypy|isort|fmt|ruff|flake8|pragma|yapf)\s*:"
    rb"|-\*-|(?:en)?coding[:=]))"
)
# What a string holds that is more than a path; and what makes it a query, where a.b is a table or a column.
_MORE_THAN_A_PATH = re.compile(rb"[\s\\\"'`<>()\[\]=,;|^$]")
_QUERY = re.compile(
    rb"\A\s*(?i:select|insert|update|delete|with|create|alter|drop)\s"
    rb"|\b(?:SELECT|INSERT|UPDATE|DELETE|CREATE|ALTER)\b[^;]*\b(?:FROM|INTO|SET|TABLE|JOIN|WHERE)\b",
    re.DOTALL,
)
_NAME = re.compile(rb"(?:\w|\\{0,2}\.(?=\w))*")
_GOES_ON = re.compile(rb"[\w.\-/@:\x80-\xff]")


def needles(moves: Moves) -> frozenset[bytes]:
    """Byte strings of which a file must hold one to speak of something that moves."""
    return frozenset((*moves.needles, *path_needles(moves)))


def find(source: SourceFile, moves: Moves) -> Iterator[Reference]:
    """The places in comments, docstrings and messages that name something that moves.

    :raises UnreadableSource: if the file can't be decoded or parsed.
    """
    if not (may_name(source.data, moves) or names_path(source.data, moves) or names_tail(source.data, moves)):
        return
    where = mentions(source, {needle.decode() for needle in needles(moves)})
    whole = Passage(source.data, moves, KIND, Place(source.path, "prose"))
    strings = [*texts(source, where)]
    for start, end in _spans(source, moves, where, strings):
        passage = whole.part(start, end)
        yield from dotted(passage)
        yield from open_imports(passage)
        yield from apart([*rooted(passage), *partial(passage)])
    for text in strings:
        if not text.is_doc:
            yield from _in_message(source, whole, text)


def _in_message(source: SourceFile, whole: Passage, text: Text) -> Iterator[Reference]:
    """The names in a string that is more than a path, those that are sure."""
    node = text.node
    parts = text.pieces(source)
    written = b"".join(source.data[part.inner : part.inner_end] for part in parts)
    is_bytes = isinstance(node, ast.Constant) and isinstance(node.value, bytes)
    if is_bytes or not _MORE_THAN_A_PATH.search(written) or _QUERY.search(written):
        return
    for before, part, after in zip([None, *parts], parts, [*parts[1:], None], strict=False):
        for reference in dotted(whole.part(part.inner, part.inner_end)):
            if reference.text is not None and _is_sure(source.data, whole.moves, reference, (before, part, after)):
                yield reference


def _is_sure(data: bytes, moves: Moves, found: Reference, parts: tuple[Piece | None, Piece, Piece | None]) -> bool:
    """Whether a name in a message stands in one piece, in no expression, and is more than one word."""
    before, part, after = parts
    start = found.start
    name = _NAME.match(data, start, part.inner_end)
    end = max(name.end() if name else start, found.end)
    if any(first < end and start < stop for first, stop in part.fields) or data.endswith(b"}", part.inner, start):
        return False
    last = max(before.inner, before.inner_end - 1) if before else 0
    if start == part.inner and before and _GOES_ON.match(data, last, before.inner_end):
        return False
    if end == part.inner_end and after and _GOES_ON.match(data, after.inner, after.inner_end):
        return False
    # One word and what follows may be a label: ``shop.Item``.
    return "." in found.old or "." in moves.split(plain(data[start:end]))[0]


def _spans(
    source: SourceFile, moves: Moves, where: Mentions, strings: Iterable[Text]
) -> Iterator[tuple[int, int]]:
    """The texts for people: the inside of each docstring, each comment behind its ``#``."""
    for text in strings:
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

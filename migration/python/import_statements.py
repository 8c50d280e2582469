"""Import statements as text: the spans of their parts, and how one statement becomes several.

Python's parser gives the span of a statement and of each name in it. What it doesn't give is found
here in the bytes: the module between ``from`` and ``import``, comments, parentheses, line ends.
"""

from __future__ import annotations

import ast
import re
from collections.abc import Sequence
from dataclasses import dataclass

from migration.python.source_file import SourceFile

_GAP = rb"(?:[ \t\f]|\\(?:\r\n|\n|\r))*"
_NAME = rb"[\w\x80-\xff]+"
_DOTTED = _NAME + rb"(?:" + _GAP + rb"\." + _GAP + _NAME + rb")*"
_FROM = re.compile(
    rb"from" + _GAP + rb"((?:\.(?:" + _GAP + rb"\.)*)?(?:" + _GAP + _DOTTED + rb")?)"
    + _GAP + rb"(import)(?![\w\x80-\xff])"
)
_NAME_SPAN = re.compile(_DOTTED)
_COMMA = re.compile(r"((?:[^,#]|#[^\r\n]*)*)(,?)", re.DOTALL)
_LINE_TAIL = re.compile(r"[ \t\f]*(?:#[^\r\n]*)?(?=[\r\n])")
_REST_OF_LINE = re.compile(rb"([ \t\f]*(?:#[^\r\n]*)?)(?=[\r\n]|\Z)")
_COMMENT = re.compile(r"#[^\r\n]*")
_PRAGMA = re.compile(r"#.*\b(?:noqa|type:|pragma|isort|pylint|mypy|pyright|fmt|ruff|nosec)")


class CantSplit(Exception):
    """A statement can't be split without losing a comment."""


def module_span(source: SourceFile, statement: ast.ImportFrom) -> tuple[int, int]:
    """Where the text between ``from`` and ``import`` starts and ends, dots included."""
    match = _from_match(source, statement)
    text = match[1]
    start = match.start(1) + len(text) - len(text.lstrip(b" \t\f\\\r\n"))
    return start, match.end(1)


def module_text(source: SourceFile, span: tuple[int, int], text: str) -> str:
    """``text`` with the spaces it needs in that place: ``from.x import(a)`` is legal."""
    start, end = span
    before = " " if source.data[start - 4 : start] == b"from" and not text.startswith(".") else ""
    after = " " if source.data[end : end + 6] == b"import" and not text.endswith(".") else ""
    return before + text + after


def name_span(source: SourceFile, alias: ast.alias) -> tuple[int, int]:
    """Where the imported name of an alias starts and ends, without its ``as``."""
    start = source.offset(alias.lineno, alias.col_offset)
    match = _NAME_SPAN.match(source.data, start)
    assert match, "an alias starts with a name"
    return match.span()


def indent_of(source: SourceFile, start: int) -> str | None:
    """The indentation of a statement that is the first on its line, or None if it isn't."""
    line = source.line_of(start)
    before = source.data[source.line_starts[line - 1] : start]
    if before.strip(b" \t\f"):
        return None
    previous = source.data[: source.line_starts[line - 1]].rstrip(b"\r\n") if line > 1 else b""
    return None if _continues(previous, source, line) else before.decode()


def line_end(source: SourceFile, start: int) -> str:
    """The line end used around an offset: that of its line, or the one before at the file's end."""
    match = re.compile(rb"\r\n|\n|\r").search(source.data, start)
    if match:
        return match[0].decode()
    ends = re.findall(rb"\r\n|\n|\r", source.data)
    return ends[-1].decode() if ends else "\n"


def separator(source: SourceFile, start: int) -> str:
    """What stands between the statement at ``start`` and another one put before or after it.

    A line end and the indentation, or ``; `` where something comes before it on the line.
    """
    indent = indent_of(source, start)
    return "; " if indent is None else line_end(source, start) + indent


def rest_of_line(source: SourceFile, end: int) -> str | None:
    """Blanks and the comment behind a statement, or None if another statement follows."""
    match = _REST_OF_LINE.match(source.data, end)
    return match[1].decode() if match else None


def pragma_after(source: SourceFile, end: int) -> str:
    """The comment behind a statement if it speaks to a tool (``  # noqa``), else ``""``."""
    rest = rest_of_line(source, end) or ""
    return rest if _PRAGMA.search(rest) else ""


@dataclass(frozen=True, slots=True)
class Destination:
    """Where one name of a ``from`` import is to be had after the move.

    :param alias: the name as it was imported.
    :param parent: what to write after ``from``; ``""`` for a top-level module.
    :param leaf: what to write after ``import``.
    """

    alias: ast.alias
    parent: str
    leaf: str

    def written(self, body: str) -> str:
        """The name to import, so that what was bound stays bound: ``backend as warehouse``.

        :param body: the name as it was written, with its ``as`` where it has one. Where the new name is
            the one behind ``as``, that is no longer needed.
        """
        if self.leaf == self.alias.name:
            return body
        if self.alias.asname == self.leaf and "#" not in body:
            return self.leaf
        return self.leaf + body[len(self.alias.name) :] + ("" if self.alias.asname else f" as {self.alias.name}")


@dataclass(frozen=True, slots=True)
class _Item:
    """One name with the text around it: what leads up to it, itself, and what trails its comma."""

    parent: str
    lead: str
    body: str
    before_comma: str
    tail: str
    bound: str
    leaf: str


@dataclass(frozen=True, slots=True)
class _Layout:
    """How the author wrote the names: in parentheses or not, over several lines or not."""

    parens: bool
    head: str
    lead: str
    closing: str
    trailing_comma: bool
    eol: str


def split(source: SourceFile, statement: ast.ImportFrom, names: Sequence[Destination]) -> str:
    """The statements that replace ``statement``: one per parent, in order of first occurrence.

    :raises CantSplit: if a comment would be lost.
    """
    start, end = source.span(statement)
    between = separator(source, start)
    layout, items = _dissect(source, statement, names)
    pragma = pragma_after(source, end)
    texts: list[str] = []
    parents = list(dict.fromkeys(name.parent for name in names))
    for index, parent in enumerate(parents):
        chosen = [item for item in items if item.parent == parent]
        last = index == len(parents) - 1
        if parent:
            texts.append(_from_text(layout, parent, chosen, items[-1], index == 0))
        else:
            texts.append(_import_text(layout, chosen, items[-1], index == 0, between))
        if not last and pragma and between != "; ":
            texts[-1] += pragma
    return between.join(texts)


def _from_match(source: SourceFile, statement: ast.ImportFrom) -> re.Match[bytes]:
    match = _FROM.match(source.data, source.offset(statement.lineno, statement.col_offset))
    assert match, "a from import starts with from, a module and import"
    return match


def _continues(previous: bytes, source: SourceFile, line: int) -> bool:
    """Whether the line before goes on in this one by a backslash (a comment can end in one too)."""
    if not previous.endswith(b"\\"):
        return False
    text = source.data[source.line_starts[line - 2] : len(previous)]
    return b"#" not in text


def _dissect(
    source: SourceFile, statement: ast.ImportFrom, names: Sequence[Destination]
) -> tuple[_Layout, list[_Item]]:
    match = _from_match(source, statement)
    end = source.span(statement)[1]
    inner_start = match.end(2)
    opening = re.compile(_GAP + rb"\(").match(source.data, inner_start)
    parens = opening is not None
    if opening:
        inner_start, end = opening.end(), end - 1
    spans = [
        (source.offset(name.alias.lineno, name.alias.col_offset), source.span(name.alias)[1]) for name in names
    ]
    head, lead = _tail_and_rest(source.data[inner_start : spans[0][0]].decode())
    first_lead = lead
    items: list[_Item] = []
    comma = ""
    for index, (name, (name_start, name_end)) in enumerate(zip(names, spans, strict=True)):
        following = spans[index + 1][0] if index + 1 < len(spans) else end
        between = source.data[name_end:following].decode()
        found = _COMMA.match(between)
        assert found, "matches anything"
        before_comma, comma = found[1], found[2]
        rest = between[found.end() :]
        if not comma:  # behind the last name
            before_comma, rest = "", between
        tail, next_lead = _tail_and_rest(rest)
        body = name.written(source.data[name_start:name_end].decode())
        bound = name.alias.asname or name.alias.name
        items.append(_Item(name.parent, lead, body, before_comma, tail, bound, name.leaf))
        lead = next_lead
    eol = line_end(source, source.span(statement)[0])
    return _Layout(parens, head, first_lead, lead if parens else "", comma == ",", eol), items


def _tail_and_rest(text: str) -> tuple[str, str]:
    """``text`` behind a comma: what still belongs to that line, and what leads to the next name."""
    match = _LINE_TAIL.match(text)
    return (match[0].rstrip(" \t\f"), text[match.end() :]) if match else ("", text)


def _bare_lead(layout: _Layout) -> str:
    """What leads to a first name when its own line is not kept: a line end and the indentation."""
    if not re.search(r"[\r\n]", layout.lead):
        return layout.lead.strip("\\ \t\f") and layout.lead
    return layout.eol + re.split(r"[\r\n]", layout.lead)[-1]


def _from_text(layout: _Layout, parent: str, items: list[_Item], last: _Item, first: bool) -> str:
    """One ``from parent import …`` with the comments and the layout of its names."""
    written = ""
    head = layout.head if first or _PRAGMA.search(layout.head) else ""
    for index, item in enumerate(items):
        lead = item.lead
        if index == 0 and not _has_line(lead):
            lead = _bare_lead(layout) if layout.parens else ""
        if (written or head).rpartition("\n")[2].find("#") >= 0 and not _has_line(lead):
            lead = layout.eol + (_last_line(layout.lead) or "    ")
        final = index == len(items) - 1
        comma = "" if final and not layout.trailing_comma else ","
        written += lead + item.body + item.before_comma + comma + item.tail
    if not layout.parens:
        return f"from {parent} import {written.lstrip(chr(92) + ' ' + chr(9) + chr(12) + chr(13) + chr(10))}"
    closing = layout.closing
    if items[-1] is not last:
        closing = layout.eol + _last_line(closing) if _has_line(closing) else ""
    if "#" in written.rpartition("\n")[2] and not _has_line(closing):
        closing = layout.eol
    inner = head + written + closing
    if "#" not in inner and not _has_line(inner):
        return f"from {parent} import {inner.strip().rstrip(',')}"
    return f"from {parent} import ({inner})"


def _import_text(layout: _Layout, items: list[_Item], last: _Item, first: bool, between: str) -> str:
    """``import leaf as name`` for modules at the top level; comments go on lines before it."""
    around = [layout.head if first else "", *(item.lead + item.before_comma + item.tail for item in items)]
    around.append(layout.closing if items[-1] is last else "")
    comments = [comment for text in around for comment in _COMMENT.findall(text)]
    if comments and between == "; ":
        raise CantSplit("a comment inside the statement has no place on one line")
    imports = [
        f"import {item.leaf}" if item.bound == item.leaf else f"import {item.leaf} as {item.bound}" for item in items
    ]
    return between.join([*comments, *imports])


def _has_line(text: str) -> bool:
    return "\n" in text or "\r" in text


def _last_line(text: str) -> str:
    return re.split(r"[\r\n]", text)[-1]

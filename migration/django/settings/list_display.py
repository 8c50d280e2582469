"""Puts one more string into a list or tuple as its author would have written it (pure).

Python's parser says where the elements are; the bytes between them (commas, parentheses, comments,
line ends) are read here, so that only the new element is added and everything else stays as it is.
"""

from __future__ import annotations

import ast
import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass

from migration.core.changes import Edit
from migration.python.quotes import beside
from migration.python.source_file import SourceFile

_GAP = re.compile(rb"#[^\r\n]*|[,()\[\]]")
_REST_OF_LINE = re.compile(rb"[ \t\f]*(#[^\r\n]*)?(?=[\r\n]|\Z)")


@dataclass(frozen=True, slots=True)
class Slot:
    """An element with its parentheses, and the offset of the comma behind it (None at the end)."""

    start: int
    end: int
    comma: int | None


def insert(
    source: SourceFile, node: ast.List | ast.Tuple, index: int, text: str, before: bool = False
) -> list[Edit]:
    """The edits that put ``text`` behind (or before) the element ``index`` of a display.

    The style is that of the neighbour: quotes, one per line or in a row, indentation, line ends,
    comma at the end or at the front. A comment at the end of a line stays with its element.
    """
    display = _Display.of(source, node)
    if not display.slots:
        return [display.into_empty(_quote(source, node, 0, text))]
    new = _quote(source, node, index, text)
    return [display.before(index, new)] if before else display.after(index, new)


def sorted_run(
    source: SourceFile, node: ast.List | ast.Tuple, index: int, texts: Mapping[int, str], text: str
) -> list[int] | None:
    """The elements around ``index`` that stand in one block and are sorted; None if they are not.

    A block ends at a blank line, at a comment line, at an element that is no plain string, and at an
    entry from another top-level package than ``text`` where the element ``index`` is from the same.
    Two are enough where all are of that package; a mixed block must have three to count as sorted.
    """
    top = text.partition(".")[0]
    kin = texts[index].partition(".")[0] == top

    def belongs(other: int) -> bool:
        return other in texts and (not kin or texts[other].partition(".")[0] == top)

    display = _Display.of(source, node)
    first = last = index
    while belongs(first - 1) and not display.divided(first - 1):
        first -= 1
    while belongs(last + 1) and not display.divided(last):
        last += 1
    run = list(range(first, last + 1))
    keys = [texts[i].casefold() for i in run]
    return run if len(run) >= (2 if kin else 3) and keys == sorted(keys) else None


def _quote(source: SourceFile, node: ast.List | ast.Tuple, index: int, text: str) -> bytes:
    """The new element, quoted like its neighbour, else like the nearest string of the file."""
    near = [n for n in node.elts if _is_string(n)]
    if near:
        chosen = min(near, key=lambda n: abs(node.elts.index(n) - index))
    else:
        strings = [n for n in ast.walk(source.tree) if isinstance(n, ast.Constant) and _is_string(n)]
        if not strings:
            return beside(b"", text).encode()
        chosen = min(strings, key=lambda n: abs(n.lineno - node.lineno))
    start, end = source.span(chosen)
    return beside(source.data[start:end], text).encode()


def _is_string(node: ast.AST) -> bool:
    return isinstance(node, ast.Constant) and isinstance(node.value, str)


@dataclass(frozen=True, slots=True)
class _Display:
    source: SourceFile
    node: ast.List | ast.Tuple
    slots: Sequence[Slot]
    opening: int  # behind the opening bracket
    closing: int  # at the closing bracket

    @classmethod
    def of(cls, source: SourceFile, node: ast.List | ast.Tuple) -> _Display:
        start, end = source.span(node)
        spans = [source.span(element) for element in node.elts]
        if isinstance(node, ast.List) or _parenthesised(source.data, start, end, spans):
            start, end = start + 1, end - 1
        slots: list[Slot] = []
        opened = None
        for number, (left, right) in enumerate(spans):
            until = spans[number + 1][0] if number + 1 < len(spans) else end
            if number == 0:
                opened = next((at for at, mark in _marks(source.data, start, left) if mark == b"("), None)
            begin, comma = left if opened is None else opened, None
            opened = None
            for at, mark in _marks(source.data, right, until):
                if mark == b")" and comma is None:
                    right = at + 1
                elif mark == b",":
                    comma = at
                elif mark == b"(" and opened is None:
                    opened = at
            slots.append(Slot(begin, right, comma))
        return cls(source, node, slots, start, end)

    def line_start(self, offset: int) -> int:
        return self.source.line_starts[self.source.line_of(offset) - 1]

    def lead(self, index: int) -> bytes:
        """What stands before the element on its line."""
        start = self.slots[index].start
        return self.source.data[self.line_start(start) : start]

    def starts_line(self, index: int) -> bool:
        """Whether the element is the first on its line; true behind the last one."""
        return index >= len(self.slots) or self.lead(index).strip() in (b"", b",")

    def lead_of_row(self, index: int) -> bytes | None:
        """The start of a new line for an element near ``index``; None where they stand in a row."""
        if index == 0 and len(self.slots) > 1 and self.starts_line(1):  # ["a",\n "b"], or comma first
            return self.lead(1)
        return self.lead(index) if self.starts_line(index) and self.starts_line(index + 1) else None

    @property
    def newline(self) -> bytes:
        found = re.compile(rb"\r\n|\n|\r").search(self.source.data, self.source.span(self.node)[0])
        return found.group() if found else b"\n"

    def divided(self, index: int) -> bool:
        """Whether a blank line or a comment line stands behind the element ``index``."""
        slot, following = self.slots[index], self.slots[index + 1]
        at = _end_of_line(self.source.data, slot.end if slot.comma is None else slot.comma + 1)
        between = self.source.data[at : following.start]
        return b"#" in between or len(re.findall(rb"\r\n|\n|\r", between)) > 1

    def separator(self, index: int) -> bytes:
        """What stands between two elements of a row."""
        for one, other in ((index, index + 1), (index - 1, index)):
            if one >= 0 and other < len(self.slots):
                comma = self.slots[one].comma
                assert comma is not None
                between = self.source.data[comma + 1 : self.slots[other].start]
                if not between.strip(b" \t"):
                    return b"," + between
        return b", "

    def after(self, index: int, new: bytes) -> list[Edit]:
        slot, data = self.slots[index], self.source.data
        lead = self.lead_of_row(index)
        if lead is None:
            if len(self.slots) == 1 and isinstance(self.node, ast.Tuple) and slot.comma is not None:
                return [Edit(slot.comma + 1, slot.comma + 1, b" " + new)]
            return [Edit(slot.end, slot.end, self.separator(index) + new)]
        if b"," in lead:  # comma first
            at = _end_of_line(data, slot.end)
            return [Edit(at, at, self.newline + lead + new)]
        if slot.comma is not None:
            at = _end_of_line(data, slot.comma + 1)
            return [Edit(at, at, self.newline + lead + new + b",")]
        at = _end_of_line(data, slot.end)
        if at == slot.end:
            return [Edit(at, at, b"," + self.newline + lead + new)]
        return [Edit(slot.end, slot.end, b","), Edit(at, at, self.newline + lead + new)]

    def before(self, index: int, new: bytes) -> Edit:
        slot, lead = self.slots[index], self.lead_of_row(index)
        if lead is None:
            return Edit(slot.start, slot.start, new + self.separator(index))
        if b"," in lead:
            return Edit(slot.start, slot.start, new + self.newline + lead)
        return Edit(slot.start, slot.start, new + b"," + self.newline + lead)

    def into_empty(self, new: bytes) -> Edit:
        data = self.source.data
        inner = data[self.opening : self.closing]
        if not inner.strip():
            if b"\n" not in inner and b"\r" not in inner:
                comma = b"," if isinstance(self.node, ast.Tuple) else b""
                return Edit(self.opening, self.closing, new + comma)
            at = self.opening
        else:
            at = self.opening + len(inner.rstrip())
        last = data[self.line_start(at) : at]
        indent = last[: len(last) - len(last.lstrip())]
        if not last.strip().startswith(b"#"):
            indent += b"    "
        return Edit(at, at, self.newline + indent + new + b",")


def _marks(data: bytes, start: int, end: int) -> Iterator[tuple[int, bytes]]:
    """The commas and brackets between elements, comments skipped."""
    for found in _GAP.finditer(data, start, end):
        if not found.group().startswith(b"#"):
            yield found.start(), found.group()


def _end_of_line(data: bytes, offset: int) -> int:
    """The end of the line where only a comment follows ``offset``, else ``offset`` itself."""
    found = _REST_OF_LINE.match(data, offset)
    return found.end() if found else offset


def _parenthesised(data: bytes, start: int, end: int, spans: Sequence[tuple[int, int]]) -> bool:
    """Whether the first and the last byte of a tuple are its own parentheses: ``("a"), ("b")`` has none."""
    if not spans:
        return True
    depth = 0
    edges = [start, *(edge for span in spans for edge in span), end]
    for left, right in zip(edges[::2], edges[1::2], strict=True):
        for at, mark in _marks(data, left, right):
            depth += {b"(": 1, b")": -1}.get(mark, 0)
            if depth == 0 and mark == b")":
                return at == end - 1
    return False

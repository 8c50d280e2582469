"""Imports that a longer name pushes over the repo's line length go over several lines.

As Black lays them out (https://black.readthedocs.io/en/stable/the_black_code_style/current_style.html),
or as the file does it already. Only a statement that kept the limit before, stands alone on one line
and has no comment is wrapped: the others are their author's choice.
"""

from __future__ import annotations

import ast
import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace

from migration.core.changes import Edit, apply_edits
from migration.core.references import Reference
from migration.python.import_statements import indent_of, line_end, module_span, rest_of_line
from migration.python.mentions import Mentions, import_statements
from migration.python.source_file import SourceFile

_WRAPPED = re.compile(rb"^([ \t]*)from[^\n#()]+import \([ \t]*\r?\n((?:[^\n()#]*\r?\n)+?)[ \t]*\)", re.MULTILINE)
_PLAIN = re.compile(r"from (\S+) import ([^()#;\\\r\n]+)")


@dataclass(frozen=True, slots=True)
class _Style:
    """How the file wraps its imports: what is added to the indentation, one name to a line or many."""

    indent: str
    one_each: bool
    comma: bool


def wrapped(source: SourceFile, references: Sequence[Reference], limit: int) -> tuple[Reference, ...]:
    """The same references, where those that replace a whole statement keep the line length.

    :param limit: the line length in characters; 0 for none.
    """
    if not limit:
        return tuple(references)
    found = []
    for reference in references:
        text = reference.text
        indent = indent_of(source, reference.start) if text and text.startswith("from ") else None
        if text and indent is not None and _is_short(source, reference.start, limit):
            eol = line_end(source, reference.start)
            lines = text.split(eol)
            style = _style(source)
            done = [_wrap(line.removeprefix(indent), indent, style, eol, limit) for line in lines]
            text = done[0] + "".join(eol + indent + line for line in done[1:])
            if all(_PLAIN.fullmatch(line.removeprefix(indent)) for line in lines):
                reference = replace(reference, text=text)
        found.append(reference)
    return tuple(found)


def wraps(source: SourceFile, references: Sequence[Reference], limit: int) -> Iterator[Edit]:
    """The edits around names, beside those of ``references``, that keep the line length.

    :param references: what is rewritten in the file.
    :param limit: the line length in characters; 0 for none.
    """
    edits = [edit for reference in references if (edit := reference.edit)]
    if not limit or not edits:
        return
    lines = Mentions(sorted({source.line_of(edit.start) for edit in edits}))
    for statement in import_statements(source, lines):
        if not isinstance(statement, ast.ImportFrom) or not _can_wrap(source, statement, limit):
            continue
        start, end = source.span(statement)
        inside = [edit for edit in edits if start <= edit.start and edit.end <= end]
        if not inside or any(edit.start <= start or (edit.start == edit.end == end) for edit in inside):
            continue
        first = source.line_starts[statement.lineno - 1]
        shifted = [Edit(edit.start - first, edit.end - first, edit.new) for edit in inside]
        if len(apply_edits(source.data[first:end], shifted).decode()) > limit:
            yield from _around(source, statement, shifted, limit)


def _around(source: SourceFile, statement: ast.ImportFrom, shifted: Sequence[Edit], limit: int) -> Iterator[Edit]:
    """The edits that put parentheses around the names and lines between them."""
    start, end = source.span(statement)
    first = source.line_starts[statement.lineno - 1]
    eol, style = line_end(source, start), _style(source)
    outer = source.data[first:start].decode()
    lead = eol + outer + style.indent
    spans = [source.span(alias) for alias in statement.names]
    keyword = module_span(source, statement)[1]
    opening = source.data.index(b"import", keyword) + len(b"import")
    yield Edit(opening, spans[0][0], f" ({lead}".encode())
    column = len(outer) + len(style.indent)
    for one, two in zip(spans, [*spans[1:], None], strict=True):
        inside = [edit for edit in shifted if one[0] - first <= edit.start and edit.end <= one[1] - first]
        moved = [Edit(edit.start - (one[0] - first), edit.end - (one[0] - first), edit.new) for edit in inside]
        column += len(apply_edits(source.data[slice(*one)], moved).decode()) + 1
        if two is None:
            comma = "," if style.comma else ""
            yield Edit(one[1], end, f"{comma}{eol}{outer})".encode())
            return
        width = two[1] - two[0] + 2
        if style.one_each or column + width > limit:
            yield Edit(one[1], two[0], f",{lead}".encode())
            column = len(outer) + len(style.indent)
        else:
            yield Edit(one[1], two[0], b", ")
            column += 1


def _can_wrap(source: SourceFile, statement: ast.ImportFrom, limit: int) -> bool:
    start, end = source.span(statement)
    return (
        statement.lineno == statement.end_lineno
        and statement.names[0].name != "*"
        and indent_of(source, start) is not None
        and rest_of_line(source, end) == ""
        and _is_short(source, start, limit)
    )


def _is_short(source: SourceFile, start: int, limit: int) -> bool:
    """Whether the line keeps the limit before anything is done to it."""
    line = source.line_of(start)
    begin = source.line_starts[line - 1]
    return len(re.split(rb"[\r\n]", source.data[begin:], maxsplit=1)[0].decode()) <= limit


def _style(source: SourceFile) -> _Style:
    match = _WRAPPED.search(source.data)
    if match is None:
        return _Style("\t" if re.search(rb"^\t", source.data, re.MULTILINE) else "    ", True, True)
    inner = match[2].decode().splitlines()
    indent = re.match(r"[ \t]*", inner[0])
    assert indent
    return _Style(
        indent[0].removeprefix(match[1].decode()) or "    ",
        not any("," in line.strip().rstrip(",") for line in inner),
        inner[-1].rstrip().endswith(","),
    )


def _wrap(line: str, indent: str, style: _Style, eol: str, limit: int) -> str:
    """One statement of a split import; ``line`` without its indentation."""
    match = _PLAIN.fullmatch(line)
    if match is None or len(indent) + len(line) <= limit:
        return line
    lead = eol + indent + style.indent
    names = [name.strip() for name in match[2].split(",") if name.strip()]
    rows: list[str] = []
    for name in names:
        longer = f"{rows[-1]}, {name}" if rows else ""
        if rows and not style.one_each and len(indent) + len(style.indent) + len(longer) + 1 <= limit:
            rows[-1] = longer
        else:
            rows.append(name)
    comma = "," if style.comma else ""
    return f"from {match[1]} import ({lead}" + f",{lead}".join(rows) + f"{comma}{eol}{indent})"

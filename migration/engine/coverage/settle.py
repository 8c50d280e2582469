"""Gaps and what the plan says of them: entries are written, left alone, or a person is asked (pure)."""

from __future__ import annotations

import ast
import posixpath
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field

from migration.engine.coverage.compare import Gap, Move, candidates, gaps
from migration.engine.coverage.reading import Reader, State

Decide = Callable[[Gap], str]


@dataclass(frozen=True)
class Mend:
    """What would close a gap.

    :param path: the file that it is written into; :param entries: what is written there.
    :param raw: the file's content with it.
    """

    path: str
    entries: tuple[str, ...]
    raw: bytes


@dataclass(frozen=True)
class Settled:
    """What is to be written, and what is left.

    :param contents: path -> content, of files that get entries (some may be new).
    :param written: the gaps that these close, each with what closes it.
    :param open: those that a person has to decide, each with what would close it (None: we can't tell).
    :param left: those that the plan leaves alone.
    :param unreadable: files that can't be read as what they are -> what is wrong.
    """

    contents: Mapping[str, bytes]
    written: tuple[tuple[Gap, Mend], ...]
    open: tuple[tuple[Gap, Mend | None], ...]
    left: tuple[Gap, ...]
    unreadable: Mapping[str, str] = field(default_factory=dict)


def settle(before: State, after: State, move: Move, reader: Reader, decide: Decide) -> Settled:
    """Compare two states, and write what the plan wants written.

    An entry is only written where the files are then taken in as before, and no other gap opens.

    :param decide: ``add``, ``leave`` or ``ask`` for a gap.
    """
    contents: dict[str, bytes] = {}
    written: list[tuple[Gap, Mend]] = []
    opened: list[tuple[Gap, Mend | None]] = []
    left: list[Gap] = []
    for gap in gaps(before, after, move, reader):
        decision = decide(gap)
        if decision == "leave":
            left.append(gap)
            continue
        state = reader.changed(after, contents)
        still = _same(gap, gaps(before, state, move, reader, gap.name))
        if still is None:
            continue  # what another gap has been closed with closes this one
        mend = _mend(still, before, state, move, reader, [e for _, m in written for e in m.entries])
        if decision == "add" and mend is not None:
            contents[mend.path] = mend.raw
            written.append((gap, mend))
        else:
            opened.append((gap, mend))
    return Settled(contents, tuple(written), tuple(opened), tuple(left), dict(reader.unreadable))


def _same(gap: Gap, found: Iterable[Gap]) -> Gap | None:
    return next((other for other in found if other.key == gap.key), None)


def _mend(
    gap: Gap, before: State, after: State, move: Move, reader: Reader, placed: Sequence[str]
) -> Mend | None:
    """The first way to close a gap that does, and opens none.

    :param placed: lines that have been written into files of the same name at new places.
    """
    was = {other.key for other in gaps(before, after, move, reader, gap.name)}
    for mend in _ways(gap, after, move, placed):
        state = reader.changed(after, {mend.path: mend.raw})
        rest = {other.key for other in gaps(before, state, move, reader, gap.name)}
        if gap.key not in rest and rest <= was:
            return mend
    return None


def _ways(gap: Gap, after: State, move: Move, placed: Sequence[str]) -> Iterator[Mend]:
    spot = gap.spot or gap.entry.spot
    for entries in candidates(gap, move) if gap.spot else ():
        text = spot.replaced(entries[0]) if gap.entry.pattern.whole else spot.beside(entries)
        if text is not None:
            yield Mend(gap.path, tuple(entries), text.encode("utf-8", "surrogateescape"))
    places = move.places(old for old, _ in gap.files)
    if gap.entry.twin is None or gap.gained or len(places) != 1 or places[0][0] not in move.directories:
        return
    for entries_of in ((gap.entry,), gap.others):  # a line alone, or with those that take back some of what it says
        twins = [twin for entry in entries_of if entry.twin and (twin := entry.twin(places[0]))]
        path = posixpath.join(places[0][1], twins[0][0]) if twins else ""
        lines = tuple(dict.fromkeys(line for _, line in twins))
        text = after.files.read(path).decode("utf-8", "surrogateescape") if path in after.files else ""
        if lines:
            yield Mend(path, lines, _on_top(path, text, lines, placed).encode("utf-8", "surrogateescape"))


def _on_top(path: str, text: str, lines: Sequence[str], placed: Sequence[str]) -> str:
    """A text with lines before all that it says itself: what is nearer to a file has the last word."""
    newline = "\r\n" if "\r\n" in text else "\n"
    at = _head(text) if path.endswith(".py") else 0
    while known := next((one for one in placed if text.startswith(one + newline, at)), None):
        at += len(known + newline)
    if at and text[at - 1] != "\n":
        return text + "".join(newline + line for line in lines) + newline
    return text[:at] + "".join(line + newline for line in lines) + text[at:]


def _head(text: str) -> int:
    """Where the first statement of a Python file may stand: behind its docstring and ``from __future__`` imports."""
    last = 0
    for node in ast.parse(text).body:
        future = isinstance(node, ast.ImportFrom) and node.module == "__future__"
        if not future and not (isinstance(node, ast.Expr) and isinstance(node.value, ast.Constant)):
            break
        last = node.end_lineno or last
    return sum(map(len, text.splitlines(keepends=True)[:last]))

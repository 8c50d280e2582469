"""What all rewriters together find in one file: each place goes to one of them."""

from __future__ import annotations

import bisect
import functools
import itertools
from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass
from typing import Any, TypeVar

from migration.core.changes import Finding
from migration.core.references import Reference
from migration.engine.edited import mistake
from migration.python.source_file import SourceFile
from migration.rewriters import File, Reader, Rewriter
from migration.text.keep_marks import heeded

M = TypeVar("M")


@dataclass(frozen=True, slots=True)
class Rewritten:
    """What became of one file.

    :param path: its path before the move.
    :param raw: its new bytes, None where it stays as it is.
    :param references: what was found, in the order of the text, doubtful places included.
    :param findings: one per place that was left though it may refer to what moves.
    """

    path: str
    raw: bytes | None
    references: tuple[Reference, ...]
    findings: tuple[Finding, ...]


def open_questions(file: File, references: Iterable[Reference], path: str, remedy: str = "") -> Iterator[Finding]:
    """A finding for each place in a file that a person has to decide.

    :param path: where the file is when the person reads it.
    """
    for reference in references:
        if reference.is_open:
            yield Finding(path, file.line_of(reference.start), f"{reference.old}: {reference.reason}", remedy)


def may_hold(file: File, moves: M, rewriters: Sequence[Rewriter[M]]) -> bool:
    """Whether a file can hold a reference of any of the kinds, by its bytes; never wrong about a "no".

    :raises UnreadableSource: if the file can't be decoded.
    """
    return any(sign(file, moves) for sign in _signs(tuple(rewriters), isinstance(file, SourceFile)))


@functools.lru_cache(maxsize=16)
def _signs(rewriters: tuple[Rewriter[Any], ...], in_python: bool) -> tuple[Callable[[Any, Any], bool], ...]:
    """The signs of all kinds, those that several have in common once."""
    signs: dict[Callable[[Any, Any], bool], None] = {}
    for rewriter in rewriters:
        reader: Reader[Any, Any] | None = rewriter.python if in_python else rewriter.text
        if reader is not None:
            signs |= dict.fromkeys(reader.signs or (_by_needles(rewriter),))
    return tuple(signs)


def _by_needles(rewriter: Rewriter[Any]) -> Callable[[File, Any], bool]:
    return lambda file, moves: any(needle in file.data for needle in rewriter.needles(moves))


def claims(
    file: File,
    moves: M,
    rewriters: Sequence[Rewriter[M]],
    settled: Callable[[Reference], Reference] = lambda reference: reference,
) -> tuple[Reference, ...]:
    """The references in a file in the order of the text, each byte claimed once.

    :param settled: what becomes of a reference where the plan has a say in it.
    :raises UnreadableSource: if the file can't be parsed.
    :raises PhaseError: if two kinds overlap of which none gives way, which is a mistake of the rewriters.
    """
    found: list[Reference] = []
    for rewriter in rewriters:
        references: Iterable[Reference] = map(settled, rewriter.find(file, moves))
        if not rewriter.together:
            references = heeded(file.data, references)
        found += _free(found, references) if rewriter.gives_way else references
    found.sort(key=_span)
    for one, two in itertools.pairwise(found):
        if one.end > two.start or _span(one) == _span(two):
            raise mistake(file, two.start, f"the kinds {one.kind} and {two.kind} claim the same place")
    return tuple(found)


def _span(reference: Reference) -> tuple[int, int]:
    return reference.start, reference.end


def _free(claimed: Iterable[Reference], references: Iterable[Reference]) -> Iterator[Reference]:
    """Those that share no byte with something that is claimed already."""
    spans = sorted(map(_span, claimed))
    for reference in references:
        before = bisect.bisect_left(spans, (reference.end,))  # they don't overlap, or this ends in an error
        if not before or spans[before - 1][1] <= reference.start:
            yield reference

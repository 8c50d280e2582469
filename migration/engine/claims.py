"""What several rewriters claim in one file, put together: who wins, and what is a mistake."""

from __future__ import annotations

import bisect
import itertools
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, replace

from migration.core.changes import Finding
from migration.core.errors import PhaseError
from migration.core.moves import Moves
from migration.core.references import KEPT, Reference
from migration.python.source_file import SourceFile
from migration.rewriters import prose


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


def without_prose(references: Iterable[Reference], moves: Moves) -> Iterator[Reference]:
    """The same references, where the plan says so with prose left as it is."""
    for reference in references:
        if moves.prose or reference.kind != prose.KIND or reference.text is None:
            yield reference
        else:
            yield replace(reference, text=None, reason=KEPT + "prose is left as it is")


def merge(source: SourceFile, found: Iterable[Reference]) -> tuple[Reference, ...]:
    """The references of all rewriters in the order of the text.

    A comment within something that is rewritten as a whole goes with it.

    :raises PhaseError: if two others overlap, which is a mistake of the rewriters.
    """
    references = sorted(found, key=lambda reference: (reference.start, reference.end))
    claimed = [reference for reference in references if reference.kind != prose.KIND]
    starts = [other.start for other in claimed]

    def is_claimed(reference: Reference) -> bool:
        before = bisect.bisect_left(starts, reference.end)  # the others don't overlap, or this ends in an error
        return before > 0 and claimed[before - 1].end > reference.start

    references = [
        reference for reference in references if reference.kind != prose.KIND or not is_claimed(reference)
    ]
    for one, two in itertools.pairwise(references):
        if one.end > two.start or (one.start, one.end) == (two.start, two.end):
            raise mistake(source, two.start, f"the kinds {one.kind} and {two.kind} claim the same place")
    return tuple(references)


def mistake(source: SourceFile, offset: int, message: str) -> PhaseError:
    return PhaseError(
        f"{source.path}:{source.line_of(offset)}: {message}; the file was not written",
        "report this line; until it is corrected, change it by hand or list the file under exclude in moves.yml",
    )

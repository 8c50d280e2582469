"""All rewriters over one file: find, merge, edit, and prove that nothing but references changed."""

from __future__ import annotations

import bisect
import itertools
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, replace

from migration.core.changes import Edit, Finding, apply_edits
from migration.core.errors import PhaseError
from migration.core.references import Moves, Reference, Rewriter, SourceFile
from migration.engine.proof import Unproven, prove
from migration.python.file_head import headed
from migration.python.long_imports import wrapped, wraps
from migration.python.mentions import may_refer
from migration.rewriters import REWRITERS, prose, templates
from migration.text.dotted_names import KEPT
from migration.text.globs import may_hold_glob
from migration.text.keep_marks import heeded
from migration.text.paths import may_hold_path_in_code


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


def rewrite(source: SourceFile, moves: Moves, rewriters: Sequence[Rewriter] = REWRITERS) -> Rewritten:
    """Rewrite the references of one file.

    :param source: the file as it was before the move. It is not even parsed where a look at its
        bytes tells that it holds no reference.
    :raises UnreadableSource: if the file can't be decoded or parsed.
    :raises PhaseError: if the result would differ in more than its references, naming file and line.
    """
    if not may_hold(source, moves):
        return Rewritten(source.path, None, (), ())
    source = headed(source, moves, may_hold)  # most files name what moves in their imports alone
    every = (found for rewriter in rewriters for found in rewriter.find(source, moves))
    merged = merge(source, heeded(source.data, without_prose(every, moves)))
    references = wrapped(source, merged, moves.line_length)
    plain = {edit for reference in references if (edit := reference.edit)}
    edits = sorted(plain.union(wraps(source, references, moves.line_length)))
    raw = _edited(source, edits, references) if edits else None
    findings = tuple(
        Finding(source.path, source.line_of(reference.start), f"{reference.old}: {reference.reason}")
        for reference in references
        if reference.text is None and not reference.reason.startswith(KEPT)
    )
    return Rewritten(source.path, raw, references, findings)


def may_hold(source: SourceFile, moves: Moves) -> bool:
    """Whether a file can hold a reference of any kind, by its bytes; never wrong about a "no".

    :raises UnreadableSource: if the file can't be decoded.
    """
    return (
        may_refer(source, moves)
        or may_hold_path_in_code(source.data, moves)
        or may_hold_glob(source.data, moves)
        or any(needle in source.data for needle in templates.needles(moves))
    )


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
            raise _mistake(source, two.start, f"the kinds {one.kind} and {two.kind} claim the same place")
    return tuple(references)


def _edited(source: SourceFile, edits: Sequence[Edit], references: Sequence[Reference]) -> bytes | None:
    data = apply_edits(source.data, edits)
    if data == source.data:
        return None
    try:
        raw = source.encode(data)
        prove(source, data, edits, references)
    except Unproven as error:
        raise _mistake(source, error.offset, str(error)) from error
    return raw


def _mistake(source: SourceFile, offset: int, message: str) -> PhaseError:
    return PhaseError(
        f"{source.path}:{source.line_of(offset)}: {message}; the file was not written",
        "report this line; until it is corrected, change it by hand or list the file under exclude in moves.yml",
    )

"""All rewriters over one file: find, merge, edit, and prove that nothing but references changed."""

from __future__ import annotations

from collections.abc import Sequence

from migration.core.changes import Edit, Finding, apply_edits
from migration.core.moves import Moves
from migration.core.references import KEPT, Reference
from migration.engine.claims import Rewritten, merge, mistake, without_prose
from migration.engine.proof import Unproven, prove
from migration.python.file_head import headed
from migration.python.long_imports import wrapped, wraps
from migration.python.mentions import may_refer
from migration.python.source_file import SourceFile
from migration.rewriters import REWRITERS, Rewriter, templates
from migration.text.globs import may_hold_glob
from migration.text.keep_marks import heeded
from migration.text.paths import may_hold_path_in_code


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


def _edited(source: SourceFile, edits: Sequence[Edit], references: Sequence[Reference]) -> bytes | None:
    data = apply_edits(source.data, edits)
    if data == source.data:
        return None
    try:
        raw = source.encode(data)
        prove(source, data, edits, references)
    except Unproven as error:
        raise mistake(source, error.offset, str(error)) from error
    return raw

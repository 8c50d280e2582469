"""All text rewriters over one file that is not Python: find, merge, edit."""

from __future__ import annotations

import itertools
from collections.abc import Sequence

from migration.core.changes import Finding, apply_edits
from migration.core.errors import PhaseError
from migration.core.moves import Moves
from migration.core.references import KEPT, TextFile
from migration.engine.claims import Rewritten, without_prose
from migration.rewriters import TEXT_REWRITERS, TextRewriter, templates
from migration.text.dotted_names import may_name
from migration.text.globs import may_hold_glob
from migration.text.keep_marks import heeded
from migration.text.paths import may_hold_path


def may_refer(text: TextFile, moves: Moves) -> bool:
    """Whether a file can hold a reference to something that moves; never wrong about a "no"."""
    if text.path in moves.files or may_hold_path(text.raw, moves) or may_name(text.raw, moves):
        return True
    if may_hold_glob(text.raw, moves, text.path):
        return True
    return any(needle in text.raw for needle in templates.needles(moves))


def rewrite_text(
    text: TextFile, moves: Moves, *, rewriters: Sequence[TextRewriter] = TEXT_REWRITERS
) -> Rewritten:
    """Rewrite the references of one file that is not Python.

    Whether it is one that is left as it is (:func:`left_out`) is for the caller to ask.

    :param text: the file as it was before the move.
    :raises PhaseError: if two kinds claim the same place, naming file and line.
    """
    if not may_refer(text, moves):
        return Rewritten(text.path, None, (), ())
    every = (reference for rewriter in rewriters for reference in rewriter.find_in_text(text, moves))
    heard = heeded(text.raw, without_prose(every, moves))
    references = tuple(sorted(heard, key=lambda reference: (reference.start, reference.end)))
    for one, two in itertools.pairwise(references):
        if one.end > two.start:
            raise PhaseError(
                f"{text.path}:{text.line_of(two.start)}: the kinds {one.kind} and {two.kind} claim the same place;"
                " the file was not written",
                "report this line; until it is corrected, list the file under exclude in moves.yml",
            )
    raw = apply_edits(text.raw, [edit for reference in references if (edit := reference.edit)])
    findings = tuple(
        Finding(text.path, text.line_of(reference.start), f"{reference.old}: {reference.reason}")
        for reference in references
        if reference.text is None and not reference.reason.startswith(KEPT)
    )
    return Rewritten(text.path, raw if raw != text.raw else None, references, findings)

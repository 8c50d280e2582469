"""All rewriters over one file that is not Python: find, edit."""

from __future__ import annotations

import functools
from collections.abc import Sequence

from migration.core.moves import Moves
from migration.core.references import TextFile
from migration.engine.claims import Rewritten, claims, may_hold, open_questions
from migration.engine.edited import edited
from migration.engine.rewrite_python import prose_settled
from migration.rewriters import OF_NAMES, Rewriter


def rewrite_text(text: TextFile, moves: Moves, rewriters: Sequence[Rewriter[Moves]] = OF_NAMES) -> Rewritten:
    """Rewrite the references of one file that is not Python.

    Whether it is one that is left as it is (:func:`migration.text.text_style.left_out`) is for the caller to ask.

    :param text: the file as it was before the move.
    :raises PhaseError: if two kinds claim the same place, naming file and line.
    """
    if not may_hold(text, moves, rewriters):
        return Rewritten(text.path, None, (), ())
    references = claims(text, moves, rewriters, functools.partial(prose_settled, moves))
    findings = open_questions(text, references, moves.new_path(text.path))
    return Rewritten(text.path, edited(text, references), references, tuple(findings))

"""All rewriters over one Python file: find, edit, and prove that nothing but references changed."""

from __future__ import annotations

import functools
from collections.abc import Sequence

from migration.core.moves import Moves
from migration.core.references import PROSE, Reference
from migration.engine.claims import Rewritten, claims, may_hold, open_questions
from migration.engine.edited import edited
from migration.python.file_head import headed
from migration.python.long_imports import wrapped, wraps
from migration.python.source_file import SourceFile
from migration.rewriters import OF_NAMES, Rewriter


def rewrite(source: SourceFile, moves: Moves, rewriters: Sequence[Rewriter[Moves]] = OF_NAMES) -> Rewritten:
    """Rewrite the references of one file.

    :param source: the file as it was before the move. It is not even parsed where a look at its
        bytes tells that it holds no reference.
    :raises UnreadableSource: if the file can't be decoded or parsed.
    :raises PhaseError: if the result would differ in more than its references, naming file and line.
    """
    may_refer = functools.partial(may_hold, rewriters=rewriters)
    if not may_refer(source, moves):
        return Rewritten(source.path, None, (), ())
    source = headed(source, moves, may_refer)  # most files name what moves in their imports alone
    merged = claims(source, moves, rewriters, functools.partial(prose_settled, moves))
    references = wrapped(source, merged, moves.line_length)
    raw = edited(source, references, wraps(source, references, moves.line_length))
    findings = open_questions(source, references, moves.new_path(source.path))
    return Rewritten(source.path, raw, references, tuple(findings))


def prose_settled(moves: Moves, reference: Reference) -> Reference:
    """The same reference, left where the plan says so with prose."""
    if moves.prose or reference.kind != PROSE or reference.text is None:
        return reference
    return reference.left("prose is left as it is", kept=True)

"""All rewriters of model labels and tables over one file: find, edit, prove, and look for what is wrong then."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace

from migration.core.changes import Finding
from migration.core.moves import LISTED
from migration.core.references import Reference
from migration.django.model_moves import ModelMoves
from migration.engine.claims import claims
from migration.engine.edited import edited
from migration.python.source_file import SourceFile
from migration.rewriters import OF_MODELS, File, Rewriter


@dataclass(frozen=True, slots=True)
class Prepared:
    """What became of one file.

    :param raw: its new bytes, or None where nothing changes.
    :param references: everything that was found, also what is left (``text`` is None).
    :param problems: what is wrong with the file afterwards; anything here must stop the phase.
    """

    raw: bytes | None
    references: tuple[Reference, ...]
    problems: tuple[Finding, ...]


def prepare(file: File, models: ModelMoves, rewriters: Sequence[Rewriter[ModelMoves]] = OF_MODELS) -> Prepared:
    """Rewrite one file and check the result.

    :param file: the file as update_imports left it; path and module are those before the move.
    :raises UnreadableSource: if the file can't be parsed.
    :raises PhaseError: if the result would differ in more than its references, naming file and line.
    """
    references = _find(file, models, rewriters)
    raw = edited(file, references)
    if not isinstance(file, SourceFile):
        return Prepared(raw, references, ())
    after = file if raw is None else replace(file, raw=raw)
    return Prepared(raw, references, tuple(_problems(after, models, rewriters)))


def _find(file: File, models: ModelMoves, rewriters: Sequence[Rewriter[ModelMoves]]) -> tuple[Reference, ...]:
    def settled(reference: Reference) -> Reference:
        return reference.left(LISTED, kept=True) if reference.old in models.plan.keep else reference

    return claims(file, models, rewriters, settled)


def _problems(source: SourceFile, models: ModelMoves, rewriters: Sequence[Rewriter[ModelMoves]]) -> Iterator[Finding]:
    """What is wrong with a file after the rewrite: an old label that is still named, or what a kind knows of."""
    for reference in _find(source, models, rewriters):
        if reference.text is not None and not reference.adds:  # what is to be added, its kind speaks of
            path, line = models.plan.new_path(source.path), source.line_of(reference.start)
            yield Finding(path, line, f"{reference.old} is still named here", f"name {reference.new}")
    for rewriter in rewriters:
        if rewriter.problems is not None:
            yield from rewriter.problems(source, models)

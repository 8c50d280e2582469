"""The one place where edits become a file's new bytes: whoever makes them, what they change is proved first."""

from __future__ import annotations

import itertools
from collections.abc import Iterable

from migration.core.changes import Edit, apply_edits
from migration.core.errors import PhaseError
from migration.core.references import Reference, TextFile
from migration.engine.proof import Unproven, prove
from migration.python.source_file import SourceFile


def edited(file: SourceFile | TextFile, references: Iterable[Reference], layout: Iterable[Edit] = ()) -> bytes | None:
    """The bytes of a file with its references rewritten, None where they stay as they are.

    :param references: say what changes; those that are left change nothing.
    :param layout: edits beside them that change no more than how the text is laid out.
    :raises UnreadableSource: if the file can't be parsed.
    :raises PhaseError: if the new text would differ from the old one in more than the references, or the file's
        encoding can't hold it; names file and line.
    """
    references = tuple(references)
    edits = sorted({*layout, *(edit for reference in references if (edit := reference.edit))})
    try:
        data = apply_edits(file.data, edits)
    except ValueError as error:
        raise mistake(file, _overlap(edits), "two edits overlap") from error
    if data == file.data:
        return None
    if not isinstance(file, SourceFile):
        return data
    raw = file.encode(data)
    try:
        prove(file, data, edits, references)
    except Unproven as error:
        raise mistake(file, error.offset, str(error)) from error
    return raw


def _overlap(edits: list[Edit]) -> int:
    """Where an edit starts before the one in front of it ends."""
    pairs = itertools.pairwise(edits)
    return next((two.start for one, two in pairs if two.start < one.end), edits[-1].start)


def mistake(file: SourceFile | TextFile, offset: int, message: str) -> PhaseError:
    """The error for a place where the tool itself is wrong: nothing is written, and a person can go on."""
    return PhaseError(
        f"{file.path}:{file.line_of(offset)}: {message}; the file was not written",
        "report this line; until it is corrected, change it by hand or list the file under exclude in moves.yml",
    )

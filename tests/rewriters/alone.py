"""One rewriter on its own: what it finds in a file, proven and done, and nothing more in a second run."""

from __future__ import annotations

from collections.abc import Sequence
from types import ModuleType

from migration.core.changes import apply_edits
from migration.core.moves import Moves
from migration.core.names import is_package_file, module_of
from migration.core.references import Reference, TextFile
from migration.engine.claims import claims
from migration.engine.proof import prove
from migration.python.source_file import SourceFile
from tests.rewriters.kinds import of
from tests.rewriters.tools import WAREHOUSE, raw_of


def check(
    rewriter: ModuleType,
    text: str | bytes,
    expected: str | bytes | None = None,
    path: str = "posthog/utils.py",
    moves: Moves = WAREHOUSE,
    left: Sequence[str] = (),
    again: bool = True,
) -> tuple[Reference, ...]:
    """Assert that a Python file becomes ``expected`` (stays as it is without).

    :param left: for each place that is left: a part of ``<line>: <old>: <reason>``.
    :param again: whether a second run must change nothing (not where names swap places).
    :returns: the references.
    """
    source = SourceFile(path, raw_of(text), module_of(path, ["."]))
    references = claims(source, moves, of(rewriter))
    after = _edited(source, references)
    assert after.decode() == raw_of(text if expected is None else expected).decode()
    _check_left([(source.line_of(r.start), r) for r in references], left)
    module, place = source.module, path
    if module is not None and (new := moves.new_module(module)) != module:
        module, place = new, new.replace(".", "/") + ("/__init__.py" if is_package_file(path) else ".py")
    second = SourceFile(place, after, module)
    changed = _edited(second, claims(second, moves, of(rewriter)))
    assert not again or changed == after, "a second run changes something"
    return references


def check_text(
    rewriter: ModuleType, text: str, expected: str | None = None, path: str = "x.html", moves: Moves = WAREHOUSE, left: Sequence[str] = ()
) -> tuple[Reference, ...]:
    """The same for a file that is not Python."""
    file = TextFile(path, text.encode())
    references = claims(file, moves, of(rewriter))
    after = apply_edits(file.raw, [edit for reference in references if (edit := reference.edit)])
    assert after.decode() == (text if expected is None else expected)
    _check_left([(file.line_of(r.start), r) for r in references], left)
    again = claims(TextFile(moves.new_path(path), after), moves, of(rewriter))
    assert not any(reference.edit for reference in again), "a second run changes something"
    return references


def _edited(source: SourceFile, references: Sequence[Reference]) -> bytes:
    edits = sorted({edit for reference in references if (edit := reference.edit)})
    data = apply_edits(source.data, edits)
    prove(source, data, edits, references)
    return source.encode(data)


def _check_left(references: Sequence[tuple[int, Reference]], left: Sequence[str]) -> None:
    found = [f"{line}: {r.old}: {'kept: ' * r.kept}{r.reason}" for line, r in references if r.text is None]
    assert len(found) == len(left), found
    for line, part in zip(found, left, strict=True):
        assert part in line, line

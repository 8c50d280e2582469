"""Edits become bytes where they are proven, and nowhere else."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

from migration.core.changes import Edit
from migration.core.errors import PhaseError
from migration.core.references import Reference, TextFile
from migration.engine.edited import edited
from migration.python.source_file import SourceFile

ROOT = Path(__file__).parents[2] / "migration"


def reference(start: int, end: int, text: str | None) -> Reference:
    return Reference("x", start, end, "", "", text)


def source(raw: bytes) -> SourceFile:
    return SourceFile("a.py", raw, "a")


@pytest.mark.parametrize("references", [[], [reference(4, 7, None)], [reference(4, 7, "a.b")]])
def test_nothing_changes(references: list[Reference]) -> None:
    assert edited(source(b"x = a.b\n"), references) is None
    assert edited(TextFile("a.yml", b"x = a.b\n"), references) is None


def test_what_the_references_say_is_done() -> None:
    assert edited(source(b"x = a.b\n"), [reference(4, 7, "n.b")]) == b"x = n.b\n"
    assert edited(TextFile("a.yml", b"x: a.b\xff"), [reference(3, 6, "n.b")]) == b"x: n.b\xff"


def test_the_file_keeps_its_encoding() -> None:
    raw = "# coding: latin-1\nx = a.b  # é\n".encode("latin-1")
    assert edited(source(raw), [reference(22, 25, "n.b")]) == raw.replace(b"a.b", b"n.b")


def test_layout_goes_along_but_changes_nothing_else() -> None:
    assert edited(source(b"f(a.b, c)\n"), [reference(2, 5, "n.b")], [Edit(6, 7, b"\n  ")]) == b"f(n.b,\n  c)\n"
    with pytest.raises(PhaseError, match="a.py:1: the syntax tree would change; the file was not written"):
        edited(source(b"f(a.b, c)\n"), [reference(2, 5, "n.b")], [Edit(6, 7, b" d, ")])


def test_edits_that_overlap() -> None:
    with pytest.raises(PhaseError, match="a.yml:2: two edits overlap; the file was not written"):
        edited(TextFile("a.yml", b"a\nbcd\n"), [reference(2, 4, "x"), reference(3, 5, "y")])


def test_nobody_else_makes_bytes_of_edits() -> None:
    """``apply_edits`` proves nothing: beside this module only what measures a line that is never written calls it."""
    users = {str(path.relative_to(ROOT)) for path in ROOT.rglob("*.py") if re.search(rb"\bapply_edits\(", path.read_bytes())}
    assert users == {"core/changes.py", "engine/edited.py", "python/long_imports.py"}

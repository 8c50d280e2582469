from __future__ import annotations

import pytest

from migration.core.changes import ChangeSet, Edit, Finding, Rename, Write, apply_edits


def test_no_edit_changes_nothing() -> None:
    assert apply_edits(b"abc", []) == b"abc"
    assert not ChangeSet()


@pytest.mark.parametrize(("edits", "after"), [
    ([Edit(0, 1, b"x")], b"xbc"), ([Edit(2, 3, b""), Edit(0, 0, b"x")], b"xab"), ([Edit(1, 1, b"x"), Edit(1, 2, b"y")], b"axyc"),
    ([Edit(3, 3, b"x")], b"abcx"), ([Edit(0, 1, b"x"), Edit(1, 2, b"y")], b"xyc"), ([Edit(0, 1, b"x"), Edit(0, 1, b"x")], b"xbc"),
])
def test_edits(edits: list[Edit], after: bytes) -> None:
    assert apply_edits(b"abc", edits) == apply_edits(b"abc", reversed(edits)) == after


@pytest.mark.parametrize("edits", [
    [Edit(0, 2, b""), Edit(1, 3, b"")], [Edit(0, 2, b"x"), Edit(0, 2, b"y")], [Edit(2, 4, b"")], [Edit(-1, 0, b"")], [Edit(2, 1, b"")],
])
def test_edits_that_do_not_fit(edits: list[Edit]) -> None:
    with pytest.raises(ValueError, match="edit"):
        apply_edits(b"abc", edits)


def test_paths_of_a_change_set() -> None:
    changes = ChangeSet((Rename("a", "b"),), ("c",), (Write("d", b""),))
    assert list(changes.paths) == ["a", "b", "c", "d"]
    assert changes


@pytest.mark.parametrize(("finding", "text"), [
    (Finding("a.py", 3, "is odd", "look"), "a.py:3: is odd -> look"), (Finding("a.py", 0, "is odd"), "a.py: is odd"),
])
def test_findings_as_text(finding: Finding, text: str) -> None:
    assert str(finding) == text

from __future__ import annotations

import subprocess
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from migration.changes import ChangeSet, Edit, Finding, Rename, Write, apply_edits, unified_diff


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


@pytest.mark.parametrize(("old", "new", "text"), [
    (b"a\n", b"a\n", ""), (b"\0", b"\0", ""), (b"\0", b"\0x", "Binary files a/x and b/y differ\n"),
    (b"a\n", b"b\n", "--- a/x\n+++ b/y\n@@ -1 +1 @@\n-a\n+b\n"),
    (b"a", b"b\n", "--- a/x\n+++ b/y\n@@ -1 +1 @@\n-a\n\\ No newline at end of file\n+b\n"),
    (b"a\r\n\x0cb\xff\n", b"a\r\n\x0cc\xff\n", "--- a/x\n+++ b/y\n@@ -1,2 +1,2 @@\n a\r\n-\x0cb\\xff\n+\x0cc\\xff\n"),
    ("a\u2028b\n".encode(), b"", "--- a/x\n+++ b/y\n@@ -1 +0,0 @@\n-a\u2028b\n"),
])
def test_diff(old: bytes, new: bytes, text: str) -> None:
    assert unified_diff(old, new, "x", "y") == text


@given(st.lists(st.sampled_from(["a\n", "b\n", "\x0c\n", "c\r\n", "d\x0bd\n", "e"])), st.lists(st.sampled_from(["a\n", "b\n", "e", "f\u2028\n"])))
def test_git_can_apply_the_diff(tmp_path_factory: pytest.TempPathFactory, old: list[str], new: list[str]) -> None:
    before, after = "".join(old).encode(), "".join(new).encode()
    if not before or not after or before == after:
        return  # made and removed files have other headers
    where: Path = tmp_path_factory.mktemp("diff")
    (where / "f").write_bytes(before)
    subprocess.run(["git", "apply", "-p1", "--unidiff-zero", "-"], cwd=where, input=unified_diff(before, after, "f", "f").encode(), check=True)
    assert (where / "f").read_bytes() == after

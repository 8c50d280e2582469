"""The diff is checked with git itself: applied to a copy of the repo, it gives the tree that was worked out."""

from __future__ import annotations

import os
from collections.abc import Iterable, Sequence
from pathlib import Path

import pytest

from migration.core.changes import ChangeSet, Rename, Write
from migration.report.diff import diff_of
from tests.tools import Content, Link, Script, contents, disk, git, make_repo, renames, workspace, writes

FILES: dict[str, Content] = {
    "a.py": "one\ntwo\nthree\n",
    "b.py": "b = 1\n",
    "empty.py": "",
    "end.py": "no line feed",
    "latin.py": "# -*- coding: latin-1 -*-\nname = 'é'\n".encode("latin-1"),
    "crlf.py": b"one\r\ntwo\r\n\x0c\r\nthree\rfour\r\n",
    "picture.png": b"\x89PNG\r\n\0\1\2" * 40,
    "nul": b"\0",
    "run.sh": Script("#!/bin/sh\n"),
    "link": Link("a.py"),
    "pkg/__init__.py": "x = 1\n",
    "with blank.py": "blank\n",
    'odd\t"\\\n.py': "odd\n",
    "ünï.py": "uni\n",
    os.fsdecode(b"\xff.py"): "bytes\n",
}


def diff(repo: Path, changes: Iterable[ChangeSet]) -> tuple[str, dict[str, bytes]]:
    """The diff, and the content of every file afterwards."""
    work = workspace(repo)
    before = after = work.baseline()
    sets = list(changes)
    for one in sets:
        after = after.changed(one)
    expected = {path: after.read(path) for path in after}
    return diff_of(before, after, sets, work.git.oid_of), expected


def applies(tmp_path: Path, *changes: ChangeSet, files: dict[str, Content] = FILES, options: Sequence[str] = ()) -> str:
    """The diff; git takes it on a fresh checkout and then has every file as it should be."""
    repo = make_repo(tmp_path / "repo", files, *options)
    untouched = disk(repo)
    text, expected = diff(repo, changes)
    assert disk(repo) == untouched
    git(tmp_path, "clone", "-q", "repo", "copy")
    copy = tmp_path / "copy"
    patch = tmp_path / "patch"
    patch.write_bytes(os.fsencode(text))
    git(copy, "apply", "--check", str(patch))
    git(copy, "apply", "--index", str(patch))
    assert contents(copy) == expected
    assert not git(copy, "diff")
    return text


# ---- what is not in a diff


def test_nothing_changes(tmp_path: Path) -> None:
    text, _ = diff(make_repo(tmp_path, FILES), [])
    assert text == ""


def test_a_rewrite_to_the_same_is_no_change(tmp_path: Path) -> None:
    text, _ = diff(make_repo(tmp_path, FILES), [writes(b_py="b = 1\n")])
    assert text == ""


def test_there_and_back_is_no_change(tmp_path: Path) -> None:
    text, _ = diff(make_repo(tmp_path, FILES), [writes(b_py="b = 2\n"), writes(b_py="b = 1\n")])
    assert text == ""


# ---- what is


@pytest.mark.parametrize("changes", [
    pytest.param(writes(a_py="one\n2\nthree\n", b_py=""), id="rewrites"),
    pytest.param(writes(empty_py="x\n"), id="into an empty file"),
    pytest.param(writes(end_py="still no line feed"), id="no line feed at the end"),
    pytest.param(writes(end_py="a line feed\n", b_py="b = 1"), id="line feed comes and goes"),
    pytest.param(ChangeSet(writes=(Write("latin.py", "# -*- coding: latin-1 -*-\nname = 'è'\n".encode("latin-1")),)), id="latin-1"),
    pytest.param(ChangeSet(writes=(Write("crlf.py", b"one\r\n2\r\n\x0c\r\nthree\rfour\r\nfive\x85\xe2\x80\xa8six\n"),)), id="line ends"),
    pytest.param(ChangeSet(writes=(Write("picture.png", b"\0" + bytes(range(256)) * 9), Write("nul", b""))), id="binary"),
    pytest.param(ChangeSet(writes=(Write("a.py", b"now\0binary"),)), id="text to binary"),
    pytest.param(ChangeSet(removes=tuple(FILES)), id="delete everything"),
    pytest.param(ChangeSet(tuple(Rename(path, f"new dir/{path}") for path in FILES)), id="rename everything"),
    pytest.param(ChangeSet(writes=(
        Write("new/empty.py", b"", create=True), Write("new/text.py", b"x\n", create=True), Write("new/end.py", b"x", create=True),
        Write("new/a b.py", b"x\n", create=True), Write('new/"\t.py', b"x\n", create=True), Write("new/b.bin", b"\0", create=True),
        Write("new/run", b"x\n", create=True, mode="100755"), Write("new/link", b"../a.py", create=True, mode="120000"),
    )), id="create"),
    pytest.param(renames("a.py > b.py", "b.py > a.py"), id="swap"),
    pytest.param(renames("a.py > b.py", "b.py > c.py"), id="chain"),
    pytest.param(ChangeSet((Rename("pkg/__init__.py", "new/__init__.py"),), writes=(Write("pkg/__init__.py", b"", create=True),)), id="left behind"),
    pytest.param(ChangeSet((Rename("a.py", "a.py/a.py"),)), id="a file becomes a directory"),
    pytest.param(ChangeSet((Rename("a.py", "new/a.py"),), ("b.py",), (Write("end.py", b"b = 1\n"),)), id="merge"),
])
def test_git_applies_it(tmp_path: Path, changes: ChangeSet) -> None:
    assert applies(tmp_path, changes)


def test_several_phases(tmp_path: Path) -> None:
    text = applies(
        tmp_path,
        ChangeSet(writes=(Write("new/__init__.py", b"", create=True), Write("b.py", b"b = 2\n"))),
        renames("a.py > new/a.py", "b.py > new/b.py"),
        ChangeSet(writes=(Write("new/a.py", b"one\n2\nthree\n"), Write("new/__init__.py", b"x\n"))),
    )
    assert text == """\
diff --git a/new/__init__.py b/new/__init__.py
new file mode 100644
--- /dev/null
+++ b/new/__init__.py
@@ -0,0 +1 @@
+x
diff --git a/a.py b/new/a.py
rename from a.py
rename to new/a.py
--- a/a.py
+++ b/new/a.py
@@ -1,3 +1,3 @@
 one
-two
+2
 three
diff --git a/b.py b/new/b.py
rename from b.py
rename to new/b.py
--- a/b.py
+++ b/new/b.py
@@ -1 +1 @@
-b = 1
+b = 2
"""


def test_ids_of_another_length(tmp_path: Path) -> None:
    applies(tmp_path, ChangeSet(writes=(Write("nul", b"\0\0"),)), options=["--object-format=sha256"])

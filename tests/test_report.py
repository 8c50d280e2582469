"""The diff is checked with git itself: applied to a copy of the repo, it gives the tree that was worked out."""

from __future__ import annotations

import io
import os
import subprocess
import sys
from collections.abc import Iterable, Sequence
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import pytest
import yaml
from doit.exceptions import TaskFailed

from migration import report
from migration.changes import ChangeSet, Rename, Write
from migration.phases import ORDER, PHASES
from migration.session import Options, Session
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
    return report.diff_of(before, after, sets, work.git.oid_of), expected


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


# ---- status


def test_status_before_anything_ran() -> None:
    assert report.status_table({}) == "nothing has run yet\n"


@pytest.mark.parametrize(("entry", "line"), [
    ({"status": "pending", "timestamp": None}, "  scan_moves           -"),
    ({"status": "completed", "timestamp": "2024-01-01T00:00:00Z", "summary": "3 files moved"},
     "  scan_moves           done     2024-01-01T00:00:00Z  3 files moved"),
    ({"status": "failed", "timestamp": "2024-01-01T00:00:00Z", "error": "it broke\n  here\n  -> mend it"},
     "  scan_moves           FAILED   2024-01-01T00:00:00Z  it broke"),
    ({"status": "in_progress", "timestamp": "2024-01-01T00:00:00Z", "pid": os.getpid()},
     "  scan_moves           running  2024-01-01T00:00:00Z"),
    ({"status": "in_progress", "timestamp": "2024-01-01T00:00:00Z", "pid": 2**22 + 1},
     "  scan_moves           stopped  2024-01-01T00:00:00Z"),
    ({"status": "in_progress", "timestamp": "2024-01-01T00:00:00Z"}, "  scan_moves           stopped  2024-01-01T00:00:00Z"),
])
def test_status(entry: dict[str, Any], line: str) -> None:
    content = {"product": "shop", "status": "pending", "completed": 0, "total": 1, "phases": [{"id": "scan_moves", **entry}]}
    assert report.status_table(content) == f"shop: pending (0/1 phases)\n{line}\n"


# ---- the reporter


class Reporting:
    """A reporter, driven as doit drives it."""

    def __init__(self, home: Path, selected: Sequence[str] = ORDER, repo: Path | None = None) -> None:
        self.session = Session(Options("shop", repo), home)
        self.session.state.mkdir(parents=True)
        self.out = io.StringIO()
        self.reporter = report.reporter(self.session, PHASES)(self.out, {})
        self.reporter.initialize({}, selected)

    def task(self, name: str, **values: object) -> Any:
        usual = {"seconds": 1.5, "summary": f"did {name}", "findings": [], "files_modified": [], "timestamp": "now", "run": "1"}
        return SimpleNamespace(name=name, values={**usual, **values}, actions=[1])

    def tracked(self) -> dict[str, Any]:
        content: dict[str, Any] = yaml.safe_load(self.session.tracker_path.read_text())
        return content


def test_a_command_says_nothing_of_phases(tmp_path: Path) -> None:
    run = Reporting(tmp_path, ["status"])
    task = run.task("status")
    run.reporter.execute_task(task)
    run.reporter.add_success(task)
    run.reporter.complete_run()
    assert run.out.getvalue() == ""
    assert not run.session.tracker_path.exists()


def test_a_failed_command_speaks_on_stderr(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    run = Reporting(tmp_path, ["reset"])
    run.reporter.add_failure(run.task("reset"), TaskFailed("it broke\n  -> mend it"))
    run.reporter.complete_run()
    assert run.out.getvalue() == ""
    assert capsys.readouterr().err == "reset: it broke\n  -> mend it\n"


def test_a_line_per_phase_and_the_tracker_after_every_event(tmp_path: Path) -> None:
    run = Reporting(tmp_path, repo=tmp_path / "my mono")
    for name in ORDER:
        task = run.task(name, findings=[f"note {number}" for number in range(7)] if name == "scan_moves" else [])
        run.reporter.execute_task(task)
        assert [entry["status"] for entry in run.tracked()["phases"]].count("in_progress") == 1
        run.reporter.add_success(task)
        assert run.tracked()["phases"][ORDER.index(name)]["status"] == "completed"
    run.reporter.complete_run()
    lines = run.out.getvalue().splitlines()
    assert lines[0] == f"shop: {tmp_path}/my mono (your checkout)"
    assert lines[1] == "  scan_moves           did scan_moves (1.50 s)"
    assert lines[2:8] == [f"{'':23}note: note {n}" for n in range(5)] + [f"{'':23}note: 2 more in phase_tracker.yml"]
    assert lines[-3] == "shop: 8 of 8 phases completed, 0 files changed, 12.0 s of work"
    assert f"git -C '{tmp_path}/my mono' diff" in lines[-1]


def test_a_failed_phase(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    run = Reporting(tmp_path)
    task = run.task("scan_moves")
    run.reporter.execute_task(task)
    run.reporter.add_failure(task, TaskFailed("no such source\n  -> give another"))
    run.reporter.complete_run()
    out, err = run.out.getvalue(), capsys.readouterr().err
    assert err == "scan_moves: no such source\n  -> give another\n"
    assert "  scan_moves           FAILED\n" in out and "no such source" not in out
    assert "0 of 8 phases completed\n" in out and "see moves/shop/phase_tracker.yml" in out
    entry = run.tracked()["phases"][0]
    assert entry["status"] == "failed" and entry["error"] == "no such source\n  -> give another"


def test_doit_s_own_errors_are_shown(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    run = Reporting(tmp_path)
    run.reporter.runtime_error("a target is missing")
    run.reporter.complete_run()
    assert "a target is missing" in capsys.readouterr().err


def test_any_path_can_be_printed(tmp_path: Path) -> None:
    """A file name that is not UTF-8, on a terminal that knows little."""
    code = (
        "import sys, os; from pathlib import Path; from migration.tasks import session_from\n"
        f"session_from(['product=x'], Path({str(tmp_path)!r}))\n"
        "print(os.fsdecode(b'\\xff.py'), '\\u2192')"
    )
    for encoding, expected in (("utf-8", b"\xff.py \xe2\x86\x92\n"), ("ascii", rb"\udcff.py \u2192" + b"\n")):
        environment = {**os.environ, "PYTHONIOENCODING": encoding}
        done = subprocess.run([sys.executable, "-c", code], env=environment, capture_output=True, check=False)
        assert done.stdout == expected, done.stderr

"""The reporter is driven as doit drives it."""

from __future__ import annotations

import io
import json
import os
import subprocess
import sys
from collections.abc import Sequence
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import pytest
import yaml
from doit.exceptions import TaskFailed

from migration.cli import reporter
from migration.cli.commands import status
from migration.cli.options import Options
from migration.cli.session import Session
from migration.cli.terminal import Screen
from migration.core.phase import ORDER, PHASES

# ---- status


def table(content: dict[str, Any]) -> str:
    out = io.StringIO()
    status.status_table(content, Screen(out))
    return out.getvalue()


def test_status_before_anything_ran() -> None:
    assert table({}) == "nothing has run yet\n"


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
    assert table(content) == f"shop: pending (0/1 phases)\n{line}\n"


# ---- the reporter


class Reporting:
    """A reporter, driven as doit drives it."""

    def __init__(
        self, home: Path, selected: Sequence[str] = ORDER, repo: Path | None = None, format: str = "text"
    ) -> None:
        self.session = Session(Options("shop", repo, format=format), home)
        self.session.state.mkdir(parents=True)
        self.out = io.StringIO()
        self.reporter = reporter.reporter(self.session, PHASES)(self.out, {})
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
    assert lines[-4] == "shop: 9 of 9 phases completed, 0 files changed, 13.5 s of work"
    assert f"git -C '{tmp_path}/my mono' diff" in lines[-2]
    assert lines[-1].startswith(f"  next: look at the 7 notes in the tracker and at `doit product=shop 'repo={tmp_path}/my mono' residue`")


def test_a_failed_phase(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    run = Reporting(tmp_path)
    task = run.task("scan_moves")
    run.reporter.execute_task(task)
    run.reporter.add_failure(task, TaskFailed("no such source\n  -> give another"))
    run.reporter.complete_run()
    out, err = run.out.getvalue(), capsys.readouterr().err
    assert err == "scan_moves: no such source\n  -> give another\n"
    assert "  scan_moves           FAILED\n" in out and "no such source" not in out
    assert "0 of 9 phases completed\n" in out and "see moves/shop/phase_tracker.yml" in out
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
        "import sys, os; from pathlib import Path; from migration.cli.tasks import session_from\n"
        f"session_from(['product=x'], Path({str(tmp_path)!r}))\n"
        "print(os.fsdecode(b'\\xff.py'), '\\u2192')"
    )
    for encoding, expected in (("utf-8", b"\xff.py \xe2\x86\x92\n"), ("ascii", rb"\udcff.py \u2192" + b"\n")):
        environment = {**os.environ, "PYTHONIOENCODING": encoding}
        done = subprocess.run([sys.executable, "-c", code], env=environment, capture_output=True, check=False)
        assert done.stdout == expected, done.stderr


# ---- for scripts


def test_quiet(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    run = Reporting(tmp_path, format="quiet")
    task = run.task("scan_moves", findings=["a note"])
    run.reporter.execute_task(task)
    run.reporter.add_success(task)
    run.reporter.add_failure(run.task("prepare_structure"), TaskFailed("it broke"))
    run.reporter.complete_run()
    assert run.out.getvalue() == "shop: 1 of 9 phases completed, 0 files changed, 1.5 s of work\n"
    assert capsys.readouterr().err == "prepare_structure: it broke\n"


def test_json(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    run = Reporting(tmp_path, repo=tmp_path / "mono", format="json")
    task = run.task("scan_moves", findings=["a note"])
    run.reporter.execute_task(task)
    run.reporter.add_success(task)
    run.reporter.add_failure(run.task("prepare_structure"), TaskFailed("it broke"))
    run.reporter.complete_run()
    found = json.loads(run.out.getvalue())
    assert found["repo"] == str(tmp_path / "mono") and found["status"] == "failed"
    first, second, third = found["phases"][:3]
    assert first["ran"] and first["findings"] == ["a note"] and first["seconds"] == 1.5
    assert second["error"] == "it broke" and not second["ran"]
    assert third["status"] == "pending"
    assert capsys.readouterr().err == "prepare_structure: it broke\n"

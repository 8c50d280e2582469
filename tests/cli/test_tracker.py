from __future__ import annotations

import os
from pathlib import Path

import pytest
import yaml

from migration.cli.tracker import Tracker, read

PHASES = (("scan", "look"), ("move", "do"), ("check", "prove"))
DONE = {"timestamp": "t", "seconds": 1.5, "summary": "2 files", "operations": 2, "files_modified": ["a", "b"], "run": "1"}


@pytest.fixture
def path(tmp_path: Path) -> Path:
    return tmp_path / "moves/phase_tracker.yml"


def tracker(path: Path) -> Tracker:
    return Tracker(path, "shop", PHASES)


def statuses(path: Path) -> list[str]:
    found = read(path)
    return [found["status"], *(phase["status"] for phase in found["phases"])]


def test_nothing_is_written_before_something_happens(path: Path) -> None:
    assert tracker(path).content()["status"] == "pending"
    assert not path.exists()
    assert read(path) == {}


def test_a_run(path: Path) -> None:
    book = tracker(path)
    seen = []
    for name, _ in PHASES:
        book.start(name)
        seen.append(statuses(path))
        book.complete(name, DONE)
        seen.append(statuses(path))
    assert seen == [
        ["in_progress", "in_progress", "pending", "pending"], ["in_progress", "completed", "pending", "pending"],
        ["in_progress", "completed", "in_progress", "pending"], ["in_progress", "completed", "completed", "pending"],
        ["in_progress", "completed", "completed", "in_progress"], ["completed", "completed", "completed", "completed"],
    ]
    found = read(path)
    assert list(found) == ["product", "status", "current_phase", "completed", "total", "files_modified", "seconds", "phases"]
    assert (found["current_phase"], found["completed"], found["total"], found["files_modified"], found["seconds"]) == (None, 3, 3, 2, 4.5)
    assert found["phases"][0] == {"id": "scan", "name": "look", "status": "completed"} | {k: v for k, v in DONE.items() if k != "run"}


def test_a_failure_and_the_next_run(path: Path) -> None:
    book = tracker(path)
    book.start("scan")
    book.complete("scan", DONE)
    book.start("move")
    book.fail("move", "it broke:\n  -> mend it")
    assert statuses(path) == ["failed", "completed", "failed", "pending"]
    assert read(path)["current_phase"] == "move"
    assert read(path)["phases"][1]["error"] == "it broke:\n  -> mend it"
    book = tracker(path)
    book.start("move")
    assert statuses(path) == ["in_progress", "completed", "in_progress", "pending"]
    assert "error" not in read(path)["phases"][1]


def test_a_death_is_corrected_by_the_next_run(path: Path) -> None:
    tracker(path).start("scan")
    assert read(path)["phases"][0]["pid"] == os.getpid()
    assert [entry["status"] for entry in tracker(path).entries.values()] == ["pending"] * 3


def test_starting_again_makes_later_phases_pending(path: Path) -> None:
    book = tracker(path)
    for name, _ in PHASES:
        book.complete(name, DONE)
    book.start("move")
    assert statuses(path) == ["in_progress", "completed", "in_progress", "pending"]
    book.forget()
    assert statuses(path) == ["pending"] * 4


@pytest.mark.parametrize("text", ["", "3", "[", "phases:\n", "phases: 3\n", "phases: [3, {id: [x]}, {}, {id: scan}]\n", "\x00", "a: *b"])
def test_a_tracker_that_cannot_be_read_is_written_anew(path: Path, text: str) -> None:
    path.parent.mkdir()
    path.write_text(text)
    tracker(path).write()
    assert statuses(path) == ["pending"] * 4


def test_any_text_survives(path: Path) -> None:
    error = "ü: 'x' \"y\" #\n\ttab\n  - no\n"
    tracker(path).fail("scan", error)
    assert yaml.safe_load(path.read_text(encoding="utf-8"))["phases"][0]["error"] == error
    assert [entry.name for entry in path.parent.iterdir()] == [path.name]

"""The trials of ``python -m tests.faults``: a part of them, and that they would notice what they are for."""

from __future__ import annotations

import errno
import os
import subprocess
import sys
from pathlib import Path

import pytest

from tests.faults.__main__ import Row, described, rows, table
from tests.faults.events import Fault, read_log
from tests.faults.trials import DEATHS, FAULTS, GIT, Result, Trial, deaths, errors, part
from tests.faults.world import differences

CHECKOUT = Path(__file__).parent.parent


def run(*arguments: str) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        [sys.executable, "-m", "tests.faults", *arguments], cwd=CHECKOUT, capture_output=True, text=True, timeout=3000
    )


@pytest.mark.faults
def test_a_part_of_all_trials() -> None:
    """Another seed (FAULTS_SEED) is another part."""
    done = run("--part", "120", "--seed", os.environ.get("FAULTS_SEED", "0"))
    assert done.returncode == 0, done.stdout + done.stderr
    assert "WRONG" not in done.stdout and "124 trials" in done.stdout


def test_a_few_trials() -> None:
    done = run("--part", "6", "--scenario", "reset", "--jobs", "1")
    assert done.returncode == 0, done.stdout + done.stderr
    assert [line.split()[-1] for line in done.stdout.splitlines()[1:5]] == ["0"] * 4


# ---- would it notice?


def watched(tmp_path: Path, body: str, fault: str = "None") -> subprocess.CompletedProcess[str]:
    """A process that writes in all ways there are, under watch."""
    code = (
        "import os, sqlite3, subprocess, tempfile; from pathlib import Path\n"
        "from tests.faults.events import Fault, Watch\n"
        f"place = Path({str(tmp_path)!r}); Watch(place / 'log', {fault}).install()\n{body}"
    )
    return subprocess.run([sys.executable, "-c", code], cwd=CHECKOUT, capture_output=True, text=True)


BODY = """
with open(place / "a", "wb") as stream:
    stream.write(b"12345678"); stream.flush(); os.fsync(stream.fileno())
open(place / "a").read()
os.rename(place / "a", place / "b")
(place / "c").mkdir(exist_ok=True); (place / "c").mkdir(exist_ok=True)
(place / "none").unlink(missing_ok=True)
subprocess.run(["git", "-c", "a=b", "--version", "status"], stdout=subprocess.DEVNULL)
connection = sqlite3.connect(place / "db"); connection.execute("create table x (y)"); connection.close()
(place / "b").unlink()
"""
OPERATIONS = ["open", "fsync", "fsync", "fsync", "os.rename", "os.mkdir", "process", "connect", "sqlite", "os.remove"]


def test_every_way_to_write_is_a_point_and_reading_is_none(tmp_path: Path) -> None:
    done = watched(tmp_path, BODY)
    assert done.returncode == 0, done.stderr
    assert [point.operation for point in read_log(tmp_path / "log")] == OPERATIONS


@pytest.mark.parametrize(("at", "left"), [(0, {}), (1, {"a": 0}), (2, {"a": 4}), (3, {"a": 8}), (4, {"a": 8}), (5, {"b": 8})])
def test_death_at_a_point(tmp_path: Path, at: int, left: dict[str, int]) -> None:
    assert watched(tmp_path, BODY, f"Fault({at})").returncode == -9
    assert {path.name: path.stat().st_size for path in tmp_path.iterdir() if path.name != "log"} == left


@pytest.mark.parametrize(("fault", "said"), [
    (f"Fault(0, {errno.ENOSPC})", "No space left on device"), (f"Fault(3, {errno.EIO})", "Input/output error"),
    (f"Fault(4, {errno.EACCES})", "Permission denied"), (f"Fault(1, {errno.ENOSPC}, lasting=True)", "No space left"),
    (f"Fault(7, {errno.ENOSPC})", "database or disk is full"), (f"Fault(7, {errno.EACCES})", "readonly database"),
])
def test_an_error_at_a_point(tmp_path: Path, fault: str, said: str) -> None:
    done = watched(tmp_path, BODY, fault)
    assert done.returncode == 1 and said in done.stderr.splitlines()[-1]


def test_what_differs_is_named() -> None:
    one = {"tree": {"a": 1, "b": 2}, "refs": ["x"], "index": "1"}
    assert differences(one, one) == []
    assert differences(one, {"tree": {"a": 1, "c": 2}, "refs": ["y"], "index": "2"}) == [
        "tree: b: 2 / None", "tree: c: None / 2", "refs: ['x', 'y']", "index: '1' / '2'",
    ]


# ---- the table


def trial(kind: str) -> Trial:
    return Trial(kind, "move", (Fault(7),), about="open x")


def test_the_table() -> None:
    done = [Result(trial(kind), True, ()) for kind in (DEATHS, DEATHS, FAULTS, GIT)]
    done += [
        Result(trial(DEATHS), True, ("tree: a: 1 / 2", "index: 1 / 2")), Result(trial(GIT), True, ("a traceback: x",)),
        Result(trial(DEATHS), False, ()),
    ]
    assert rows(done) == [Row(DEATHS, 3, 1, 0), Row(FAULTS, 1, 0, 0), Row(GIT, 2, 0, 1)]
    assert table(rows(done)).splitlines()[-1].split() == ["together", "6", "4", "1", "1"]
    assert described(done[4]).startswith("WRONG points of death, move: open x (Fault(at=7")


def test_a_part_has_its_share_of_every_kind(tmp_path: Path) -> None:
    watched(tmp_path, BODY)
    points = read_log(tmp_path / "log")
    found = [*deaths("move", points), *errors("move", points)]
    assert part(found, 6, 1) == part(found, 6, 1) != part(found, 6, 2)
    assert [one.kind for one in part(found, 6, 1)].count(DEATHS) == 3


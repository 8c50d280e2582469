"""The repo's own tests: how many there were, and what is said where they fail."""

from __future__ import annotations

import sys
from pathlib import Path

import pytest

from migration.cli import run_phase
from migration.cli.session import Session
from migration.core.errors import PhaseError
from migration.phases.run_tests import counts_in
from tests.cli.test_run_phase import FILES, full_run, run
from tests.phases.test_scan_moves import session_for
from tests.tools import make_repo

UNITTEST = "....s.x\n----------------------------------------------------------------------\nRan {} in 0.012s\n\n"


# ---- what was counted


@pytest.mark.parametrize("output", ["", "all is well", "passed", "3 passed tests", "OK", "Ran away", "12 passed in my head"])
def test_what_says_nothing_of_its_tests(output: str) -> None:
    assert counts_in(output.splitlines()) == {}


@pytest.mark.parametrize(("output", "counts"), [
    (UNITTEST.format("1 test") + "OK", {"tests passed": 1}),
    (UNITTEST.format("9 tests") + "OK (skipped=2, expected failures=1)\nDestroying test database…",
     {"tests passed": 6, "skipped": 2, "expected failures": 1}),
    ("12 passed in 3.21s", {"tests passed": 12}),
    ("==== 5 failed, 1 passed in 1.0s ====\n=== 1 skipped, 7 passed, 2 xfailed, 4 warnings in 62.10s (0:01:02) ===",
     {"tests passed": 7, "skipped": 1, "expected failures": 2}),
])
def test_counts(output: str, counts: dict[str, int]) -> None:
    assert counts_in(output.splitlines()) == counts


def test_two_runs_of_unittest_in_one_command() -> None:
    lines = (UNITTEST.format("3 tests") + "OK (skipped=1)\n" + UNITTEST.format("4 tests") + "OK").splitlines()
    assert counts_in(lines) == {"tests passed": 6, "skipped": 1}


# ---- the phase


def with_tests(tmp_path: Path, command: str, script: str = "") -> Session:
    files = {**FILES, "pyproject.toml": f"[tool.phased-migration]\ntest = {command}\n", "run.py": script}
    return session_for(make_repo(tmp_path / "shop", files), "shop.stock")


def test_tests_that_pass(tmp_path: Path) -> None:
    session = with_tests(tmp_path, '["run.py", "x"]', "print('Ran 3 tests in 0.1s')\nprint('OK')\n")
    assert full_run(session)["run_tests"]["summary"] == "3 tests passed"
    assert not list(session.repo.rglob("__pycache__"))


def test_tests_that_fail(tmp_path: Path) -> None:
    session = with_tests(tmp_path, '["run.py"]', "import sys\nfor n in range(40): print('line', n)\nsys.exit('caf\\xe9 broke')\n")
    with pytest.raises(PhaseError, match=r"fail after the move \(exit code 1\): run.py") as error:
        full_run(session)
    assert len(error.value.details) == 25 and "broke" in error.value.details[-1]


@pytest.mark.parametrize(("command", "python", "words"), [
    ('"run.py"', sys.executable, "is no list of words"),
    ("[1]", sys.executable, "is no list of words"),
    ('["run.py"]', "/does/not/exist", "the interpreter /does/not/exist can't be run"),
])
def test_tests_that_can_t_be_run(tmp_path: Path, command: str, python: str, words: str) -> None:
    session = with_tests(tmp_path, command)
    run_phase.execute(session, "scan_moves")
    with pytest.raises(PhaseError, match=words):
        run(session, "run_tests", python=python)


def test_no_tests(tmp_path: Path) -> None:
    session = session_for(make_repo(tmp_path / "shop", FILES), "shop.stock")
    assert str(full_run(session)["run_tests"]["summary"]).startswith("nothing to do: the repo's pyproject.toml names no")


def test_a_command_that_says_nothing_of_its_tests(tmp_path: Path) -> None:
    assert full_run(with_tests(tmp_path, '["run.py"]'))["run_tests"]["summary"] == "1 test command passed"

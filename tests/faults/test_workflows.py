"""Branches, clones and work trees, commits made anew and records lost: the end is that of one run."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.faults.master import Master
from tests.faults.workflows import Workflow, simulate
from tests.tools import put


@pytest.mark.parametrize("seed", range(2))
def test_a_week_of_a_team(tmp_path: Path, seed: int) -> None:
    figures = simulate(tmp_path, seed, steps=3)
    assert figures.problems == () and len(figures.steps) > 3


def test_a_difference_would_be_noticed(tmp_path: Path) -> None:
    workflow = Workflow(tmp_path, Master(tmp_path / "master", 1), 1)
    workflow.go_on()
    workflow.settled()
    path = next(str(path.relative_to(workflow.repo)) for path in workflow.repo.rglob("m*.py"))
    put(workflow.repo, {path: "lost = True\n"})
    workflow.settled()
    workflow.compare("main", workflow.repo, workflow.home)
    assert workflow.problems == [f"tree: the move: {path} differs"]


@pytest.mark.faults
@pytest.mark.parametrize("seed", range(100, 120))
def test_a_long_week_of_a_team(tmp_path: Path, seed: int) -> None:
    assert simulate(tmp_path, seed, steps=12).problems == ()

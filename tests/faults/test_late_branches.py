"""Branches from before the move follow it: nothing stale is left, and nothing else is touched."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.faults.late_branches import simulate


def test_a_few_branches(tmp_path: Path) -> None:
    figures = simulate(tmp_path, 1, branches=2)
    assert figures.rewritten > 0 and (figures.stale, figures.collateral) == (0, ())


@pytest.mark.faults
def test_fifty_branches(tmp_path: Path) -> None:
    figures = simulate(tmp_path, 1, branches=50)
    assert figures.rewritten > 50 and (figures.stale, figures.collateral) == (0, ())

"""No input makes a traceback, or a tree that is not as it must be."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.faults.fuzz import figures


def check(where: Path, seed: int, plans: int, trees: int) -> None:
    found = figures(where, seed, plans, trees)
    assert found.inputs >= (plans + trees) / 2  # hypothesis does not repeat itself
    assert not found.tracebacks, "\n".join(found.tracebacks)
    assert not found.differing, "\n".join(found.differing)
    assert found.stopped


def test_a_few_seconds(tmp_path: Path) -> None:
    check(tmp_path, 1, 60, 3)


@pytest.mark.faults
@pytest.mark.parametrize("seed", range(2, 8))
def test_many(tmp_path: Path, seed: int) -> None:
    check(tmp_path, seed, 1000, 100)

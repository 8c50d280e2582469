"""A phase's result in one line, and that it is a value."""

from __future__ import annotations

import dataclasses

import pytest

from migration.core.changes import ChangeSet, Finding, Rename
from migration.core.phase import PhaseResult


def test_nothing_wanted_is_nothing_said() -> None:
    result = PhaseResult()
    assert not result.changes
    assert result.summary == ""
    assert (result.findings, dict(result.reasons)) == ((), {})


def test_a_result_stays_as_it_was_computed() -> None:
    result = PhaseResult()
    with pytest.raises(dataclasses.FrozenInstanceError):
        result.skipped = "x"  # type: ignore[misc]
    assert PhaseResult().counts is not result.counts


@pytest.mark.parametrize("result, summary", [
    (PhaseResult(skipped="nothing to do: no models"), "nothing to do: no models"),
    (PhaseResult(skipped="no app", counts={"files": 3}, kinds={"import": 1}), "no app"),
    (PhaseResult(counts={"files renamed": 0}), "0 files renamed"),
    (PhaseResult(counts={"b": 2, "a": 1}), "2 b, 1 a"),
    (PhaseResult(counts={"files renamed": 1234567}), "1,234,567 files renamed"),
    (PhaseResult(counts={"merged into an existing file": 1, "old names left": 2}), "1 merged into an existing file, 2 old names left"),
    (
        PhaseResult(counts={"files read": 1, "settings files edited": 1, "packages created": 1, "checks": 1}),
        "1 file read, 1 settings file edited, 1 package created, 1 check",
    ),
    (PhaseResult(kinds={"import": 1}), "1 reference (1 import)"),
    (
        PhaseResult(counts={"files rewritten": 1000, "left": 2}, kinds={"import": 3, "string": 4000, "path": 3}),
        "1,000 files rewritten, 4,006 references (4,000 string, 3 import, 3 path), 2 left",
    ),
    (PhaseResult(ChangeSet(renames=(Rename("a", "b"),)), {"n": 1}, findings=(Finding("a", 1, "m"),)), "1 n"),
])
def test_summary(result: PhaseResult, summary: str) -> None:
    assert result.summary == summary

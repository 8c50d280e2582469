"""A phase's result in one line, and that it is a value; the phases' names are names of modules and tasks, their order that of a move."""

from __future__ import annotations

import dataclasses
import importlib

import pytest

from migration.core.changes import ChangeSet, Finding, Rename
from migration.core.phase import ORDER, PHASES, PhaseResult


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


# ---- the phases


def test_the_order_is_the_one_that_a_move_needs() -> None:
    assert ORDER == (
        "scan_moves", "prepare_structure", "move_files", "update_imports", "prepare_models",
        "validate_django", "generate_migrations", "verify_migrations", "run_tests",
    )
    assert tuple(name for name, _ in PHASES) == ORDER


@pytest.mark.parametrize("name, text", PHASES)
def test_each_says_in_a_line_what_it_does(name: str, text: str) -> None:
    assert name.isidentifier() and name == name.lower()
    assert text == text.strip() and "\n" not in text and not text.endswith(".")
    assert len(f"{name:<20} {text}") <= 100


@pytest.mark.parametrize("name", ORDER)
def test_each_has_its_module(name: str) -> None:
    assert importlib.import_module(f"migration.phases.{name}").__doc__

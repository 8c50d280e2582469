"""The phases' names are names of modules and tasks; their order is the order of a move."""

from __future__ import annotations

import importlib

import pytest

from migration.core.phases import ORDER, PHASES

BY_THE_REPO = {"run_tests"}  # the repo's own command, no module of ours


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


@pytest.mark.parametrize("name", [name for name in ORDER if name not in BY_THE_REPO])
def test_each_has_its_module(name: str) -> None:
    assert importlib.import_module(f"migration.phases.{name}").__doc__

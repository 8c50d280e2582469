"""Which files are looked at, what is refused, and files that are not plain UTF-8."""

from __future__ import annotations

from dataclasses import replace

import pytest

from migration.django.model_moves import ModelMoves
from migration.phases.prepare_models import needed_in
from migration.plan.plan import App, Plan
from migration.rewriters import OF_MODELS
from tests.model_labels import HERE, MOVED, PLAN, REGISTRY

MODULES = frozenset(
    ("core", "core.base", "core.models", "core.warehouse", HERE, "core.warehouse.base", "ee", "ee.base", "ee.models")
)


# --- where to look


def needles(plan: Plan) -> set[bytes]:
    """What git looks for: the needles of all kinds of the phase."""
    return {needle for rewriter in OF_MODELS for needle in rewriter.needles(ModelMoves(plan, REGISTRY))}


def test_modules_of_models_bases_and_relations() -> None:
    assert needed_in(REGISTRY, PLAN, MODULES) == {
        "core.base",
        "core.models",
        HERE,
        "core.warehouse.base",
        "ee.base",
        "ee.models",
    }


def test_modules_outside_the_tree_are_left_out() -> None:
    assert needed_in(REGISTRY, PLAN, {HERE}) == {HERE}


@pytest.mark.parametrize("app", [App("app", "core", "core", models=PLAN.app.models), App("package")])
def test_nothing_to_look_at_but_in_an_extraction(app: App) -> None:
    plan = replace(PLAN, app=app)
    assert needed_in(REGISTRY, plan, MODULES) == set()
    assert needles(plan) == set()


def test_needles() -> None:
    found = needles(PLAN)
    assert {b"get_model", b"core.Heir", b"core.heir", b"core.query_table", b'"core"', b"'core'", b":core_"} <= found
    assert b"manage.py" not in found, "an extraction leaves `migrate core` alone"


def test_every_moved_model_is_known() -> None:
    assert all(f"core.{name.lower()}" in REGISTRY.by_label for name in MOVED)

"""What the rewriters of models are told: labels that change, and which files speak of the past."""

from __future__ import annotations

from dataclasses import replace

import pytest

from migration.django.model_moves import ModelMoves
from migration.django.registry import AppInfo, Registry
from migration.plan.plan import App
from migration.python.source_file import SourceFile
from tests.model_labels import PLAN, REGISTRY

MODELS = ModelMoves(PLAN, REGISTRY)


def test_nothing_of_a_plan_that_keeps_its_labels() -> None:
    models = ModelMoves(replace(PLAN, app=App("app", "core", "core", models=PLAN.app.models)), REGISTRY)
    assert models.moved == {} and not models.labels
    assert not models.may_name_label(SourceFile("core/x.py", b"x = 'core.Table'", "core.x"))


@pytest.mark.parametrize("path, frozen", [
    ("core/models.py", False), ("core/migrations.py", False), ("core/migrations_old/0001.py", False), ("migrations/0001.py", False),
    ("core/migrations/0001_initial.py", True), ("core/migrations/sub/x.py", True),
])
def test_migrations_are_frozen(path: str, frozen: bool) -> None:
    apps = (AppInfo("x", "x", "x", "x"), AppInfo("core", "core", "core", "c", migrations_path="core/migrations"))
    assert ModelMoves(PLAN, Registry(apps=apps)).is_frozen(path) is frozen


def test_labels_are_worked_out_once() -> None:
    assert MODELS.labels is MODELS.labels and MODELS.labels.after("core.Table") == "data_warehouse.Table"
    assert MODELS.moved["core.tag"] == "data_warehouse.Tag"


@pytest.mark.parametrize("path, names", [("core/x.py", True), ("core/migrations/0001_initial.py", False)])
def test_code_of_today_may_name_a_label(path: str, names: bool) -> None:
    assert MODELS.may_name_label(SourceFile(path, b"x = 'core.Table'", None)) is names

"""Which labels change, and the cheap look that comes before a file is parsed."""

from __future__ import annotations

from dataclasses import replace

import pytest

from migration.django.labels import labels_of
from migration.plan.plan import App
from tests.model_labels import PLAN, REGISTRY, WHOLE

PART = labels_of(PLAN, REGISTRY)


@pytest.mark.parametrize("app", [App("app", "core", "core", models=PLAN.app.models), App("package")])
def test_none_where_labels_stay(app: App) -> None:
    assert not labels_of(replace(PLAN, app=app), REGISTRY)


def test_an_extraction() -> None:
    assert PART and not PART.whole
    assert PART.models["core.table"] == "data_warehouse.Table"
    assert PART.moves("core", "TABLE") and not PART.moves("Core", "table") and not PART.moves("core", "team")
    assert PART.after("core.tAble") == "data_warehouse.tAble"
    assert PART.after("core.Team") == PART.after("core") == ""


def test_permissions_are_those_of_moved_models_alone() -> None:
    assert PART.permissions["core.query_table"] == "data_warehouse.query_table"
    assert PART.permissions["core.hide_table"] == "data_warehouse.hide_table"
    assert "core.shared" not in PART.permissions, "a model that stays has one of this name"
    assert labels_of(WHOLE, REGISTRY).permissions["core.pay"] == "depot.pay"


def test_a_whole_app() -> None:
    labels = labels_of(WHOLE, REGISTRY)
    assert labels.whole and labels.after("core.Team") == "depot.Team"
    assert labels.settings == {"site/settings.py"}


@pytest.mark.parametrize(
    ("data", "may"),
    [
        (b"x = 'core'", True),
        (b'x = "core.Table"', True),
        (b'x = "core.TABLE"', True),
        (b'x = "core.query_table"', True),
        (b'x = f"core.{a}"', True),
        (b'x = "admin:core_%s"', True),
        (b"import core.table", False),
        (b'x = "core.team"', False),
        (b'x = "core/x"', False),
        (b'x = "score"', False),
    ],
)
def test_a_cheap_look(data: bytes, may: bool) -> None:
    assert PART.may_be_in(data) is may

"""What an extraction refuses, by name; what can be done is not refused."""

from __future__ import annotations

from dataclasses import replace

import pytest

from migration.errors import PhaseError
from migration.plan import Model
from migration.refusals import refuse
from migration.registry import AppInfo, Registry
from tests.model_labels import HERE, PLAN, REGISTRY, WHOLE, model


def with_models(*models: object, **more: str) -> Registry:
    registry = replace(REGISTRY, models=(*REGISTRY.models, *models), **more)  # type: ignore[arg-type]
    return registry



def test_nothing_is_refused_that_can_be_done() -> None:
    proxy_that_moves = model("core.Boss", HERE, proxy=True, proxy_for="core.Team")
    child_that_moves = model("core.Child", HERE, parents=("core.Table",))
    plan = replace(
        PLAN,
        app=replace(
            PLAN.app,
            models=(*PLAN.app.models, Model("Boss", HERE, "core_team"), Model("Child", HERE, "core_child")),
        ),
    )
    refuse(with_models(proxy_that_moves, child_that_moves), plan)


@pytest.mark.parametrize(
    ("registry", "said"),
    [
        (
            with_models(auth_user_model="core.Table"),
            "core.Table is swappable (AUTH_USER_MODEL): migrations name the setting, not the label",
        ),
        (
            with_models(model("core.Child", "core.models", parents=("core.Table",))),
            "core.Child inherits from core.Table (multi-table inheritance), and only core.Table moves",
        ),
        (
            with_models(model("ee.Mine", "ee.models", proxy=True, proxy_for="core.Table")),
            "ee.Mine is a proxy of core.Table and stays",
        ),
        (
            Registry(models=tuple(model for model in REGISTRY.models if model.label != "core.Tag")),
            "core.tag is in the plan, but Django knows no such model",
        ),
    ],
)
def test_refused_by_name(registry: Registry, said: str) -> None:
    with pytest.raises(PhaseError) as caught:
        refuse(registry, PLAN)
    assert said in caught.value.details


def test_a_child_that_moves_without_its_parent_is_refused() -> None:
    plan = replace(PLAN, app=replace(PLAN.app, models=(*PLAN.app.models, Model("Child", HERE, "core_child"))))
    with pytest.raises(PhaseError, match="can't be given a new label") as caught:
        refuse(with_models(model("core.Child", HERE, parents=("core.Team",))), plan)
    assert caught.value.details == (
        "core.Child inherits from core.Team (multi-table inheritance), and only core.Child moves",
    )


# --- an app that changes its label


def test_an_app_may_hold_what_an_extraction_may_not() -> None:
    """Its history is rewritten as a whole: inheritance across apps and the user model are no matter."""
    proxy = model("ee.Mine", "ee.models", proxy=True, proxy_for="core.Table")
    child = model("ee.Child", "ee.models", parents=("core.Table",))
    refuse(with_models(proxy, child, auth_user_model="core.Table"), WHOLE)


@pytest.mark.parametrize(
    ("registry", "said"),
    [
        (replace(REGISTRY, apps=(*REGISTRY.apps, AppInfo("depot", "a.depot", "", ""))), "the label depot is taken by the installed app a.depot"),
        (with_models(model("core.Far", "far.models")), "core.Far (in far.models) has the label core too, and is not in the plan"),
        (
            replace(REGISTRY, apps=(AppInfo("core", "core", "", "", migrations_module="x.y", migrated=True),)),
            "the migrations of core are in x.y, outside the repo; what gets a new label needs migrations in the repo",
        ),
        (replace(REGISTRY, apps=(AppInfo("core", "core", "", ""),)), "the migrations of core are nowhere"),
    ],
)
def test_a_label_that_can_t_change(registry: Registry, said: str) -> None:
    with pytest.raises(PhaseError) as caught:
        refuse(registry, WHOLE)
    assert said in "\n".join(caught.value.details)

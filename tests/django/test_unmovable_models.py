"""What an extraction refuses, by name; what can be done is not refused."""

from __future__ import annotations

from dataclasses import replace

import pytest

from migration.core.errors import PhaseError
from migration.django.registry import AppInfo, Pending, Registry
from migration.django.unmovable_models import refuse
from migration.plan.plan import Model
from tests.model_labels import HERE, PLAN, REGISTRY, WHOLE, model


def with_models(*models: object, **more: object) -> Registry:
    registry = replace(REGISTRY, models=(*REGISTRY.models, *models), **more)  # type: ignore[arg-type]
    return registry



def with_apps(*apps: AppInfo, **more: object) -> Registry:
    return replace(REGISTRY, apps=(*REGISTRY.apps, *apps), **more)  # type: ignore[arg-type]


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
    stays = (
        model("core.Mine", "core.models", proxy=True, proxy_for="core.Table"),
        model("core.Heir2", "core.models", parents=("core.Table",)),
    )
    refuse(with_models(*stays, pending=(Pending("core", "Create model Thing"),)), PLAN)


@pytest.mark.parametrize(
    ("registry", "said"),
    [
        (
            with_models(auth_user_model="core.Table"),
            "core.Table is swappable (AUTH_USER_MODEL): migrations name the setting, not the label",
        ),
        (
            with_models(pending=(Pending("core", "Create model Tag"),)),
            "no migration of core creates Tag: write it first (manage.py makemigrations core)",
        ),
        (
            with_models(apps=(AppInfo("core", "core", "core", ""),)),
            "the app core has no migrations: write them first (manage.py makemigrations core), and commit them",
        ),
        (
            with_apps(AppInfo("past", "past", "past", "", migrated=True, leaves=("0002_a", "0002_b"))),
            "past has several last migrations (0002_a, 0002_b): manage.py makemigrations --merge",
        ),
        (
            with_apps(
                AppInfo("far", "far", "far", "", migrated=True, migrations_module="far.migrations"),
                models=(*REGISTRY.models, model("far.Use", "far.models", ("table", "core.Table"))),
            ),
            "far.Use.table refers to a model that moves, and its migrations (far.migrations) lie outside the repo: "
            "MIGRATION_MODULES may bring them into it",
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

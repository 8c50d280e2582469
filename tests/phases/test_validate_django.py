"""What may differ after a move, and what may not."""

from __future__ import annotations

from dataclasses import replace

import pytest

from migration.core.errors import PhaseError
from migration.django.registry import AppInfo, Checks, FieldInfo, Message, ModelInfo, Named, Pending, Registry
from migration.phases.validate_django import validate
from migration.plan.plan import App, Model, Plan

CONFIG = "products.dw.apps.DwConfig"
AUTO = "django.db.models.BigAutoField"
TEAM = ModelInfo("core.Team", "core.models", "Team", "core_team")
TABLE = ModelInfo(
    "core.Table",
    "core.warehouse.models",
    "Table",
    "core_table",
    constraints=(Named("core_unique"),),
    fields=(
        FieldInfo("parent", "parent_id", "core.warehouse.fields.Key", "core.Table", accessor="table_set"),
        FieldInfo("tags", "", "x.M2M", "core.Team", "core.Table_tags", True, "core_table_tags", "table_set"),
        FieldInfo("team", "team_id", "x.FK", "core.Team", accessor="tables", query_name="core_table"),
    ),
)
CORE = AppInfo("core", "core", "core", "core.apps.CoreConfig", default_auto_field=AUTO)
BEFORE = Registry(apps=(CORE,), models=(TABLE, TEAM), checks=Checks())
PLAN = Plan(
    "dw",
    "core.warehouse",
    "products.dw",
    {},
    {"core.warehouse": "products.dw"},
    app=App("extraction", "core", "dw", CONFIG, "", AUTO, (Model("Table", "core.warehouse.models", "core_table"),)),
)
DW = AppInfo("dw", "products.dw", CONFIG, CONFIG, default_auto_field=AUTO)
MOVED = replace(
    TABLE,
    label="dw.Table",
    module="products.dw.models",
    fields=(
        replace(TABLE.fields[0], cls="products.dw.fields.Key", target="dw.Table"),
        replace(TABLE.fields[1], through="dw.Table_tags"),
        TABLE.fields[2],
    ),
)
AFTER = Registry(apps=(CORE, DW), models=(TEAM, MOVED), checks=Checks())


def refused(before: Registry, after: Registry, plan: Plan = PLAN) -> str:
    with pytest.raises(PhaseError, match="Django sees something else than before the move") as caught:
        validate(before, after, plan)
    return "\n".join(caught.value.details)


def test_what_the_plan_says_is_right() -> None:
    done = validate(BEFORE, AFTER, PLAN)
    assert done.counts == {"models compared": 2, "moved": 1, "check messages": 0, "migrations to apply": 0}
    assert done.notes == ()


@pytest.mark.parametrize(
    ("model", "said"),
    [
        (replace(MOVED, table="dw_table"), "dw.Table (products.dw.models): table is dw_table, was core_table"),
        (replace(MOVED, managed=False), "managed is False, was True"),
        (replace(MOVED, constraints=(Named("dw_unique"),)), "constraints is [dw_unique], was [core_unique]"),
        (replace(MOVED, indexes=(Named("i"),)), "indexes is [i], was []"),
        (replace(MOVED, unique_together=("a,b",)), "unique_together is [a,b], was []"),
        (replace(MOVED, permissions=("ban",)), "permissions is [ban], was []"),
        (replace(MOVED, default_permissions=("view",)), "default_permissions is [view], was []"),
        (replace(MOVED, parents=("core.Team",)), "parents is [core.Team], was []"),
        (replace(MOVED, proxy_for="core.Team"), "proxy for is core.Team, was nothing"),
        (replace(MOVED, swappable="X_MODEL"), "swappable is X_MODEL, was nothing"),
        (replace(MOVED, swapped="core.Team"), "swapped is core.Team, was nothing"),
        (replace(MOVED, mro=("a.B",), managers=("objects: a.Own",)), "managers in migrations is [objects: a.Own], was []"),
        (replace(MOVED, bases=("a.Mixin",)), "bases is [a.Mixin], was []"),
        (
            replace(MOVED, fields=(replace(MOVED.fields[0], column="p"), *MOVED.fields[1:])),
            "dw.Table (products.dw.models): parent: column is p, was parent_id",
        ),
        (
            replace(MOVED, fields=(replace(MOVED.fields[0], cls="a.Key"), *MOVED.fields[1:])),
            "parent: class is a.Key, was products.dw.fields.Key",
        ),
        (
            replace(MOVED, fields=(MOVED.fields[0], replace(MOVED.fields[1], through="dw.Use", through_auto=False), MOVED.fields[2])),
            "tags: through is dw.Use, was nothing",
        ),
        (replace(MOVED, fields=MOVED.fields[:2]), "fields is [parent, tags], was [parent, tags, team]"),
        (
            replace(MOVED, fields=(*MOVED.fields[:2], replace(MOVED.fields[2], accessor="dw_tables"))),
            "team: reverse name is dw_tables, was tables",
        ),
        (
            replace(MOVED, fields=(*MOVED.fields[:2], replace(MOVED.fields[2], query_name="dw_table"))),
            "team: name in queries is dw_table, was core_table",
        ),
        (
            replace(MOVED, fields=(*MOVED.fields[:2], replace(MOVED.fields[2], target="dw.Team"))),
            "team: related model is dw.Team, was core.Team",
        ),
        (
            replace(MOVED, fields=(MOVED.fields[0], replace(MOVED.fields[1], table="dw_tags"), MOVED.fields[2])),
            "tags: table is dw_tags, was core_table_tags",
        ),
        (replace(MOVED, label="core.Table"), "dw.Table is missing; there is core.Table"),
        (replace(MOVED, label="core.Table"), "core.Table (in products.dw.models) was not there before"),
    ],
)
def test_a_model_that_differs_is_named_with_its_field(model: ModelInfo, said: str) -> None:
    assert said in refused(BEFORE, replace(AFTER, models=(TEAM, model)))


def test_a_receiver_that_hears_nothing_any_more() -> None:
    saved, synced = "django.db.models.signals.post_save", "core.warehouse.signals.synced"
    before = replace(BEFORE, receivers=(f"{saved}: core.warehouse.hooks.log", f"{saved}: core.hooks.log", f"{synced}: core.hooks.log"))
    done = (f"{saved}: products.dw.hooks.log", f"{saved}: core.hooks.log", "products.dw.signals.synced: core.hooks.log")
    assert validate(before, replace(AFTER, receivers=done), PLAN).notes == ()
    assert validate(before, replace(AFTER, receivers=(*done, f"{saved}: core.hooks.more")), PLAN).notes == ()
    said = refused(before, replace(AFTER, receivers=done[1:]))
    assert said.splitlines() == [
        "the receiver products.dw.hooks.log is no longer connected to its signals as before: django.db.models.signals.post_save",
        "likely cause: nothing imports the module that connects it",
    ]
    assert (
        "the receiver core.hooks.log is no longer connected to its signals as before: "
        "django.db.models.signals.post_save and products.dw.signals.synced"
    ) in refused(before, replace(AFTER, receivers=done[:2]))


def test_a_model_that_stays_may_not_change() -> None:
    after = replace(AFTER, models=(replace(TEAM, table="teams"), MOVED))
    assert "core.Team (core.models): table is teams, was core_team" in refused(BEFORE, after)


@pytest.mark.parametrize(
    ("apps", "said"),
    [
        ((CORE,), f"no app with the label dw is installed: add {CONFIG} to INSTALLED_APPS"),
        ((DW,), "the app core is not installed any more"),
        ((CORE, replace(DW, name="core.warehouse")), "the app dw is core.warehouse, not products.dw"),
        ((CORE, replace(DW, config="django.apps.config.AppConfig")), f"AppConfig, not {CONFIG}"),
        ((CORE, replace(DW, default_auto_field="x.AutoField")), "default_auto_field x.AutoField, not " + AUTO),
    ],
)
def test_the_app_must_be_installed_as_planned(apps: tuple[AppInfo, ...], said: str) -> None:
    assert said in refused(BEFORE, replace(AFTER, apps=apps))


def checked(registry: Registry, *messages: Message, **more: str) -> Registry:
    return replace(registry, checks=Checks(messages, **more))  # type: ignore[arg-type]


def test_only_new_errors_count() -> None:
    old = Message("ERROR", "fields.E300", "x", obj="core.Table.team")
    moved = replace(old, obj="dw.Table.team")
    assert validate(checked(BEFORE, old), checked(AFTER, moved), PLAN).counts["check messages"] == 1
    text = refused(checked(BEFORE, old), checked(AFTER, moved, moved))
    assert text == (
        "dw.Table.team (in products.dw.models): fields.E300 x\n"
        "likely cause: unresolved relation: a model is named by a label that no installed app has"
    )


def test_without_checks_from_before_every_error_counts() -> None:
    after = checked(AFTER, Message("CRITICAL", "own.C001", "no\nway", hint="try"))
    assert "own.C001 no way HINT: try" in refused(replace(BEFORE, checks=None), after)


def test_new_warnings_and_a_silent_database_are_notes() -> None:
    after = checked(AFTER, Message("WARNING", "models.W042", "auto", obj="dw.Table"), database="no database")
    assert validate(BEFORE, after, PLAN).notes == (
        "dw.Table (in products.dw.models): models.W042 auto",
        "migrate --plan is the one for an empty database: no database",
    )


APP_MOVE = replace(PLAN, app=replace(PLAN.app, kind="app", old_label="wiki", label="wiki", models=()), source="wiki")
WIKI = AppInfo("wiki", "wiki", "wiki", "wiki.apps.WikiConfig", default_auto_field=AUTO)


def test_an_app_move_needs_no_migration() -> None:
    before = replace(BEFORE, models=(TEAM,), apps=(CORE, WIKI), pending=(Pending("core", "Alter x"),))
    moved = replace(WIKI, name="products.dw", config=CONFIG)
    after = replace(before, apps=(CORE, moved), pending=(Pending("core", "Alter x"), Pending("wiki", "Create y")))
    assert refused(before, after, APP_MOVE).startswith("makemigrations would now write for wiki: Create y\n")
    validate(before, replace(after, pending=before.pending), APP_MOVE)


def test_a_package_changes_nothing() -> None:
    package = replace(PLAN, app=App("package"))
    after = replace(BEFORE, models=(replace(MOVED, label="core.Table", fields=()), TEAM))
    validate(replace(BEFORE, models=(replace(TABLE, fields=()), TEAM)), after, package)
    assert "core.Table is missing" in refused(BEFORE, replace(BEFORE, models=(TEAM,)), package)


RELABEL = replace(APP_MOVE, app=replace(APP_MOVE.app, label="depot", models=(Model("Page", "wiki.models", "wiki_page"),)))
PAGE = ModelInfo("wiki.Page", "wiki.models", "Page", "wiki_page")


def test_an_app_that_changes_its_label() -> None:
    before = Registry(apps=(WIKI,), models=(PAGE,), checks=Checks(), pending=(Pending("wiki", "Alter field a on page"),))
    depot = replace(WIKI, label="depot", name="products.dw", config=CONFIG)
    page = replace(PAGE, label="depot.Page", module="products.dw.models")
    after = Registry(apps=(depot,), models=(page,), checks=Checks(), pending=(Pending("depot", "Alter field a on page"),))
    assert validate(before, after, RELABEL).counts["moved"] == 1
    assert "no app with the label depot is installed" in refused(before, replace(after, apps=(WIKI,)), RELABEL)
    text = refused(before, replace(after, pending=(Pending("depot", "Rename table for page to x"),)), RELABEL)
    assert "makemigrations would now write for depot: Rename table for page to x" in text


def test_the_last_migrations_of_apps() -> None:
    core, wiki = replace(CORE, leaves=("0002_a",)), replace(WIKI, leaves=("0001_a",))
    lost = replace(AFTER, apps=(replace(core, leaves=()), DW))
    assert "the last migration of core is [], was [0002_a]" in refused(replace(BEFORE, apps=(core,)), lost)
    generated = replace(AFTER, apps=(replace(core, leaves=("0003_move",)), DW))
    assert validate(replace(BEFORE, apps=(core,)), generated, PLAN)
    before = Registry(apps=(wiki,), checks=Checks())
    after = Registry(apps=(replace(wiki, name="products.dw", config=CONFIG, leaves=("0001_b",)),), checks=Checks())
    assert "the last migration of wiki is [0001_b], was [0001_a]" in refused(before, after, APP_MOVE)

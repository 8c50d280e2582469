"""The two halves of a label apart: decided by the model beside it, else listed."""

from __future__ import annotations

import pytest

from tests.model_labels import WHOLE, check

PAIRS = [
    'ContentType.objects.get(app_label="core", model="table")',
    'ContentType.objects.filter(app_label="core", model__in=["table", "tag"])',
    'ContentType.objects.get_by_natural_key("core", "table")',
    'Permission.objects.get_by_natural_key("view_table", "core", "table")',
    'Permission.objects.filter(content_type__app_label="core", content_type__model="table")',
    'X = dict(a=1, content_type__app_label="core", content_type__model__iexact="Table")',
    'X = {"app_label": "core", "model": "table"}',
    'f = F(X, limit_choices_to={"app_label": "core", "model": "tag"})',
    'f = F(X, limit_choices_to=Q(app_label="core", model="table") | Q(app_label="ee", model="x"))',
    'apps.get_model("core", "Table")',
    'django_apps.get_model(app_label="core", model_name="table")',
    'apps.get_registered_model("core", "Tag")',
    'apps.get_app_config("core").get_model("Table")',
    'apps.all_models["core"]["table"]',
]
BOTH = [
    ('ContentType.objects.filter(app_label="core")', "means models that move and models that stay"),
    ('ContentType.objects.filter(app_label="core", model=name)', "those that moved have the label data_warehouse"),
    ('ContentType.objects.filter(app_label="core", model__in=["table", "team"])', "1: core: "),
    ('Permission.objects.filter(content_type__app_label="core")', "1: core: "),
    ('get_by_natural_key("core", model)', "1: core: "),
    ('apps.get_model("core", name)', "1: core: "),
    ('apps.all_models["core"]', "1: core: "),
    ('if model._meta.app_label == "core": ...', "1: core: "),
    ('if m._meta.app_label in ("ee", "core"): ...', "1: core: "),
    ('class R:\n    route_app_labels = {"core"}', "2: core: "),
    ('call_command("dumpdata", "core")', "1: core: "),
    ('X = type("M", (), {"app_label": "core"})', "1: core: "),
]
STAYS = [
    'apps.get_app_config("core")',
    'call_command("migrate", "core", "0001")',
    'MIGRATION_MODULES = {"core": "x.y"}',
]


@pytest.mark.parametrize(
    "text",
    [
        'ContentType.objects.get(app_label="core", model="team")',
        'ContentType.objects.get_by_natural_key("core", "team")',
        'ContentType.objects.get(app_label="ee", model="table")',
        'X = {"app_label": "core", "model": "team"}',
        'X = {"label": "core"}',
        'User.objects.get_by_natural_key("core")',
        'def f(apps):\n    apps.get_model("core", "Table")\n    apps.get_model("core", name)',
        'path("core", include("x"), name="core")',
        'X = ("core", "thing", 3)',
        'print("core")',
        *STAYS,
    ],
)
def test_untouched(text: str) -> None:
    check(f"{text}\n")


@pytest.mark.parametrize("text", PAIRS)
def test_a_pair(text: str) -> None:
    check(f"{text}\n", text.replace('"core"', '"data_warehouse"') + "\n")
    check(f"{text}\n", text.replace('"core"', '"depot"') + "\n", plan=WHOLE)
    check(text.replace('"', "'") + "\n", text.replace('"core"', '"data_warehouse"').replace('"', "'") + "\n")


@pytest.mark.parametrize(("text", "reason"), BOTH)
def test_the_app_alone(text: str, reason: str) -> None:
    check(f"{text}\n", left=[reason])
    check(f"{text}\n", text.replace('"core"', '"depot"') + "\n", plan=WHOLE)


@pytest.mark.parametrize("text", STAYS)
def test_a_label_that_is_gone(text: str) -> None:
    check(f"{text}\n", text.replace('"core"', '"depot"') + "\n", plan=WHOLE)


def test_a_pair_that_may_be_anything_is_listed() -> None:
    check('KEY = ("core", "table")\n', left=["1: core"])


def test_migrations_speak_of_the_past() -> None:
    check('ContentType.objects.get(app_label="core", model="table")\n', module="core.migrations.0001_x")


def test_states_of_the_past_have_no_label_that_is_gone() -> None:
    """A helper that migrations call with their ``apps``."""
    text = 'def f(apps):\n    apps.get_model("core", "Table")\n    apps.get_model("core", name)\n    apps.get_model("core.Tag")\n'
    check(text)
    check(text, text.replace('"core', '"depot'), plan=WHOLE)

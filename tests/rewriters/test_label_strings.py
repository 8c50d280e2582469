"""Strings that are the label of a model as a whole: which are followed, which are listed."""

from __future__ import annotations

import pytest

from tests.model_labels import HERE, WHOLE, check

SURE = [
    ('REGISTRY = {"core.Table": 1}', 'REGISTRY = {"data_warehouse.Table": 1}'),
    ("REGISTRY['core.Table'] = 1", "REGISTRY['data_warehouse.Table'] = 1"),
    ('REGISTRY.get("core.Table", None)', 'REGISTRY.get("data_warehouse.Table", None)'),
    ('R = {"core.table": 1, "core.team": 2}', 'R = {"data_warehouse.table": 1, "core.team": 2}'),
    ('X = ["core.Table", "core.Team"]', 'X = ["data_warehouse.Table", "core.Team"]'),
    ('X = ("core.tag", "ee.report")', 'X = ("data_warehouse.tag", "ee.report")'),
    ('AUDITED_MODELS = {"core.Table"}', 'AUDITED_MODELS = {"data_warehouse.Table"}'),
    ('post_save.connect(f, sender="core.Table")', 'post_save.connect(f, sender="data_warehouse.Table")'),
    ('@receiver(post_save, sender="core.table")\ndef f(): ...', '@receiver(post_save, sender="data_warehouse.table")\ndef f(): ...'),
    ('class F(DjangoModelFactory):\n    class Meta:\n        model = "core.Table"', 'class F(DjangoModelFactory):\n    class Meta:\n        model = "data_warehouse.Table"'),
    ('baker.make("core.Table", name="x")', 'baker.make("data_warehouse.Table", name="x")'),
    ('call_command("dumpdata", "core.Table", "core.Team")', 'call_command("dumpdata", "data_warehouse.Table", "core.Team")'),
    ('if model._meta.label == "core.Table": ...', 'if model._meta.label == "data_warehouse.Table": ...'),
    ('if m._meta.label_lower in ("core.table", "core.x"): ...', 'if m._meta.label_lower in ("data_warehouse.table", "core.x"): ...'),
    ('getattr(settings, "FILER_IMAGE_MODEL", "core.Table")', 'getattr(settings, "FILER_IMAGE_MODEL", "data_warehouse.Table")'),
    ('FILER_IMAGE_MODEL = "core.table"', 'FILER_IMAGE_MODEL = "data_warehouse.table"'),
    ('class K(ForeignKey):\n    def __init__(self, to="core.Table"): ...', 'class K(ForeignKey):\n    def __init__(self, to="data_warehouse.Table"): ...'),
    ('from django.apps import apps as registry\nregistry.get_model("core.Table")', 'from django.apps import apps as registry\nregistry.get_model("data_warehouse.Table")'),
]  # fmt: skip


@pytest.mark.parametrize(
    "text",
    [
        '"""core.Table"""',
        'f"core.Table"',
        'b"core.Table"',
        'X = {"core.Team": 1}',
        'X = {"Core.Table": 1}',
        'X = {"core.Table.name": 1}',
        'X = ["core.table", "core.util"]',
        'patch("core.table")',
        'log("see core.Table")',
        'X.get(key, "core.team")',
        'def f(apps):\n    apps.get_model("core.Table")',
        '# core.Table',
    ],
)  # fmt: skip
def test_untouched(text: str) -> None:
    check(f"{text}\n")


@pytest.mark.parametrize(("text", "expected"), SURE)
def test_followed(text: str, expected: str) -> None:
    check(f"x = 1\n{text}\n", f"x = 1\n{expected}\n")


@pytest.mark.parametrize(("text", "expected"), SURE)
def test_followed_where_the_whole_app_changes_its_label(text: str, expected: str) -> None:
    check(
        f"{text}\n",
        f"{expected}\n".replace("data_warehouse.", "depot.").replace("core.Team", "depot.Team").replace("core.team", "depot.team"),
        plan=WHOLE,
    )


def test_a_value_of_the_settings() -> None:
    text = 'X = env("X", "core.Table")\nlog("core.Table")\nLOGGERS = {"core.table": env("core.tag")}\n'
    expected = text.replace('env("X", "core', 'env("X", "data_warehouse')
    check(text, expected, ["2: core.Table", "3: core.table"], module="site.settings")


@pytest.mark.parametrize(
    ("text", "reason"),
    [
        ('emit("core.Table")', "1: core.Table: looks like the label of a model that moves; nothing says"),
        ('NAMES = ["core.Table", "other"]', "nothing says whether it is one"),
        ('X = {"core.table": 1}', "nothing says whether it is one"),
    ],
)
def test_listed(text: str, reason: str) -> None:
    check(f"{text}\n", left=[reason])


def test_what_rows_may_hold_is_listed() -> None:
    text = """\
class Table(Model):
    kind = CharField(default="core.Table", choices=[("core.Tag", "tag"), ("core.Team", "team")])
    KIND_CHOICES = [("core.Tag", "tag")]

    class Meta:
        db_table = "core_table"


class Kind(TextChoices):
    TABLE = "core.Table", "Table"
"""
    check(text, left=["2: core.Table: the label of a model that moves, in a field's", "2: core.Tag", "3: core.Tag", "10: "], module=HERE)


def test_what_the_plan_keeps() -> None:
    from dataclasses import replace

    from tests.model_labels import PLAN

    check('X = {"core.Table": 1, "core.Tag": 2}\n', 'X = {"core.Table": 1, "data_warehouse.Tag": 2}\n', plan=replace(PLAN, keep=("core.Table",)))


def test_labels_in_settings_that_nothing_decides_are_listed() -> None:
    text = 'HIDE = {"models": ["core.table", "other"]}\nALIASES = {"core.Table.photo": {}, "core.Team.photo": {}}\n'
    check(text, left=["1: core.table: looks like", "2: core.Table.photo: looks like"], module="site.settings")
    check(text.partition("\n")[0] + "\n")

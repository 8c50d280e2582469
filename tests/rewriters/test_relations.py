"""Labels of models: what stays, what changes, what is only pointed out."""

from __future__ import annotations

from dataclasses import replace

import pytest

from migration.plan.plan import App
from tests.model_labels import HERE, PLAN, prepared

PINNED = "\n    class Meta:\n        db_table = {!r}\n"


def table(body: str) -> str:
    """A file with the moved model Table, its table pinned."""
    return f'from django.db import models\n\n\nclass Table(Owned):\n    {body}\n\n    class Meta:\n        db_table = "core_table"\n'


@pytest.mark.parametrize(
    ("module", "text"),
    [
        pytest.param(HERE, table('parent = models.ForeignKey("self", models.CASCADE)'), id="self"),
        pytest.param(HERE, table('tags = models.ManyToManyField("Tag")'), id="bare, moves along"),
        pytest.param(HERE, table('tags = models.ManyToManyField("TAG")'), id="bare, in other case"),
        pytest.param(HERE, table('team = models.ForeignKey("core.Team", models.CASCADE)'), id="qualified, stays"),
        pytest.param(HERE, table("tags = models.ManyToManyField(Tag)"), id="the class itself"),
        pytest.param(HERE, table('title = models.CharField("Team", default="Table")'), id="no relation"),
        pytest.param(HERE, table('team = models.ForeignKey(Team, verbose_name="Team", related_name="Team")'), id="other words"),
        pytest.param(HERE, table('CHOICES = ("Team", "Table", "Tag")'), id="plain strings"),
        pytest.param(HERE, table('team = get("Team")').replace("Table(Owned)", "Form(Owned)"), id="no model"),
        pytest.param("core.models", 'class Note(Owned):\n    team = models.ForeignKey("Team", 1)\n', id="stays to stays"),
        pytest.param("core.models", 'class Note(Owned):\n    other = models.ForeignKey("Table", 1)\n', id="unknown field"),
        pytest.param("ee.models", 'class Report(Shared):\n    thing = models.ForeignKey("Thing", 1)\n', id="declared elsewhere"),
        pytest.param("core.migrations.0001_x", 'class Note(M):\n    table = models.ForeignKey("core.Table", 1)\n', id="frozen"),
        pytest.param("core.util", 'from django.apps import apps\napps.get_model("core", "Team")\n', id="get_model, stays"),
        pytest.param("core.util", 'def forwards(apps):\n    apps.get_model("core", "Table")\n', id="get_model of a state"),
        pytest.param("core.util", 'from django.apps import apps\ndef f(apps):\n    apps.get_model("core", "Table")\n', id="shadowed"),
        pytest.param("core.util", 'import core.table\npatch("core.table")\n', id="a module of that name"),
        pytest.param(None, 'print("Table", "Team")\n', id="script"),
    ],
)  # fmt: skip
def test_untouched(module: str | None, text: str) -> None:
    done = prepared(text, module)
    assert done.raw is None
    assert not done.references


@pytest.mark.parametrize("app", [App("app", "core", "core"), App("package")])
def test_only_an_extraction_changes_labels(app: App) -> None:
    text = table('team = models.ForeignKey("Team", models.CASCADE)')
    assert prepared(text, HERE, replace(PLAN, app=app)).raw is None


@pytest.mark.parametrize(
    ("module", "old", "new"),
    [
        pytest.param(HERE, 'team = models.ForeignKey("Team", models.CASCADE)', 'team = models.ForeignKey("core.Team", models.CASCADE)', id="bare, stays behind"),
        pytest.param(HERE, "team = models.ForeignKey(to='Team', on_delete=1)", "team = models.ForeignKey(to='core.Team', on_delete=1)", id="keyword"),
        pytest.param(HERE, 'team: Any = F(r"""Team""", "x")', 'team: Any = F(r"""core.Team""", "x")', id="quotes and prefix"),
        pytest.param(HERE, 'team = old(models.ForeignKey("Te" "am", 1), "x")', 'team = old(models.ForeignKey("core.Team", 1), "x")', id="wrapped, in two parts"),
        pytest.param(HERE, 'team = models.ForeignKey("team", 1)', 'team = models.ForeignKey("core.team", 1)', id="case kept"),
        pytest.param(HERE, 'tags = models.ManyToManyField("core.Tag")', 'tags = models.ManyToManyField("data_warehouse.Tag")', id="qualified, moves along"),
        pytest.param(HERE, 'team = T(x="é", to="Team")  # é "Team"', 'team = T(x="é", to="core.Team")  # é "Team"', id="not only ASCII"),
        pytest.param(HERE, 'if 1:\n        team = F("Team")', 'if 1:\n        team = F("core.Team")', id="under a condition"),
    ],
)  # fmt: skip
def test_in_a_moved_model(module: str, old: str, new: str) -> None:
    done = prepared(table(old), module)
    assert done.raw is not None and done.raw.decode() == table(new)
    assert not done.problems


@pytest.mark.parametrize(
    ("module", "old", "new"),
    [
        pytest.param(
            "core.models",
            'class Note(Owned):\n    table = F("Table")\n    tags = M("core.Tag", through="NoteTag")\n',
            'class Note(Owned):\n    table = F("data_warehouse.Table")\n'
            '    tags = M("data_warehouse.Tag", through="NoteTag")\n',
            id="a model that stays",
        ),
        pytest.param(
            "ee.models",
            'class Report(Shared):\n    table = F(to="core.table")\n',
            'class Report(Shared):\n    table = F(to="data_warehouse.table")\n',
            id="a model of a third app",
        ),
        pytest.param(
            "core.base",
            'class Owned(Model):\n    owner = F("Team")\n',
            'class Owned(Model):\n    owner = F("core.Team")\n',
            id="a base that stays and serves both",
        ),
        pytest.param(
            "core.util",
            'from django.apps import apps\n\nTable = apps.get_model("core.Table")\n'
            'Tag = apps.get_model("core", model_name="Tag", require_ready=False)\n',
            'from django.apps import apps\n\nTable = apps.get_model("data_warehouse.Table")\n'
            'Tag = apps.get_model("data_warehouse", model_name="Tag", require_ready=False)\n',
            id="get_model",
        ),
        pytest.param(
            None,
            "import django.apps\n\ndjango.apps.apps.get_registered_model('core', 'table')\n",
            "import django.apps\n\ndjango.apps.apps.get_registered_model('data_warehouse', 'table')\n",
            id="get_registered_model in a script",
        ),
    ],
)
def test_elsewhere(module: str | None, old: str, new: str) -> None:
    done = prepared(old, module)
    assert done.raw is not None and done.raw.decode() == new
    assert not done.problems


def test_a_base_that_moves_keeps_bare_what_moves_along() -> None:
    done = prepared('class Tagged(Model):\n    label = F("Tag")\n', "core.warehouse.base")
    assert done.raw is None and not done.problems


def test_app_label_in_a_moved_meta() -> None:
    text = 'class Tag(Model):\n    class Meta:\n        app_label = "core"\n        db_table = "core_tag"\n'
    done = prepared(text, HERE)
    assert done.raw == text.replace('"core"', '"data_warehouse"').encode()


def test_names_with_the_label_are_frozen() -> None:
    text = """\
class Table(Model):
    team = F("core.Team", related_name="%(app_label)s_%(class)s")

    class Meta:
        db_table = "core_table"
        default_related_name = "%(app_label)s_tables"
        constraints = [Unique(fields=["a"], name="%(app_label)s_a"), Check(name='b')]
        help = "%(app_label)s"
"""
    done = prepared(text, HERE)
    assert done.raw is not None
    assert done.raw.decode() == (
        text.replace("%(app_label)s_%(class)s", "core_%(class)s")
        .replace("%(app_label)s_tables", "core_tables")
        .replace("%(app_label)s_a", "core_a")
    )
    assert not done.problems


def test_a_base_for_two_apps_that_would_mean_different_models() -> None:
    done = prepared('class Shared(Model):\n    thing = F("Thing")\n', "ee.base")
    assert done.raw is None
    assert [reference.text for reference in done.references] == [None]
    assert "no one label is right for all" in done.references[0].reason
    assert [str(problem) for problem in done.problems] == [
        "ee/base.py:2: core.Shared.thing: 'Thing' would mean data_warehouse.Thing, not core.Thing"
        " -> write the label out, or give the models bases of their own"
    ]


def test_a_base_for_two_apps_with_a_label_in_a_name_stays() -> None:
    """The moved classes declare the name themselves, see the tables."""
    text = 'class Shared(Model):\n    x = F(X, related_name="%(app_label)s_x")\n'
    done = prepared(text, "ee.base")
    assert (done.raw, done.references, done.problems) == (None, (), ())

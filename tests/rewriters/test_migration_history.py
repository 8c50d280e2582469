"""The migrations of an app that changes its label, and of others that name it."""

from __future__ import annotations

from textwrap import dedent, indent

import pytest

from migration.django.model_moves import ModelMoves, Past
from migration.python.source_file import SourceFile
from migration.rewriters import migration_history
from tests.model_labels import PLAN, REGISTRY, WHOLE, prepared

PAST = Past(frozenset({"0001_initial", "0002_more", "0003_both"}), frozenset({"table", "gone"}), frozenset({("Gone", "Table")}))


def found(text: str, path: str, plan=WHOLE, past: Past = PAST):  # type: ignore[no-untyped-def]
    return migration_history.find(SourceFile(path, text.encode(), None), ModelMoves(plan, REGISTRY, past))


def after(text: str, path: str = "ee/migrations/0001_initial.py") -> tuple[str, list[str]]:
    """The text afterwards and the reasons of what is listed; a second run changes nothing."""
    from migration.core.changes import apply_edits

    references = found(text, path)
    new = apply_edits(text.encode(), [r.edit for r in references if r.edit]).decode()
    compile(new, path, "exec")
    assert not any(r.edit for r in found(new, path)), "a second run changes something"
    return new, [r.reason for r in references if r.text is None]


def own(operations: str, head: str = 'replaces = [("core", "0002_more")]\n') -> str:
    """A migration of the app itself."""
    body = f"{head}dependencies = []\noperations = [\n{indent(dedent(operations), '    ')}]\n"
    return "from django.db import migrations, models\n\n\nclass Migration(migrations.Migration):\n" + indent(body, "    ")


OWN = "core/migrations/0002_more.py"

UNTOUCHED = [
    ("another label", "x = [('ee', '0001_initial')]\nto = 'ee.Table'\n"),
    ("no model it ever had", "f(to='core.unknown')\n"),
    ("a longer label", "f(to='core_x.table')\n"),
    ("a replaced migration", "class Migration(M):\n    dependencies = [('core', '0001_squashed')]\n"),
]


@pytest.mark.parametrize(("_", "text"), UNTOUCHED)
def test_untouched(_: str, text: str) -> None:
    assert after(text) == (text, [])


def test_only_where_an_app_changes_its_label() -> None:
    text = "class Migration(M):\n    dependencies = [('core', '0001_initial')]\n    x = F(to='core.table')\n"
    assert found(text, "ee/migrations/0001_initial.py", PLAN) == []
    assert found(text, "ee/models.py") == []
    assert prepared(text, "core.migrations.0001_initial").raw is None


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("class Migration(M):\n    dependencies = [('core', '0001_initial')]\n", "class Migration(M):\n    dependencies = [('depot', '0001_initial')]\n"),
        ('class Migration(M):\n    run_before = [("core", "0002_more")]\n', 'class Migration(M):\n    run_before = [("depot", "0002_more")]\n'),
        ("class Migration(M):\n    dependencies = [('core', '__first__')] + X\n", "class Migration(M):\n    dependencies = [('depot', '__first__')] + X\n"),
        ("f = models.ForeignKey('core.Table', 1)\n", "f = models.ForeignKey('depot.Table', 1)\n"),
        ("f = models.M2M(to='core.gone', through='core.Table')\n", "f = models.M2M(to='depot.gone', through='depot.Table')\n"),
        ("migrations.CreateModel(bases=('core.table', models.Model))\n", "migrations.CreateModel(bases=('depot.table', models.Model))\n"),
        ("def f(apps, e):\n    apps.get_model('core', name)\n", "def f(apps, e):\n    apps.get_model('depot', name)\n"),
        ("def f(apps, e):\n    apps.get_model('core.Gone')\n", "def f(apps, e):\n    apps.get_model('depot.Gone')\n"),
        ("def f(apps, e):\n    apps.get_model(app_label='core', model_name='x')\n", "def f(apps, e):\n    apps.get_model(app_label='depot', model_name='x')\n"),
        ("F(limit_choices_to=models.Q(('app_label', 'core'), ('model', 'table')))\n", "F(limit_choices_to=models.Q(('app_label', 'depot'), ('model', 'table')))\n"),
        ("F(limit_choices_to={'app_label': 'core', 'model': 'table'})\n", "F(limit_choices_to={'app_label': 'depot', 'model': 'table'})\n"),
        ("def f(apps, e):\n    apps.get_app_config('core')\n", "def f(apps, e):\n    apps.get_app_config('depot')\n"),
    ],
)
def test_in_any_migration(text: str, expected: str) -> None:
    assert after(text) == (expected, [])


@pytest.mark.parametrize(
    "text",
    [
        "APP = 'core'\n",
        "def f(apps, e):\n    ContentType.objects.filter(app_label='core')\n",
        "X = ['core.Table']\n",
    ],
)
def test_listed(text: str) -> None:
    new, left = after(text)
    assert new == text
    assert left == ["a migration that names the old label, which no state has any more; see whether it means an app or a row"]


@pytest.mark.parametrize(
    ("old", "new"),
    [
        (
            'migrations.CreateModel("Gone", [("id", F())]),\n',
            'migrations.CreateModel("Gone", [("id", F())], options={"db_table": "core_gone"}),\n',
        ),
        (
            'migrations.CreateModel(\n    name="Gone",\n    fields=[\n        ("id", F()),\n    ],\n    bases=(A,),\n),\n',
            'migrations.CreateModel(\n    name="Gone",\n    fields=[\n        ("id", F()),\n    ],\n'
            '    options={"db_table": "core_gone"},\n    bases=(A,),\n),\n',
        ),
        (
            'migrations.CreateModel(\n    name="Gone",\n    fields=[],\n    options={\n        "a": 1,\n    },\n),\n',
            'migrations.CreateModel(\n    name="Gone",\n    fields=[],\n    options={\n        "db_table": "core_gone",\n        "a": 1,\n    },\n),\n',
        ),
        ('CreateModel("Gone", [], {}),\n', 'CreateModel("Gone", [], {"db_table": "core_gone"}),\n'),
        ('CreateModel("Gone", [], {"proxy": False}),\n', 'CreateModel("Gone", [], {"db_table": "core_gone", "proxy": False}),\n'),
        ('CreateModel("Gone", [], {"proxy": True}),\n', 'CreateModel("Gone", [], {"proxy": True}),\n'),
        ('CreateModel("Gone", [], {"db_table": "x"}),\n', 'CreateModel("Gone", [], {"db_table": "x"}),\n'),
        ('AlterModelTable("Gone", None),\n', 'AlterModelTable("Gone", "core_gone"),\n'),
        ('AlterModelTable(name="Gone", table="x"),\n', 'AlterModelTable(name="Gone", table="x"),\n'),
        (
            'migrations.RenameModel("Gone", "Table"),\n',
            'migrations.AlterModelTable(name="gone", table="core_table"),\nmigrations.RenameModel("Gone", "Table"),\n',
        ),
        ('x.RenameModel(old_name="Other", new_name="Table"),\n', 'x.RenameModel(old_name="Other", new_name="Table"),\n'),
        ('F(related_name="%(app_label)s_x"),\n', 'F(related_name="core_x"),\n'),
        ('CreateModel("G", [], {"db_table": "x", "default_related_name": "%(app_label)s"}),\n', 'CreateModel("G", [], {"db_table": "x", "default_related_name": "core"}),\n'),
    ],
)  # fmt: skip
def test_tables_and_names_of_its_own(old: str, new: str) -> None:
    assert after(own(old), OWN) == (own(new), [])


def test_replaces() -> None:
    text = own("", head='"""Why."""\n\ninitial = True\n')
    expected = own("", head='"""Why."""\n\nreplaces = [("core", "0002_more")]\n\ninitial = True\n')
    assert after(text, OWN) == (expected, [])


def test_a_squash_whose_originals_are_gone_keeps_what_it_replaces() -> None:
    text = own("", head='replaces = [("core", "0001_a"), ("core", "0001_b")]\n')
    assert after(text, OWN) == (text, [])


def test_a_squash_whose_originals_are_there_is_refused() -> None:
    text = own("", head='replaces = [("core", "0001_initial"), ("core", "0003_both")]\n')
    problems = list(migration_history.problems(SourceFile(OWN, text.encode(), None), ModelMoves(WHOLE, REGISTRY, PAST)))
    assert str(problems[0]) == (
        "core/migrations/0002_more.py:5: 0002_more squashes 0001_initial, which is still there;"
        " Django can't replace one migration twice -> finish the squash first:"
        " where every database has it, delete the squashed migrations and replaces"
    )


def test_options_that_are_computed_are_refused() -> None:
    text = own('CreateModel("Gone", [], options=OPTIONS),\n')
    problems = list(migration_history.problems(SourceFile(OWN, text.encode(), None), ModelMoves(WHOLE, REGISTRY, PAST)))
    assert [p.message for p in problems] == ["the options of this model are computed"]


def test_what_all_migrations_say_together() -> None:
    """The order is that of their dependencies, whatever their names are."""
    files = {
        "0001_b": own('RenameModel("One", "Two"),\nRenameModel("Own", "Mine"),\nRenameModel("New", "Newer"),\n', 'dependencies = [("core", "0002_a")]\n'),
        "0002_a": own(
            'CreateModel("One", []),\nCreateModel("Own", [], {"db_table": "x"}),\nCreateModel("New", [], {"db_table": "y"}),\n'
            'AlterModelTable("New", None),\n'
        ),
    }
    sources = [SourceFile(f"core/migrations/{name}.py", text.encode(), None) for name, text in files.items()]
    past = migration_history.past_of(sources, WHOLE)
    assert past.names == {"0001_b", "0002_a"}
    assert past.models >= {"one", "two", "own", "mine", "new", "newer", "table"}
    assert past.renames == {("One", "Two"), ("New", "Newer")}

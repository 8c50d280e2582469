"""An app that moves and gets another label: what its databases say before and after."""

from __future__ import annotations

import shutil
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import pytest

from migration.core.errors import MigrationError
from migration.phases.verify_migrations import tried
from tests import model_cases
from tests.databases import Kept, keep
from tests.django_projects import django, manage, rows, schema
from tests.django_projects import replace as replace_text
from tests.model_cases import Case, Moved, check, data, move
from tests.model_rows import PEOPLE, USERPROFILE

LABELS = "SELECT app_label, model FROM django_content_type WHERE app_label IN ('userprofile', 'account') ORDER BY 2, 1"
MODELS = ["alias", "profile", "special", "tag", "view"]
OLD = [("userprofile", model) for model in MODELS]
NEW = [("account", model) for model in MODELS]
FIRST_MIGRATION = "apps/account/migrations/0001_initial.py"
LAST = "apps/account/migrations/0002_content_types_from_userprofile.py"


@pytest.fixture(scope="module")
def the(tmp_path_factory: pytest.TempPathFactory) -> Moved:
    return move(USERPROFILE, tmp_path_factory.mktemp("label"))


@pytest.fixture
def populated(the: Moved, tmp_path: Path) -> Path:
    return the.populated(tmp_path / "populated")


def test_no_database_notices(the: Moved, tmp_path: Path) -> None:
    check(the, tmp_path)


def test_the_code(the: Moved) -> None:
    apps = (the.new / "apps/account/apps.py").read_text()
    assert '    label = "account"\n' in apps
    first = (the.new / "apps/account/migrations/0001_initial.py").read_text()
    assert "replaces = [('userprofile', '0001_initial')]\n" in first
    assert "userprofile.profile" not in first
    assert "('account', '0001_initial')," in (the.new / "audit/migrations/0001_initial.py").read_text()
    assert (the.new / LAST).read_text().count("userprofile") == 1


def test_a_second_run_changes_nothing(the: Moved) -> None:
    before = model_cases.contents(the.new)
    model_cases.run(the.session, "prepare_models", "generate_migrations", "prepare_structure", "update_imports")
    assert model_cases.contents(the.new) == before


def test_back_and_forth(the: Moved, populated: Path) -> None:
    was = [schema(the.old), data(the.old)]
    assert rows(populated, LABELS) == OLD
    for target in ((), ("account", "0001"), ()):
        manage(populated, "migrate", *target)
        assert schema(populated) == was[0]
    assert data(populated) == was[1]
    assert rows(populated, LABELS) == NEW


def test_the_old_code_runs_on_what_the_new_code_gave_back(the: Moved, populated: Path, tmp_path: Path) -> None:
    manage(populated, "migrate")
    manage(populated, "migrate", "account", "0001", "--skip-checks")
    old = model_cases.write(tmp_path / "old", model_cases.contents(the.old))
    shutil.copy(populated / "db.sqlite3", old)
    assert "No migrations to apply" in manage(old, "migrate")
    assert "No changes detected" in manage(old, "makemigrations", "--check", "--dry-run")
    manage(populated, "migrate")
    assert rows(populated, LABELS) == NEW
    assert [schema(populated), data(populated)] == [schema(the.old), data(the.old)]


@pytest.mark.parametrize("first", ["account", "audit"])
def test_separate_runs(the: Moved, populated: Path, first: str) -> None:
    manage(populated, "migrate", first)
    manage(populated, "migrate")
    assert rows(populated, LABELS) == NEW
    assert [schema(populated), data(populated)] == [schema(the.old), data(the.old)]


def test_content_types_that_both_exist(the: Moved, populated: Path) -> None:
    manage(populated, "migrate", "account", "0001")  # post_migrate makes the new rows
    assert rows(populated, LABELS) == sorted([*OLD, *NEW], key=lambda row: (row[1], row[0]))
    manage(populated, "migrate")
    assert rows(populated, LABELS) == NEW
    assert data(populated) == data(the.old)


def test_both_are_tried_on_every_kind_of_database(the: Moved) -> None:
    done = model_cases.run(the.session, "verify_migrations")["verify_migrations"]
    assert [(row["check"], row["outcome"]) for row in done["table"]] == [
        ("filled database", "equal"),
        ("back", "equal"),
        ("forth again", "equal"),
        ("last part back and forth", "equal"),
        ("both content types", "equal"),
        ("empty database", "equal"),
        ("empty database, account first", "equal"),
        ("each migration on what it depends on", "equal"),
        ("makemigrations --check", "equal"),
    ]


@pytest.fixture(scope="module")
def kept(the: Moved, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Kept]:
    with keep(the.session.plan(), django(the.old), "sqlite", "test_phased_label", tmp_path_factory.mktemp("kept")) as kept:
        yield kept


LEFT_OUT = [
    pytest.param(
        LAST, "        migrations.RunPython(move_content_types, return_content_types),\n",
        ["filled database: default (sqlite): table django_content_type: row id="],
        id="the step for the content types",
    ),
    pytest.param(
        FIRST_MIGRATION, "    replaces = [('userprofile', '0001_initial')]\n",
        ["filled database: default (sqlite): InconsistentMigrationHistory: Migration audit.0001_initial is applied before"],
        id="replaces",
    ),
    pytest.param(
        FIRST_MIGRATION, "'db_table': 'userprofile_tag'",
        ["empty database: default (sqlite): "],
        id="a table that is pinned in the model alone",
    ),
]  # fmt: skip


@pytest.mark.parametrize(("path", "step", "said"), LEFT_OUT)
def test_a_step_that_is_left_out_is_noticed(
    the: Moved, kept: Kept, tmp_path: Path, path: str, step: str, said: list[str]
) -> None:
    kept.restore()
    repo = the.empty(tmp_path / "new")
    text = (repo / path).read_text()
    assert text.count(step) == 1, text
    (repo / path).write_text(text.replace(step, ""))
    with pytest.raises(MigrationError) as raised:
        tried(the.session.plan(), django(repo), kept.place, kept.filled)
    assert all(part in str(raised.value) for part in said), str(raised.value)


def test_a_history_that_is_applied_in_part(tmp_path: Path) -> None:
    """A database that the old code left half-way: the rest runs under the new label."""
    moved = move(PEOPLE, tmp_path / "move")
    half = model_cases.write(tmp_path / "half", model_cases.contents(moved.old))
    manage(half, "migrate", "folk", "0003")
    new = moved.empty(tmp_path / "new")
    shutil.copy(half / "db.sqlite3", new)
    manage(new, "migrate")
    assert schema(new) == schema(moved.old)
    assert rows(new, "SELECT name FROM folk_human") == [("things",)]
    assert (new / "apps/humans/migrations/max_migration.txt").read_text() == "0005_content_types_from_folk\n"


def test_a_database_without_content_types_and_one_of_another_alias(the: Moved, tmp_path: Path) -> None:
    repo = the.populated(tmp_path / "two")
    replace_text(
        repo / "shop/settings.py",
        "INSTALLED_APPS",
        'DATABASES["other"] = {**DATABASES["default"], "NAME": Path(__file__).parent.parent / "other.sqlite3"}\n'
        'DATABASE_ROUTERS = ["shop.routers.Router"]\nINSTALLED_APPS',
    )
    router = "class Router:\n    def allow_migrate(self, db, app_label, **hints):\n        return db == 'default' or app_label == 'account'\n"
    model_cases.write(repo, {"shop/routers.py": router})
    manage(repo, "migrate", "--database", "other")
    manage(repo, "migrate")
    assert rows(repo, LABELS) == NEW


def test_without_content_types_no_migration_is_needed(tmp_path: Path) -> None:
    case = replace(
        PLAIN, settings='\nINSTALLED_APPS = ["plain"]\n'
    )
    moved = move(case, tmp_path / "move")
    assert not (moved.new / "apps/other/migrations/0002_content_types_from_plain.py").exists()
    populated = moved.populated(tmp_path / "populated")
    manage(populated, "migrate")
    assert schema(populated) == schema(moved.old)
    assert "No changes detected" in manage(populated, "makemigrations", "--check", "--dry-run")


PLAIN = Case(
    ("plain",),
    {
        "plain/__init__.py": "",
        "plain/migrations/__init__.py": "",
        "plain/models.py": "from django.db import models\n\n\nclass Thing(models.Model):\n    pass\n",
    },
    "plain",
    "apps.other",
    "other",
    "other",
)
FIRST = "from django.db import migrations\n\n\nclass Migration(migrations.Migration):\n    operations = []\n"


@pytest.mark.parametrize(
    ("changes", "files", "said"),
    [
        pytest.param({"label": "auth"}, {}, "the label auth is taken by the installed app django.contrib.auth", id="taken"),
        pytest.param(
            {},
            {"plain/models.py": PLAIN.files["plain/models.py"] + "\n\nfrom elsewhere import Far\n", "elsewhere.py":
             "from django.db import models\n\n\nclass Far(models.Model):\n    class Meta:\n        app_label = 'plain'\n"},
            r"plain.Far \(in elsewhere\) has the label plain too, and is not in the plan",
            id="a model elsewhere",
        ),
        pytest.param({"made": ("auth",)}, {"plain/migrations": ""}, "the migrations of plain are nowhere", id="no migrations"),
        pytest.param(
            {},
            {
                "plain/migrations/0001_a.py": FIRST,
                "plain/migrations/0002_b.py": FIRST.replace("    operations", '    dependencies = [("plain", "0001_a")]\n    operations'),
                "plain/migrations/0003_c.py": FIRST.replace("    operations", '    replaces = [("plain", "0001_a"), ("plain", "0002_b")]\n    operations'),
            },
            "0003_c squashes 0001_a, which is still there",
            id="an unfinished squash",
        ),
    ],
)  # fmt: skip
def test_refused(tmp_path: Path, changes: dict[str, object], files: dict[str, str], said: str) -> None:
    all_files = {**PLAIN.files, **files}
    if all_files.pop("plain/migrations", None) is not None:
        del all_files["plain/migrations/__init__.py"]
    with pytest.raises(MigrationError, match=said):
        move(replace(PLAIN, files=all_files, **changes), tmp_path)  # type: ignore[arg-type]


OUTSIDE = {
    "far/__init__.py": "",
    "far/models.py": "",
    "far/migrations/__init__.py": "",
    "far/migrations/0001_initial.py": """\
from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [("plain", "0001_initial")]
    operations = [
        migrations.CreateModel("Old", [("id", models.AutoField(primary_key=True)),
                                       ("of", models.ForeignKey("plain.Thing", models.CASCADE))]),
        migrations.DeleteModel("Old"),
    ]
""",
}


def test_migrations_outside_the_repo_that_name_the_label_are_refused(tmp_path: Path) -> None:
    elsewhere = model_cases.write(tmp_path / "elsewhere", OUTSIDE)
    settings = f"\nimport sys\n\nsys.path.append({str(elsewhere)!r})\nINSTALLED_APPS.append('far')\n"
    first = FIRST.replace("migrations\n\n\n", "migrations, models\n\n\n").replace(
        "[]", "[migrations.CreateModel('Thing', [('id', models.BigAutoField(primary_key=True, auto_created=True, serialize=False, verbose_name='ID'))])]"
    )
    case = replace(PLAIN, settings=settings, files={**PLAIN.files, "plain/migrations/0001_initial.py": first})
    with pytest.raises(MigrationError, match=r"these migrations still name the label plain .*: far.0001_initial"):
        move(case, tmp_path / "move")


def test_templates_that_are_looked_up_by_label_are_listed_once(tmp_path: Path) -> None:
    files = {**PLAIN.files, "plain/templates/plain/thing_list.html": "", "plain/templates/admin/plain/thing/change_form.html": ""}
    moved = move(replace(PLAIN, files=files), tmp_path / "move")
    done = model_cases.run(moved.session, "update_imports", "prepare_models")
    found = [line for phase in done.values() for line in phase["findings"]]
    assert [line.partition(": ")[0] for line in found] == [
        "apps/other/templates/admin/plain/thing/change_form.html",
        "apps/other/templates/plain/thing_list.html",
    ]
    assert "git mv it to apps/other/templates/other/thing_list.html" in found[1]

"""An extraction's migrations on real databases: nothing is lost, in any order, forward and back."""

from __future__ import annotations

import shutil
from collections.abc import Callable
from dataclasses import replace as changed
from pathlib import Path

import pytest

from migration.core.errors import PhaseError
from migration.django.registry import Pending, Registry
from migration.django.unmovable_models import refuse
from migration.phases.generate_migrations import Generated, generated, request
from migration.phases.validate_django import validate
from migration.plan.plan import Plan
from tests.django_projects import (
    HOME,
    PAST,
    SHOP,
    contents,
    django,
    extraction,
    manage,
    moved,
    replace,
    rows,
    schema,
    shop,
    write,
)

NEW = f"{HOME}/migrations/0001_initial.py"
THIRD = "billing/migrations/0002_relations_to_data_warehouse.py"
LAST = "core/migrations/0002_move_models_to_data_warehouse.py"

ROWS = """
from django.contrib.auth.models import Permission, User
from django.contrib.contenttypes.models import ContentType
from core.models import *
from billing.models import *
from audit.models import *
team = Team.objects.create(name="t")
user = User.objects.create(username="u")
credential = Credential.objects.create(team=team)
table = Table.objects.create(team=team, name="a", credential=credential, created_by=user)
table.parent = table
table.save()
tag = Tag.objects.create(name="x")
table.tags.add(tag)
Note.objects.create(team=team, table=table).tags.add(tag)
TagUse.objects.create(invoice=Invoice.objects.create(table=table), tag=tag)
entry = Entry.objects.create(content_type=ContentType.objects.get_for_model(Table), object_id=table.pk)
Watch.objects.create(entry=entry)
user.user_permissions.add(*Permission.objects.filter(content_type__app_label="core"))
"""

DATA = (
    "SELECT * FROM core_table",
    "SELECT * FROM core_tag",
    "SELECT * FROM core_credential",
    "SELECT * FROM core_table_tags",
    "SELECT * FROM core_note_tags",
    "SELECT * FROM billing_taguse",
    "SELECT * FROM audit_entry",
    "SELECT * FROM audit_watch",
    "SELECT id, model FROM django_content_type ORDER BY id",
    "SELECT * FROM auth_permission ORDER BY id",
    "SELECT * FROM auth_user_user_permissions ORDER BY id",
)
LABELS = (
    "SELECT model, app_label FROM django_content_type WHERE model IN ('alias', 'table', 'tag', 'credential') ORDER BY 1"
)
OLD_LABELS = [(model, "core") for model in ("alias", "credential", "table", "tag")]
NEW_LABELS = [(model, "data_warehouse") for model in ("alias", "credential", "table", "tag")]


def snapshot(repo: Path) -> list[object]:
    """The schema and everything that must stay as it is."""
    return [schema(repo), *(rows(repo, query) for query in DATA)]


class Shop:
    """The code base before and after the move, with a database of the old code."""

    def __init__(self, directory: Path) -> None:
        self.old = shop(directory / "old")
        self.before = django(self.old).ask("registry", "check").registry
        self.plan = extraction(self.before)
        self.new = moved(write(directory / "new", contents(self.old)), self.plan, self.before)
        self.files = self.generate(self.new).files
        write(self.new, self.files)
        manage(self.old, "migrate")
        manage(self.old, "shell", "-c", ROWS)
        self.rows = snapshot(self.old)
        self.schema = schema(self.old)

    def generate(self, repo: Path, seed: str = "0", ignore: tuple[tuple[str, str], ...] = ()) -> Generated:
        asked = changed(django(repo), env={"PYTHONHASHSEED": seed})
        answer = asked.ask("migrations", migrations=request(self.plan, self.before, ignore))
        return generated(answer, self.plan, self.before, lambda path: (repo / path).is_file())


@pytest.fixture(scope="module")
def the(tmp_path_factory: pytest.TempPathFactory) -> Shop:
    return Shop(tmp_path_factory.mktemp("extraction"))


@pytest.fixture
def populated(the: Shop, tmp_path: Path) -> Path:
    """The new code on a database that the old code migrated and filled."""
    repo = write(tmp_path, contents(the.new))
    shutil.copy(the.old / "db.sqlite3", repo)
    assert rows(repo, LABELS) == OLD_LABELS
    return repo


@pytest.fixture
def empty(the: Shop, tmp_path: Path) -> Path:
    """The new code without a database."""
    return write(tmp_path, contents(the.new))


# --- what is written


def test_the_files(the: Shop) -> None:
    assert list(the.files) == [NEW, THIRD, LAST]
    for text in the.files.values():
        assert text.startswith(("import django", "from django"))
        assert "database_operations" not in text
        compile(text, "", "exec")


def test_the_new_app_stands_on_the_old_one(the: Shop) -> None:
    assert "        ('core', '0001_initial'),\n" in the.files[NEW]
    assert "        migrations.swappable_dependency(settings.AUTH_USER_MODEL),\n" in the.files[NEW]
    assert "    initial = True\n" in the.files[NEW]


def test_the_old_app_comes_last(the: Shop) -> None:
    dependencies = the.files[LAST].partition("dependencies = [\n")[2].partition("    ]")[0].split("\n")
    assert [line.strip() for line in dependencies[:-1]] == [
        "('auth', '0012_alter_user_first_name_max_length'),",
        "('billing', '0002_relations_to_data_warehouse'),",
        "('contenttypes', '0002_remove_content_type_name'),",
        "('core', '0001_initial'),",
        "('data_warehouse', '0001_initial'),",
        "('past', '0002_remove'),",
    ]


@pytest.mark.parametrize("seed", ["1", "2"])
def test_the_same_input_gives_the_same_bytes(the: Shop, tmp_path: Path, seed: str) -> None:
    bare = {path: text for path, text in contents(the.new).items() if path not in the.files}
    assert the.generate(write(tmp_path, bare), seed).files == the.files


def test_a_rerun_leaves_out_what_the_first_run_wrote(the: Shop) -> None:
    keys = tuple((name.split(".")[0], name.split(".")[1]) for name in the.generate(the.new, ignore=_keys()).migrations)
    assert keys == _keys()
    assert the.generate(the.new, ignore=_keys()).files == the.files


def _keys() -> tuple[tuple[str, str], ...]:
    return (
        ("data_warehouse", "0001_initial"),
        ("billing", "0002_relations_to_data_warehouse"),
        ("core", "0002_move_models_to_data_warehouse"),
    )


def test_where_the_history_is_done_nothing_is_written(the: Shop) -> None:
    assert the.generate(the.new) == Generated({})


def test_django_finds_nothing_else_to_write(the: Shop) -> None:
    assert "No changes detected" in manage(the.new, "makemigrations", "--check", "--dry-run")


def test_a_rolling_deploy_gets_a_second_merge(the: Shop, tmp_path: Path) -> None:
    bare = {path: text for path, text in contents(the.new).items() if path not in the.files}
    bare["core/migrations/max_migration.txt"] = "0001_initial\n"
    repo = write(tmp_path, bare)
    files = _generate(repo, changed(the.plan, deploy="rolling"), the.before).files
    again = files.pop("core/migrations/0003_merge_content_types_again.py")
    assert files.pop("core/migrations/max_migration.txt") == "0003_merge_content_types_again\n"
    assert {path: text for path, text in files.items() if not path.endswith(".txt")} == the.files
    assert again.startswith("# Deploy this one on its own, when no code from before 0002_move_models_to_data_warehouse runs")
    assert "        ('core', '0002_move_models_to_data_warehouse'),\n    ]" in again
    assert "migrations.RunPython(move_content_types, migrations.RunPython.noop)," in again
    assert "return_content_types" not in again and "\n\n\n\n" not in again
    functions = again[again.index("\ndef relabel") : again.index("\n\nclass Migration")]
    assert functions in the.files[LAST]
    compile(again, "", "exec")


def test_the_code_is_what_it_was(the: Shop) -> None:
    after = django(the.new).ask("registry", "check").registry
    done = validate(the.before, after, the.plan)
    assert done.counts["moved"] == 4


# --- on databases


def test_a_populated_database_notices_nothing(the: Shop, populated: Path) -> None:
    manage(populated, "migrate")
    assert snapshot(populated) == the.rows
    assert rows(populated, LABELS) == NEW_LABELS


def test_an_empty_database_gets_the_same_schema(the: Shop, empty: Path) -> None:
    manage(empty, "migrate")
    assert schema(empty) == the.schema
    assert rows(empty, LABELS) == NEW_LABELS


@pytest.mark.parametrize("first", ["data_warehouse", "billing", "past", "core"])
def test_separate_runs(the: Shop, populated: Path, first: str) -> None:
    manage(populated, "migrate", first)
    manage(populated, "migrate")
    assert snapshot(populated) == the.rows
    assert rows(populated, LABELS) == NEW_LABELS


def test_separate_runs_on_an_empty_database(the: Shop, empty: Path) -> None:
    manage(empty, "migrate", "data_warehouse")
    manage(empty, "migrate")
    assert schema(empty) == the.schema
    assert rows(empty, LABELS) == NEW_LABELS


def test_back_and_forth(the: Shop, populated: Path) -> None:
    manage(populated, "migrate")
    manage(populated, "migrate", "data_warehouse", "zero")
    assert snapshot(populated) == the.rows
    assert rows(populated, LABELS) == OLD_LABELS
    manage(populated, "migrate")
    assert snapshot(populated) == the.rows
    manage(populated, "migrate", "core", "0001")  # the last one alone: post_migrate makes doubles
    assert len(rows(populated, LABELS)) == 8
    manage(populated, "migrate")
    assert snapshot(populated) == the.rows
    assert rows(populated, LABELS) == NEW_LABELS


USED = """
from django.contrib.auth.models import Group, Permission, User
from django.contrib.contenttypes.models import ContentType
from audit.models import *
new = ContentType.objects.get(app_label="data_warehouse", model="table")
kept = Permission.objects.get(content_type=new, codename="view_table")
User.objects.get().user_permissions.add(kept)
Group.objects.create(name="g").permissions.add(kept)
Watch.objects.create(entry=Entry.objects.create(content_type=new, object_id=1))
Entry.objects.create(content_type=new, object_id=2)
"""


def test_content_types_that_both_exist_and_are_both_used(the: Shop, populated: Path) -> None:
    manage(populated, "migrate", "data_warehouse")
    manage(populated, "shell", "-c", USED)
    manage(populated, "migrate")
    assert rows(populated, LABELS) == NEW_LABELS
    assert rows(populated, DATA[8]) == the.rows[9]
    assert rows(populated, DATA[9]) == the.rows[10], "permissions"
    table = rows(populated, "SELECT id FROM django_content_type WHERE model = 'table'")[0][0]
    assert rows(populated, "SELECT content_type_id, object_id FROM audit_entry ORDER BY 2") == [
        (table, 1),
        (table, 2),
    ]
    assert rows(populated, "SELECT count(*), count(DISTINCT entry_id) FROM audit_watch") == [(2, 1)]
    grants = "SELECT codename FROM auth_permission p JOIN auth_group_permissions g ON g.permission_id = p.id"
    assert rows(populated, grants) == [("view_table",)]


BY_OTHERS = """
from django.db import migrations, models

KIND = models.ForeignKey("contenttypes.ContentType", models.CASCADE)


class Migration(migrations.Migration):
    dependencies = [("audit", "0001_initial")]
    operations = [
        migrations.CreateModel("Legacy", [("id", models.AutoField(primary_key=True)), ("kind", KIND)], options={"managed": False}),
        migrations.CreateModel("Gone", [("id", models.AutoField(primary_key=True)), ("kind", KIND)], options={"managed": False}),
        migrations.RunSQL("CREATE TABLE audit_legacy (id integer PRIMARY KEY, kind_id integer REFERENCES django_content_type)"),
        migrations.RunSQL(
            "INSERT INTO audit_legacy SELECT 1, id FROM django_content_type WHERE app_label = 'data_warehouse' AND model = 'table'"
        ),
    ]
"""


def test_tables_of_others_are_merged_where_they_are(populated: Path) -> None:
    """Unmanaged models: one whose table somebody else makes, and one that this database does not have."""
    manage(populated, "migrate", "data_warehouse")
    write(populated, {"audit/migrations/0002_by_others.py": BY_OTHERS})
    manage(populated, "migrate", "audit")
    manage(populated, "migrate")
    assert rows(populated, LABELS) == NEW_LABELS
    table = rows(populated, "SELECT id FROM django_content_type WHERE model = 'table'")
    assert rows(populated, "SELECT kind_id FROM audit_legacy") == table


def test_a_row_that_old_code_made_again_during_a_deploy(the: Shop, populated: Path) -> None:
    manage(populated, "migrate")
    add = "from django.contrib.contenttypes.models import ContentType as C\nC.objects.create(app_label='core', model='table')"
    manage(populated, "shell", "-c", add)
    assert len(rows(populated, LABELS)) == 5
    manage(populated, "migrate", "data_warehouse", "zero")
    assert rows(populated, LABELS) == OLD_LABELS
    manage(populated, "migrate")
    assert snapshot(populated) == the.rows


def test_without_content_types(tmp_path: Path) -> None:
    files = {path: text for path, text in SHOP.items() if not path.startswith("audit/")}
    files["shop/settings.py"] = (
        files["shop/settings.py"]
        .replace('    "django.contrib.contenttypes",\n    "django.contrib.auth",\n', "")
        .replace('    "audit",\n', "")
        .replace("SECRET_KEY", 'AUTH_USER_MODEL = "core.Team"\nSECRET_KEY')
    )
    files["core/models.py"] = files["core/models.py"].replace(
        "    name = models.CharField(max_length=10)\n",
        "    name = models.CharField(max_length=10, unique=True)\n"
        '    USERNAME_FIELD = "name"\n    REQUIRED_FIELDS = ()\n    is_anonymous = is_authenticated = True\n',
    )
    write(tmp_path, files)
    manage(tmp_path, "makemigrations", "core", "billing")
    write(tmp_path, PAST)
    before = django(tmp_path).ask("registry").registry
    plan = extraction(before)
    moved(tmp_path, plan, before)
    done = _generate(tmp_path, plan, before)
    assert "RunPython" not in done.files[LAST]
    write(tmp_path, done.files)
    manage(tmp_path, "migrate")
    manage(tmp_path, "makemigrations", "--check", "--dry-run")


def _generate(repo: Path, plan: Plan, before: Registry) -> Generated:
    answer = django(repo).ask("migrations", migrations=request(plan, before))
    return generated(answer, plan, before, lambda path: (repo / path).is_file())


ODD = """
from django.contrib.auth.models import User
from django.db import models


class UsedManager(models.Manager):
    use_in_migrations = True


class Parent(models.Model):
    friends = models.ManyToManyField("self", through="Friend")
    twins = models.ManyToManyField("Parent", related_name="twinned")
    objects = UsedManager()


class Child(Parent):
    note = models.TextField(null=True, db_column="remark")

    class Meta:
        order_with_respect_to = "twin_of"

    twin_of = models.ForeignKey("core.Parent", models.CASCADE, null=True, related_name="twin_children")


class Friend(models.Model):
    one = models.ForeignKey("Parent", models.CASCADE, related_name="+")
    other = models.ForeignKey("core.Parent", models.CASCADE, related_name="+", related_query_name="%(app_label)s_other")

    class Meta:
        unique_together = [("one", "other")]
        default_related_name = "%(app_label)s_friends"
        indexes = [models.Index(fields=["other"], name="%(app_label)s_%(class)s_i")]


class Alias(Parent):
    class Meta:
        proxy = True


class Boss(User):
    class Meta:
        proxy = True
        permissions = [("fire", "Can fire")]


class Legacy(models.Model):
    friend = models.ForeignKey(Friend, models.DO_NOTHING)

    class Meta:
        managed = False
"""


def test_unusual_models(tmp_path: Path) -> None:
    """Multi-table inheritance that moves as a whole, proxies, unmanaged, order, names with the label."""
    files = {
        **{path: text for path, text in SHOP.items() if not path.startswith("billing")},
        "core/warehouse/models.py": ODD,
        "core/models.py": "from django.db import models\n\nfrom core.warehouse.models import *  # noqa\n\n\n"
        "class Fan(models.Model):\n    of = models.ForeignKey('Child', models.CASCADE)\n",
    }
    files["shop/settings.py"] = SHOP["shop/settings.py"].replace('    "billing",\n', "").replace('    "past",\n', "")
    old = write(tmp_path / "old", files)
    manage(old, "makemigrations", "core", "audit")
    before = django(old).ask("registry", "check").registry
    plan = extraction(before)
    refuse(before, plan)
    new = moved(write(tmp_path / "new", contents(old)), plan, before)
    # as update_imports does: the manager is imported by the history
    replace(new / "core/migrations/0001_initial.py", "core.warehouse", "products.data_warehouse")
    write(new, _generate(new, plan, before).files)
    validate(before, django(new).ask("registry", "check").registry, plan)
    manage(old, "migrate")
    manage(
        old,
        "shell",
        "-c",
        "from core.models import *\nc = Child.objects.create()\nc.twins.add(c)\nFan.objects.create(of=c)",
    )
    was = [schema(old), *(rows(old, query) for query in ODD_DATA)]
    shutil.copy(old / "db.sqlite3", new)
    for target in ([], ["data_warehouse", "zero"], []):
        manage(new, "migrate", *target)
        assert [schema(new), *(rows(new, query) for query in ODD_DATA)] == was
    manage(new, "makemigrations", "--check", "--dry-run")
    (new / "db.sqlite3").unlink()
    manage(new, "migrate")
    assert schema(new) == was[0]


ODD_DATA = (
    "SELECT * FROM core_parent_twins",
    "SELECT * FROM core_child",
    "SELECT * FROM core_fan",
    "SELECT id, model FROM django_content_type ORDER BY id",
    "SELECT * FROM auth_permission ORDER BY id",
)


# --- what the monolith brings along


def test_max_migration_follows(the: Shop, tmp_path: Path) -> None:
    bare = {path: text for path, text in contents(the.new).items() if path not in the.files}
    bare["core/migrations/max_migration.txt"] = "0001_initial\n"
    files = the.generate(write(tmp_path, bare)).files
    assert {path: text for path, text in files.items() if path.endswith(".txt")} == {
        f"{HOME}/migrations/max_migration.txt": "0001_initial\n",
        "core/migrations/max_migration.txt": "0002_move_models_to_data_warehouse\n",
    }


def test_what_was_pending_before_is_left_out(tmp_path: Path) -> None:
    repo = shop(tmp_path)
    replace(repo / "core/warehouse/models.py", "max_length=10, unique", "max_length=20, unique")
    replace(repo / "billing/models.py", "class TagUse(", "class Fresh(models.Model):\n    pass\n\n\nclass TagUse(")
    before = django(repo).ask("registry").registry
    plan = extraction(before)
    done = _generate(moved(repo, plan, before), plan, before)
    assert done.left == (
        Pending("billing", "Create model Fresh"),
        Pending("data_warehouse", "Alter field name on tag"),
    )
    assert "max_length=20" not in "".join(done.files.values())
    assert "Fresh" not in "".join(done.files.values())


@pytest.mark.parametrize(
    ("edit", "said"),
    [
        pytest.param(
            lambda repo: replace(repo / f"{HOME}/models.py", 'db_table = "core_tag"', 'db_table = "tags"'),
            "data_warehouse: Rename table for tag to tags",
            id="a table that is not pinned",
        ),
        pytest.param(
            lambda repo: replace(repo / f"{HOME}/models.py", '"core_table_name"', '"%(app_label)s_table_name"'),
            "data_warehouse: Create constraint data_warehouse_table_name on model table",
            id="a constraint named by the label",
        ),
        pytest.param(
            lambda repo: replace(repo / f"{HOME}/apps.py", "BigAutoField", "AutoField"),
            "data_warehouse: Alter field id on table",
            id="another kind of key",
        ),
        pytest.param(
            lambda repo: write(repo, {"core/migrations/0002_x.py": _empty("core"), "core/migrations/0002_y.py": _empty("core")}),
            "core has several last migrations (0002_x, 0002_y): merge them first",
            id="two leaves",
        ),
        pytest.param(
            lambda repo: (repo / f"{HOME}/migrations/__init__.py").write_text("raise ModuleNotFoundError(name='migrations')"),
            "the app data_warehouse has no migrations package",
            id="no migrations package",
        ),
        pytest.param(
            lambda repo: replace(repo / "core/migrations/0001_initial.py", "name='Tag',", "name='Label',"),
            "no migration of core creates: tag",
            id="a model without a migration",
        ),
    ],
)  # fmt: skip
def test_refused(the: Shop, tmp_path: Path, edit: Callable[[Path], object], said: str) -> None:
    bare = {path: text for path, text in contents(the.new).items() if path not in the.files}
    repo = write(tmp_path, bare)
    edit(repo)
    if "tag" in said and "no migration" in said:
        for path in (repo / "core/migrations/0001_initial.py", repo / "billing/migrations/0001_initial.py"):
            replace(path, "'core.tag'", "'core.label'")
    with pytest.raises(PhaseError) as caught:
        the.generate(repo)
    assert said in str(caught.value)


def _empty(app: str) -> str:
    return (
        "from django.db import migrations\n\n\nclass Migration(migrations.Migration):\n"
        f"    dependencies = [('{app}', '0001_initial')]\n"
    )

"""Small Django projects, one per thing that can go wrong when models get new labels.

Each is the project's files, the move, rows for its tables, and what comes of it: a move after which no
database notices anything, or a refusal. The same cases can be given to whatever proves a move.
"""

from __future__ import annotations

import re
import shutil
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from migration import runner
from migration.phases import ORDER
from migration.session import Options, Session
from tests.django_projects import PYTHON, contents, manage, project, rows, schema, write
from tests.tools import commit, git

PHASES = tuple(phase for phase in ORDER if phase != "run_tests")


@dataclass(frozen=True)
class Case:
    """One project and its move.

    :param apps: its entries of INSTALLED_APPS, besides contenttypes and auth.
    :param files: its files; migrations that are not among them are made by ``makemigrations``.
    :param source: the package that moves to ``target``.
    :param label: the label that a person writes into the plan of an app move; empty for none.
    :param rows: a script for ``manage.py shell`` that fills the tables (old code).
    :param refused: a pattern of the error; empty where the move works.
    :param django: the oldest Django that has what the case needs.
    """

    apps: tuple[str, ...]
    files: Mapping[str, str]
    source: str
    target: str
    product: str
    label: str = ""
    rows: str = ""
    refused: str = ""
    settings: str = ""
    django: tuple[int, int] = (4, 2)
    made: tuple[str, ...] = field(default=())


@dataclass(frozen=True)
class Moved:
    """A case before and after its move.

    :param old: a copy of the code before, with a database that is migrated and filled.
    :param new: the code after the move, without a database.
    """

    case: Case
    old: Path
    new: Path
    session: Session

    def populated(self, directory: Path) -> Path:
        """The new code on a copy of the database of the old code."""
        repo = self.empty(directory)
        shutil.copy(self.old / "db.sqlite3", repo)
        return repo

    def empty(self, directory: Path) -> Path:
        """The new code without a database."""
        return write(directory, contents(self.new))


def before(case: Case, directory: Path) -> Path:
    """The project with its migrations, in a git repository of one commit."""
    files = project(case.apps, case.files)
    files["shop/settings.py"] += case.settings
    repo = write(directory, files)
    manage(repo, "makemigrations", *case.made)
    (repo / "db.sqlite3").unlink(missing_ok=True)
    git(repo, "init", "-q", "-b", "main", ".")
    commit(repo)
    return repo


def move(case: Case, directory: Path) -> Moved:
    """Run the move as a person would, phase by phase; raises what the phases raise."""
    new = before(case, directory / "new")
    old = write(directory / "old", contents(new))
    manage(old, "migrate")
    if case.rows:
        manage(old, "shell", "-c", case.rows)
    session = Session(
        Options(case.product, new, case.source, case.target, python=PYTHON, jobs=1), directory / "home"
    )
    session.state.mkdir(parents=True)
    runner.execute(session, "scan_moves")
    if case.label:
        text = session.plan_path.read_text()
        session.plan_path.write_text(re.sub(r"(?m)^(  label:) .*$", rf"\1 {case.label}", text))
    for phase in PHASES[1:]:
        runner.execute(Session(session.options, session.home), phase)
    return Moved(case, old, new, Session(session.options, session.home))


def run(session: Session, *phases: str) -> dict[str, dict[str, Any]]:
    """Run phases again, each as a process of its own would."""
    return {phase: runner.execute(Session(session.options, session.home), phase) for phase in phases}


TABLES = "SELECT name FROM sqlite_master WHERE type = 'table' AND name NOT LIKE 'sqlite_%' ORDER BY name"
LEFT_OUT = ("django_migrations", "django_content_type")


def data(repo: Path) -> dict[str, list[tuple[object, ...]]]:
    """Every row of every table; of content types the ids and models, of migrations nothing."""
    tables = [str(name) for (name,) in rows(repo, TABLES) if name not in LEFT_OUT]
    found = {name: rows(repo, f'SELECT * FROM "{name}" ORDER BY 1') for name in tables}
    return {**found, "content types": rows(repo, "SELECT id, model FROM django_content_type ORDER BY id")}


def check(moved: Moved, directory: Path) -> None:
    """Assert that no database notices: populated and empty, forth, back and forth, in separate runs."""
    was = [schema(moved.old), data(moved.old)]
    assert "No changes detected" in manage(moved.new, "makemigrations", "--check", "--dry-run")
    populated = moved.populated(directory / "populated")
    manage(populated, "migrate")
    assert [schema(populated), data(populated)] == was
    assert rows(populated, STALE) == rows(moved.old, STALE)
    label = _label(moved)
    assert not any(app == label for app, _ in _labels(moved.old))
    empty = moved.empty(directory / "empty")
    manage(empty, "migrate", label)
    manage(empty, "migrate")
    assert schema(empty) == was[0]


# A content type without its model, or a model with two.
STALE = "SELECT model, count(*) FROM django_content_type GROUP BY model HAVING count(*) > 1"


def _label(moved: Moved) -> str:
    return moved.session.plan().app.label


def _labels(repo: Path) -> list[tuple[object, ...]]:
    return rows(repo, "SELECT app_label, model FROM django_content_type ORDER BY 1, 2")


INITIAL = "from django.db import migrations, models\nimport django.db.models.deletion\n\n\n"

# --- an app that moves and gets another label

USERPROFILE_MODELS = """\
    from django.conf import settings
    from django.contrib.contenttypes.fields import GenericRelation
    from django.db import models


    class Tag(models.Model):
        name = models.CharField(max_length=10)


    class Profile(models.Model):
        user = models.OneToOneField(settings.AUTH_USER_MODEL, models.CASCADE, related_name="%(app_label)s_profile")
        tags = models.ManyToManyField("userprofile.Tag")
        friends = models.ManyToManyField("self")
        notes = GenericRelation("audit.Entry")

        class Meta:
            permissions = [("ban", "Can ban")]
            constraints = [models.UniqueConstraint(fields=["user"], name="%(app_label)s_one")]
            indexes = [models.Index(fields=["user"], name="%(app_label)s_user_i")]


    class Alias(Profile):
        class Meta:
            proxy = True


    class Special(Profile):
        rank = models.IntegerField(default=0)


    class View(models.Model):
        class Meta:
            managed = False
"""

AUDIT_MODELS = """\
    from django.contrib.contenttypes.fields import GenericForeignKey
    from django.db import models


    class Entry(models.Model):
        content_type = models.ForeignKey("contenttypes.ContentType", models.CASCADE)
        object_id = models.IntegerField()
        thing = GenericForeignKey()
        profile = models.ForeignKey("userprofile.Profile", models.CASCADE, null=True)


    class Mine(models.Model):
        tags = models.ManyToManyField("userprofile.Tag", through="Use")


    class Use(models.Model):
        mine = models.ForeignKey(Mine, models.CASCADE)
        tag = models.ForeignKey("userprofile.Tag", models.CASCADE)
"""

FILL_USERPROFILE = """
from django.contrib.auth.models import *
from django.contrib.contenttypes.models import ContentType
from userprofile.models import *
from audit.models import *
user = User.objects.create(username="u")
p = Special.objects.create(user=user, rank=3)
tag = Tag.objects.create(name="x")
p.tags.add(tag)
p.friends.add(p)
p.notes.create()
Use.objects.create(mine=Mine.objects.create(), tag=tag)
Entry.objects.create(content_type=ContentType.objects.get_for_model(Profile), object_id=p.pk, profile=p)
user.user_permissions.add(*Permission.objects.filter(content_type__app_label="userprofile"))
"""

USERPROFILE = Case(
    ("userprofile", "audit"),
    {
        "userprofile/__init__.py": "",
        "userprofile/migrations/__init__.py": "",
        "userprofile/models.py": USERPROFILE_MODELS,
        "audit/__init__.py": "",
        "audit/migrations/__init__.py": "",
        "audit/models.py": AUDIT_MODELS,
    },
    "userprofile",
    "apps.account",
    "account",
    "account",
    FILL_USERPROFILE,
)

# The history of an app: a model renamed twice over, one that is gone, data migrations, a squash whose
# originals are gone, another app that must come first.
PEOPLE = Case(
    ("people", "early"),
    {
        "people/__init__.py": "",
        "people/apps.py": """\
            from django.apps import AppConfig


            class PeopleConfig(AppConfig):
                name = "people"
                label = "folk"
                default_auto_field = "django.db.models.AutoField"
            """,
        "people/models.py": """\
            from django.db import models


            class Human(models.Model):
                name = models.CharField(max_length=10)
                likes = models.ManyToManyField("Thing")
                knows = models.ManyToManyField("self")


            class Thing(models.Model):
                owner = models.ForeignKey("folk.Human", models.CASCADE, null=True)

                class Meta:
                    db_table = "things"
                    order_with_respect_to = "owner"
            """,
        "people/migrations/__init__.py": "",
        "people/migrations/max_migration.txt": "0004_data\n",
        "people/migrations/0001_initial_squashed_0002_x.py": """\
            from django.db import migrations, models


            class Migration(migrations.Migration):
                replaces = [("folk", "0001_initial"), ("folk", "0002_x")]
                initial = True
                dependencies = []
                operations = [
                    migrations.CreateModel(
                        "Being",
                        [
                            ("id", models.AutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                            ("name", models.CharField(max_length=10)),
                        ],
                    ),
                    migrations.CreateModel(
                        name="Gone",
                        fields=[
                            ("id", models.AutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                            ("of", models.ForeignKey("folk.Being", models.CASCADE)),
                        ],
                        options={},
                    ),
                    migrations.CreateModel(
                        name="Thing",
                        fields=[
                            ("id", models.AutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                            ("owner", models.ForeignKey(null=True, on_delete=models.CASCADE, to="folk.being")),
                        ],
                        options={
                            # made for another table
                            "db_table": "stuff",
                        },
                    ),
                    migrations.AddField("Being", "likes", models.ManyToManyField(to="folk.Thing")),
                    migrations.AddField("Being", "knows", models.ManyToManyField(to="folk.being")),
                ]
            """,
        "people/migrations/0003_names.py": """\
            from django.db import migrations, models


            class Migration(migrations.Migration):
                \"\"\"Better names.\"\"\"

                dependencies = [("folk", "0002_x"), ("early", "__first__")]
                operations = [
                    migrations.RenameModel("Being", "Person"),
                    migrations.SeparateDatabaseAndState(
                        state_operations=[migrations.RenameModel(old_name="Person", new_name="Human")],
                        database_operations=[migrations.RenameModel(old_name="Person", new_name="Human")],
                    ),
                    migrations.AlterModelTable("Thing", table=None),
                    migrations.DeleteModel("Gone"),
                    migrations.AlterOrderWithRespectTo(name="thing", order_with_respect_to="owner"),
                ]
            """,
        "people/migrations/0004_data.py": """\
            from django.db import migrations


            def forwards(apps, schema_editor):
                Human = apps.get_model("folk", "Human")
                Human.objects.create(name=apps.get_model("folk.Thing")._meta.db_table)
                apps.get_model(app_label="folk", model_name="Human").objects.get()


            class Migration(migrations.Migration):
                dependencies = [("folk", "0003_names")]
                operations = [
                    migrations.AlterModelTable(name="Thing", table="things"),
                    migrations.RunPython(forwards, migrations.RunPython.noop),
                ]
            """,
        "early/__init__.py": "",
        "early/migrations/__init__.py": "",
        "early/models.py": "from django.db import models\n\n\nclass Bird(models.Model):\n    eats = models.ForeignKey('folk.Human', models.CASCADE)\n",
        "early/migrations/0001_initial.py": """\
            from django.db import migrations


            class Migration(migrations.Migration):
                run_before = [("folk", "0003_names")]
                operations = []
            """,
    },
    "people",
    "apps.humans",
    "humans",
    "humans",
    """
from people.models import *
from early.models import *
h = Human.objects.create(name="h")
t = Thing.objects.create(owner=h)
h.likes.add(t)
h.knows.add(h)
Bird.objects.create(eats=h)
""",
)

# The user model itself, named by a setting, and an app whose migrations lie elsewhere.
USERS = Case(
    ("users",),
    {
        "users/__init__.py": "",
        "users/models.py": """\
            from django.contrib.auth.models import AbstractUser
            from django.db import models


            class User(AbstractUser):
                boss = models.ForeignKey("self", models.SET_NULL, null=True)
            """,
        "history/__init__.py": "",
        "history/users/__init__.py": "",
    },
    "users",
    "apps.accounts",
    "accounts",
    "accounts",
    """
from django.contrib.auth import get_user_model
from django.contrib.auth.models import Group, Permission
u = get_user_model().objects.create(username="u")
u.boss = u
u.save()
u.user_permissions.add(*Permission.objects.filter(content_type__app_label="users"))
u.groups.add(Group.objects.create(name="g"))
""",
    settings='\nAUTH_USER_MODEL = "users.User"\nMIGRATION_MODULES = {"users": "history.users"}\n',
    made=("users",),
)

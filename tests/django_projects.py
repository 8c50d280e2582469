"""Small Django projects for the tests: written to a directory, run in subprocesses, on SQLite."""

from __future__ import annotations

import json
import os
import sqlite3
import subprocess
import sys
from collections.abc import Mapping, Sequence
from pathlib import Path
from textwrap import dedent

from migration.django.model_moves import ModelMoves
from migration.django.process import Django
from migration.django.registry import Registry
from migration.django.which_case import which_case
from migration.engine.rewrite_models import prepare
from migration.phases.prepare_models import needed_in
from migration.plan.plan import Plan
from migration.python.source_file import SourceFile

# The interpreter that runs the projects' Django: the suite also runs with older and newer versions.
PYTHON = os.environ.get("MONOLITH_PYTHON", sys.executable)

SETTINGS = """\
from pathlib import Path

SECRET_KEY = "x"
USE_TZ = True
DEFAULT_AUTO_FIELD = "django.db.models.BigAutoField"
ROOT_URLCONF = "shop.urls"
DATABASES = {{
    "default": {{
        "ENGINE": "django.db.backends.sqlite3",
        "NAME": Path(__file__).parent.parent / "db.sqlite3",
    }}
}}
INSTALLED_APPS = [
    "django.contrib.contenttypes",
    "django.contrib.auth",
{apps}]
"""

MANAGE = """\
import os
import sys

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "shop.settings")

from django.core.management import execute_from_command_line

execute_from_command_line(sys.argv)
"""


def project(apps: tuple[str, ...], files: Mapping[str, str]) -> dict[str, str]:
    """A project's files: manage.py, the settings package, and ``files`` (dedented)."""
    entries = "".join(f'    "{app}",\n' for app in apps)
    return {
        "manage.py": MANAGE,
        "shop/__init__.py": "",
        "shop/urls.py": "urlpatterns = []\n",
        "shop/settings.py": SETTINGS.format(apps=entries),
        **{path: dedent(text) for path, text in files.items()},
    }


def write(repo: Path, files: Mapping[str, str]) -> Path:
    """Write the files (paths relative to ``repo``) and give ``repo`` back."""
    for path, text in files.items():
        file = repo / path
        file.parent.mkdir(parents=True, exist_ok=True)
        file.write_bytes(text.encode())
    return repo


def django(repo: Path, python: str = PYTHON, settings: str = "shop.settings") -> Django:
    """The project's Django, run by this interpreter."""
    return Django(python, repo, settings)


def _env() -> dict[str, str]:
    """Without a search path: Django writes migrations in the style of a ``black`` that it finds there."""
    return {**os.environ, "PYTHONDONTWRITEBYTECODE": "1", "PATH": ""}


def manage(repo: Path, *arguments: str, code: int = 0) -> str:
    """Run ``manage.py`` and give back what it printed; it must end with ``code``."""
    done = subprocess.run(
        [PYTHON, "manage.py", *arguments],
        cwd=repo,
        env=_env(),
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == code, done.stdout + done.stderr
    return done.stdout + done.stderr


EACH = """\
import importlib
import json
import os
import sys

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "shop.settings")
sys.path.insert(0, "")

from django.core.management import execute_from_command_line

for arguments in json.loads(sys.argv[1]):
    execute_from_command_line(["manage.py", *arguments])
    importlib.invalidate_caches()
"""


def manage_each(repo: Path, *commands: Sequence[str]) -> str:
    """Commands of ``manage.py`` one after the other in one process, which starts Django once; what they printed."""
    done = subprocess.run(
        [PYTHON, "-c", EACH, json.dumps(commands)],
        cwd=repo,
        env=_env(),
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == 0, done.stdout + done.stderr
    return done.stdout + done.stderr


def schema(repo: Path) -> list[tuple[str, str, str]]:
    """Every table and index of the database with the statement that made it."""
    with sqlite3.connect(repo / "db.sqlite3") as connection:
        rows = connection.execute(
            "SELECT type, name, coalesce(sql, '') FROM sqlite_master WHERE name NOT LIKE 'sqlite_%' ORDER BY type, name"
        )
        return list(rows)


def rows(repo: Path, query: str) -> list[tuple[object, ...]]:
    """The answer of one query."""
    with sqlite3.connect(repo / "db.sqlite3") as connection:
        return list(connection.execute(query))


def contents(repo: Path) -> dict[str, str]:
    """The text files of a project."""
    suffixes = (".py", ".txt", ".html", ".css")
    return {p.relative_to(repo).as_posix(): p.read_text() for p in repo.rglob("*") if p.suffix in suffixes}


# The monolith of the extraction: `core` owns models under `core.warehouse`; `billing` points at them.
SHOP = project(
    ("core", "billing", "audit", "past"),
    {
        "core/__init__.py": "",
        "core/migrations/__init__.py": "",
        "core/base.py": '''\
            from django.conf import settings
            from django.db import models


            class Owned(models.Model):
                """Stays; its bare "Team" is read in the app of whatever inherits from it."""

                team = models.ForeignKey("Team", models.CASCADE, related_name="%(app_label)s_%(class)ss")
                created_by = models.ForeignKey(settings.AUTH_USER_MODEL, models.SET_NULL, null=True)

                class Meta:
                    abstract = True
                    verbose_name_plural = "owned things"
            ''',
        "core/models.py": """\
            from django.db import models

            from core.base import Owned
            from core.warehouse.models import Credential, Table, Tag  # noqa: F401


            class Team(models.Model):
                name = models.CharField(max_length=10)


            class Note(Owned):
                table = models.ForeignKey("Table", models.CASCADE)
                tags = models.ManyToManyField("core.Tag", blank=True)
            """,
        "core/warehouse/__init__.py": "",
        "core/warehouse/models.py": """\
            from django.db import models

            from core.base import Owned


            class Credential(models.Model):
                team = models.OneToOneField("core.Team", models.CASCADE)
                default_for = models.ForeignKey("Table", models.SET_NULL, null=True, related_name="+")


            class Alias(Owned):
                # has the Meta of its base
                of = models.ManyToManyField("self")


            class Tag(models.Model):
                name = models.CharField(max_length=10, unique=True)

                class Meta:
                    ordering = ["name"]


            class Table(Owned):
                name = models.CharField(max_length=10)
                credential = models.ForeignKey(Credential, models.CASCADE, null=True)
                parent = models.ForeignKey("self", models.CASCADE, null=True)
                tags = models.ManyToManyField(Tag)

                class Meta:
                    permissions = [("query_table", "Can query")]
                    indexes = [models.Index(fields=["name"])]
                    constraints = [
                        models.UniqueConstraint(fields=["team", "name"], name="%(app_label)s_table_name"),
                    ]

                def __str__(self):
                    return self.name
            """,
        "billing/__init__.py": "",
        "billing/migrations/__init__.py": "",
        "billing/models.py": """\
            from django.db import models


            class Invoice(models.Model):
                table = models.ForeignKey("core.Table", models.CASCADE, related_name="invoices")
                tags = models.ManyToManyField("core.Tag", through="TagUse")


            class TagUse(models.Model):
                invoice = models.ForeignKey(Invoice, models.CASCADE)
                tag = models.ForeignKey(to="core.Tag", on_delete=models.CASCADE)
            """,
        "audit/__init__.py": "",
        "audit/migrations/__init__.py": "",
        "audit/models.py": """\
            from django.db import models


            class Entry(models.Model):
                content_type = models.ForeignKey("contenttypes.ContentType", models.CASCADE)
                object_id = models.IntegerField()

                class Meta:
                    unique_together = [("content_type", "object_id")]


            class Watch(models.Model):
                entry = models.ForeignKey(Entry, models.CASCADE)
            """,
        "past/__init__.py": "",
        "past/migrations/__init__.py": "",
        "past/models.py": """\
            from django.db import models


            class Old(models.Model):
                pass
            """,
    },
)

# What only the history of an app says: it once had a relation to a model that moves.
PAST = {
    "past/migrations/0001_initial.py": dedent(
        """\
        from django.db import migrations, models


        class Migration(migrations.Migration):
            dependencies = [("core", "0001_initial")]
            operations = [
                migrations.CreateModel(
                    name="Old",
                    fields=[
                        ("id", models.BigAutoField(
                            auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                        )),
                        ("table", models.ForeignKey(to="core.table", on_delete=models.CASCADE)),
                    ],
                ),
            ]
        """
    ),
    "past/migrations/0002_remove.py": dedent(
        """\
        from django.db import migrations


        def look(apps, schema_editor):
            apps.get_model("core", "Table").objects.count()


        class Migration(migrations.Migration):
            dependencies = [("past", "0001_initial")]
            operations = [
                migrations.RunPython(look, migrations.RunPython.noop),
                migrations.RemoveField("old", "table"),
            ]
        """
    ),
}


def shop(repo: Path, files: Mapping[str, str] = SHOP) -> Path:
    """The monolith with its migrations, without a database."""
    write(repo, files)
    manage(repo, "makemigrations", "core", "billing", "audit")
    write(repo, PAST)
    (repo / "db.sqlite3").unlink(missing_ok=True)
    return repo


HOME = "products/data_warehouse"


def extraction(before: Registry) -> Plan:
    """The plan that moves ``core.warehouse`` to ``products.data_warehouse``."""
    names = ("__init__.py", "models.py")
    return Plan(
        "data_warehouse",
        "core.warehouse",
        "products.data_warehouse",
        {f"core/warehouse/{name}": f"{HOME}/{name}" for name in names},
        {"core.warehouse": "products.data_warehouse"},
        app=which_case(before, "data_warehouse", "core.warehouse", "products.data_warehouse"),
    )


def moved(repo: Path, plan: Plan, before: Registry) -> Path:
    """Do by hand what comes before generate_migrations; prepare_models is the real one."""
    write(
        repo,
        {
            "products/__init__.py": "",
            f"{HOME}/migrations/__init__.py": "",
            f"{HOME}/apps.py": "from django.apps import AppConfig\n\n\nclass DataWarehouseConfig(AppConfig):\n"
            "    name = 'products.data_warehouse'\n    label = 'data_warehouse'\n"
            "    default_auto_field = 'django.db.models.BigAutoField'\n",
        },
    )
    for old, new in plan.file_moves.items():
        (repo / old).rename(repo / new)
    replace(repo / "core/models.py", "core.warehouse.models", "products.data_warehouse.models")
    replace(repo / "shop/settings.py", "INSTALLED_APPS = [", f'INSTALLED_APPS = [\n    "{plan.app.config}",')
    modules = {"core.base", "core.models", "core.warehouse.models", "billing.models", "audit.models"}
    for module in needed_in(before, plan, modules):
        path = module.replace(".", "/") + ".py"
        file = repo / plan.new_path(path)
        done = prepare(SourceFile(path, file.read_bytes(), module), ModelMoves(plan, before))
        assert not done.problems
        if done.raw is not None:
            file.write_bytes(done.raw)
    return repo


def replace(file: Path, old: str, new: str) -> None:
    """Replace text in a file; it must be there."""
    text = file.read_text()
    assert old in text
    file.write_text(text.replace(old, new))

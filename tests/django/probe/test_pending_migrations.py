"""What the project's own makemigrations would write, asked without writing, asking or touching a database."""

from __future__ import annotations

from pathlib import Path

import pytest

from migration.django.registry import Registry
from tests.django_projects import SHOP, django, manage, shop, write

# It leaves an attribute out, as many projects' commands do, and writes a file of its own behind Django's part.
OWN = '''\
from pathlib import Path

from django.core.management.commands.makemigrations import Command as Parent
from django.db import models


class Command(Parent):
    def handle(self, *labels, **options):
        whole = models.Field.deconstruct

        def deconstruct(field):
            name, path, positional, named = whole(field)
            named.pop("help_text", None)
            return name, path, positional, named

        models.Field.deconstruct = deconstruct
        super().handle(*labels, **options)
        Path("latest.manifest").write_text("written")
'''
HOME = "core/management/commands/makemigrations.py"
PACKAGES = {"core/management/__init__.py": "", "core/management/commands/__init__.py": ""}
HELPED = 'name = models.CharField(max_length=10, help_text="shown")'


def asked(repo: Path) -> list[tuple[str, str]]:
    before = sorted(repo.rglob("*"))
    registry: Registry = django(repo).ask("registry").registry
    assert sorted(repo.rglob("*")) == before, "the probe left something behind"
    return [(item.app, item.operation) for item in registry.pending]


def changed(directory: Path, files: dict[str, str], old: str, new: str) -> Path:
    """A project with ``files`` whose history is complete, and then a change to the team."""
    repo = shop(directory, {**SHOP, **files})
    manage(repo, "makemigrations", "past")
    (repo / "latest.manifest").unlink(missing_ok=True)
    models = repo / "core/models.py"
    assert old in models.read_text()
    models.write_text(models.read_text().replace(old, new))
    return repo


def test_nothing_where_all_is_written(tmp_path: Path) -> None:
    assert asked(changed(tmp_path, {}, "class Team", "class Team")) == []


def test_a_change_is_found_by_djangos_own_command(tmp_path: Path) -> None:
    repo = changed(tmp_path, {}, "name = models.CharField(max_length=10)", HELPED)
    assert asked(repo) == [("core", "Alter field name on team")]


def test_what_the_projects_own_command_leaves_out_is_not_pending(tmp_path: Path) -> None:
    own = {**PACKAGES, HOME: OWN}
    repo = changed(tmp_path, own, "name = models.CharField(max_length=10)", HELPED)
    assert "No changes detected" in manage(repo, "makemigrations", "--check", "--dry-run")
    (repo / "latest.manifest").unlink()
    assert asked(repo) == []
    models = repo / "core/models.py"
    models.write_text(models.read_text().replace("max_length=10, help", "max_length=11, help"))
    assert asked(repo) == [("core", "Alter field name on team")]


@pytest.mark.parametrize(
    "handle",
    ["raise CommandError('give it a name: -n')", "print('something else altogether')", "raise SystemExit(2)"],
    ids=["refuses", "is another command", "ends the process"],
)
def test_a_command_that_can_not_be_asked_is_left_to_the_autodetector(tmp_path: Path, handle: str) -> None:
    repo = changed(tmp_path, PACKAGES, "name = models.CharField(max_length=10)", HELPED)
    write(repo, {HOME: "from django.core.management import CommandError\n"
                 "from django.core.management.commands.makemigrations import Command as Parent\n\n\n"
                 f"class Command(Parent):\n    def handle(self, *labels, **options):\n        {handle}\n"})
    assert asked(repo) == [("core", "Alter field name on team")]


def test_a_column_without_a_default_is_pending_and_nobody_is_asked(tmp_path: Path) -> None:
    plain = "name = models.CharField(max_length=10)"
    repo = changed(tmp_path, {}, plain, f"{plain}\n    size = models.IntegerField()")
    assert asked(repo) == [("core", "Add field size to team")]


# Since Django 5.2 the command has the class as an attribute; installed apps replaced the name in its module before.
DETECTOR = '''\
from django.apps import AppConfig


class CoreConfig(AppConfig):
    name = "core"

    def ready(self):
        from django.core.management.commands import makemigrations
        from django.db.migrations import RunSQL

        class Detector(makemigrations.MigrationAutodetector):
            def generate_created_models(self):
                super().generate_created_models()
                if ("core", "team") in self.old_model_keys and "team" in self.to_state.models[("core", "team")].name.lower():
                    self.add_operation("core", RunSQL("SELECT 1"))

        makemigrations.MigrationAutodetector = Detector
        if hasattr(makemigrations.Command, "autodetector"):
            makemigrations.Command.autodetector = Detector
'''


def test_the_autodetector_of_an_installed_app_is_the_one_that_counts(tmp_path: Path) -> None:
    repo = changed(tmp_path, {}, "class Team", "class Team")
    write(repo, {"core/apps.py": DETECTOR})
    assert asked(repo) == [("core", "Raw SQL operation")]

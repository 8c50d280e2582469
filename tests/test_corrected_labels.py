"""A label that the tool leaves for a person: Django says why it does not start, and corrected, the same command goes on."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import pytest

from migration.cli import run_phase
from migration.cli.options import Options
from migration.cli.session import Session
from migration.core.errors import DjangoError
from tests.django_projects import PYTHON, manage
from tests.django_projects import replace as replace_text
from tests.model_cases import PHASES, Case, before
from tests.model_rows import MODELS, THING, extraction
from tests.tools import commit

WATCHED = """\
from django.apps import AppConfig, apps


class CoreConfig(AppConfig):
    name = "core"
    watched = ["core.Thing"]

    def ready(self):
        for label in self.watched:
            apps.get_model(label)
"""
PICKED = (
    "from core.fields import PickField\n\nclass Thing(models.Model):\n    peer = PickField(of='core.Thing', default=0)\n"
)
FIELDS = MODELS + '''\
class PickField(models.IntegerField):
    def __init__(self, *args, of="", **kwargs):
        self.of = of
        super().__init__(*args, **kwargs)

    def deconstruct(self):
        name, path, args, kwargs = super().deconstruct()
        return name, path, args, {**kwargs, "of": self.of}
'''
# As `watched`, in a file that moves.
MOVES = {"core/apps.py": WATCHED.replace("watched = [", "from core.warehouse.watched import WATCHED as watched  # "),
         "core/warehouse/watched.py": 'WATCHED = ["core.Thing"]\n'}
CASES = {
    "in a file that stays": (extraction(THING, files={"core/apps.py": WATCHED}), "core/apps.py"),
    "in a file that moves": (extraction(THING, files=MOVES), "products/depot/watched.py"),
}


def phases(case: Case, directory: Path) -> Iterator[str]:
    """Run the phases one after the other, each in a session of its own; yields the names of those that are done."""
    options = Options(case.product, directory / "new", case.source, case.target, python=PYTHON, jobs=1, verify=False)
    for phase in PHASES:
        session = Session(options, directory / "home")
        session.state.mkdir(parents=True, exist_ok=True)
        run_phase.execute(session, phase)
        yield phase


@pytest.mark.parametrize("name", CASES)
def test_the_noted_label_is_named_and_once_corrected_the_run_goes_on(name: str, tmp_path: Path) -> None:
    case, path = CASES[name]
    repo, _ = before(replace(case, rows=""), tmp_path / "new")
    with pytest.raises(DjangoError) as caught:
        list(phases(case, tmp_path))
    assert "LookupError: App 'core' doesn't have a 'Thing' model" in caught.value.message
    assert any(line.startswith(f"left for you: {path}:") for line in caught.value.details), caught.value.details
    assert "correct the lines that were left for you" in caught.value.remedy
    replace_text(repo / path, "core.Thing", "depot.Thing")
    assert list(phases(case, tmp_path)) == list(PHASES)
    assert "No changes detected" in manage(repo, "makemigrations", "--check", "--dry-run")
    commit(repo)
    assert list(phases(case, tmp_path)) == list(PHASES)
    assert "depot.Thing" in (repo / path).read_text()


def test_a_label_in_the_arguments_of_a_field_is_taken_from_the_code(tmp_path: Path) -> None:
    case = extraction(PICKED, "class Team(models.Model):\n    thing = PickField(of='core.Thing', default=0)\n",
                      files={"core/fields.py": FIELDS})
    files = {**case.files, "core/models.py": case.files["core/models.py"].replace(MODELS, MODELS + "from core.fields import PickField\n")}
    case = replace(case, files=files)
    repo, _ = before(replace(case, rows=""), tmp_path / "new")
    list(phases(case, tmp_path))
    check = ("makemigrations", "--check", "--dry-run")
    assert "No changes detected" in manage(repo, *check)
    for path in ("products/depot/models.py", "core/models.py"):
        replace_text(repo / path, "'core.Thing'", "'depot.Thing'")
    assert "Alter field peer on thing" in manage(repo, *check, code=1)
    list(phases(case, tmp_path))
    assert "No changes detected" in manage(repo, *check)
    assert "of='depot.Thing'" in (repo / "products/depot/migrations/0001_initial.py").read_text()

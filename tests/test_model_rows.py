"""Every row: moved by the phases, and no database notices; or refused by name before anything changes."""

from __future__ import annotations

import subprocess
from dataclasses import replace
from functools import cache
from pathlib import Path

import pytest

from migration.errors import PhaseError
from tests import databases, model_cases
from tests.django_projects import PYTHON, manage, rows, schema
from tests.model_cases import STALE, Case, check, data, move
from tests.model_rows import NAMED, NAMED_WHOLE, REFUSED, ROWS
from tests.tools import git


@cache
def django_version() -> tuple[int, ...]:
    """The Django that runs the projects."""
    said = subprocess.run([PYTHON, "-m", "django", "--version"], capture_output=True, text=True, check=True).stdout
    return tuple(map(int, said.split(".")[:2]))


@pytest.mark.parametrize("name", ROWS)
def test_no_database_notices(name: str, tmp_path: Path) -> None:
    case = ROWS[name]
    if django_version() < case.django:
        pytest.skip(f"needs Django {'.'.join(map(str, case.django))}")
    moved = move(case, tmp_path / "move")
    if moved.session.plan().app.relabels:
        check(moved, tmp_path)
        return
    populated = moved.populated(tmp_path / "populated")
    assert "No migrations to apply" in manage(populated, "migrate")
    assert [schema(populated), data(populated)] == [schema(moved.old), data(moved.old)]
    assert rows(populated, "SELECT app, name FROM django_migrations") == rows(
        moved.old, "SELECT app, name FROM django_migrations"
    )
    assert "No changes detected" in manage(populated, "makemigrations", "--check", "--dry-run")
    says = "from products.stock.backend.signals import READY\nassert READY == ['stock'], READY\nprint('ready')"
    assert "ready" in manage(populated, "shell", "-c", says)


# The phases above try each row on SQLite; on PostgreSQL these are tried by default, the others with `-m engines`.
SOME = ("names with the label", "an app that changes its label", "a long history under a new label")
# RenameModel makes foreign keys anew where the table changes with it; under a new label the table is renamed by itself.
OTHERWISE = {"a long history under a new label": {"equal but for names of foreign keys (1)"}}
OTHER_NAMES = {
    "a long history under a new label": [("stuff_owner_id_40278e6e_fk_folk_being_id", "stuff_owner_id_40278e6e_fk_folk_human_id")]
}


@pytest.mark.parametrize(
    "name", [pytest.param(name, marks=() if name in SOME else pytest.mark.engines) for name in ROWS]
)
def test_no_postgresql_database_notices(name: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    case = ROWS[name]
    if django_version() < case.django:
        pytest.skip(f"needs Django {'.'.join(map(str, case.django))}")
    moved = move(replace(case, settings=case.settings + databases.BY_ENVIRONMENT), tmp_path / "move")
    for variable, value in databases.environment("postgresql").items():
        monkeypatch.setenv(variable, value)
    done = model_cases.run(moved.session, "verify_migrations")["verify_migrations"]
    if not moved.session.plan().app.models:
        assert done["skipped"].startswith("nothing to do: no models move")
        return
    outcomes = {row["outcome"] for row in done["table"] if not row["check"].startswith("empty")}
    assert outcomes == {"equal"}
    assert {row["outcome"] for row in done["table"]} - outcomes == OTHERWISE.get(name, set())
    for other, usual in OTHER_NAMES.get(name, ()):
        (said,) = {line.partition(": Django calls ")[2] for line in done["findings"]} - {""}
        assert said.startswith(f"a foreign key {other} that the old code's history calls {usual};")
    assert {row["database"] for row in done["table"]} == {"default (postgresql)", ""}
    assert databases.names() == set()


@pytest.mark.parametrize("name", REFUSED)
def test_refused_before_anything_changes(name: str, tmp_path: Path) -> None:
    case = REFUSED[name]
    with pytest.raises(PhaseError, match=case.refused):
        move(case, tmp_path / "move")
    assert git(tmp_path / "move" / "new", "status", "--porcelain", "--untracked-files=no") == ""


@pytest.mark.parametrize(("case", "lookups"), [(NAMED, "core.lookups"), (NAMED_WHOLE, "apps.place.lookups")], ids=["extraction", "label"])
def test_what_names_a_model_finds_what_it_found(case: Case, lookups: str, tmp_path: Path) -> None:
    moved = move(case, tmp_path / "move")
    said = manage(moved.old, "shell", "-c", "from core.lookups import ask\nprint('ask', ask())")
    answer = said[said.index("ask") :]
    assert "[False, True]" in answer and answer.count("True") == 5
    populated = moved.populated(tmp_path / "populated")
    manage(populated, "migrate")
    assert answer in manage(populated, "shell", "-c", f"from {lookups} import ask\nprint('ask', ask())")
    fixtures = [path.relative_to(moved.new).as_posix() for path in moved.new.rglob("fixtures/*")]
    assert "Installed 4 object(s) from 3 fixture(s)" in manage(populated, "loaddata", *(str(moved.new / path) for path in fixtures))
    assert rows(populated, "SELECT DISTINCT model FROM core_thing t JOIN django_content_type c ON c.id = t.kind_id") == [("thing",)]
    assert rows(populated, STALE) == []

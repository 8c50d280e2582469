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

from migration.cli import run_phase
from migration.cli.options import Options
from migration.cli.session import Session
from migration.core.phase import ORDER
from tests.django_projects import PYTHON, contents, manage, manage_each, project, rows, schema, write
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


def before(case: Case, directory: Path) -> tuple[Path, Path]:
    """The project with its migrations, in a git repository of one commit; and a database of it, with rows."""
    files = project(case.apps, case.files)
    files["shop/settings.py"] += case.settings
    repo = write(directory, files)
    fill = [("shell", "-c", case.rows)] if case.rows else []
    manage_each(repo, ("makemigrations", *case.made), ("migrate",), *fill)
    database = (repo / "db.sqlite3").rename(directory.with_suffix(".sqlite3"))
    git(repo, "init", "-q", "-b", "main", ".")
    commit(repo)
    return repo, database


def move(case: Case, directory: Path) -> Moved:
    """Run the move as a person would, phase by phase; raises what the phases raise."""
    new, database = before(case, directory / "new")
    old = write(directory / "old", contents(new))
    database.rename(old / "db.sqlite3")
    session = Session(
        Options(case.product, new, case.source, case.target, python=PYTHON, jobs=1), directory / "home"
    )
    session.state.mkdir(parents=True)
    run_phase.execute(session, "scan_moves")
    if case.label:
        text = session.plan_path.read_text()
        session.plan_path.write_text(re.sub(r"(?m)^(  label:) .*$", rf"\1 {case.label}", text))
    for phase in PHASES[1:]:
        run_phase.execute(Session(session.options, session.home), phase)
    return Moved(case, old, new, Session(session.options, session.home))


def run(session: Session, *phases: str) -> dict[str, dict[str, Any]]:
    """Run phases again, each as a process of its own would."""
    return {phase: run_phase.execute(Session(session.options, session.home), phase) for phase in phases}


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
    if not moved.case.label:
        manage(populated, "migrate", label, "zero")
        assert [schema(populated), data(populated)] == was
        manage(populated, "migrate")
        assert [schema(populated), data(populated)] == was
    assert not any(app == label for app, _ in _labels(moved.old))
    empty = moved.empty(directory / "empty")
    manage_each(empty, ("migrate", label), ("migrate",))
    assert schema(empty) == was[0]


# A content type without its model, or a model with two.
STALE = "SELECT model, count(*) FROM django_content_type GROUP BY model HAVING count(*) > 1"


def _label(moved: Moved) -> str:
    return moved.session.plan().app.label


def _labels(repo: Path) -> list[tuple[object, ...]]:
    return rows(repo, "SELECT app_label, model FROM django_content_type ORDER BY 1, 2")

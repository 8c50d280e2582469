"""Migrations of people on top of those of the move: every run keeps them, and what they stand on is there."""

from __future__ import annotations

import sys
from pathlib import Path

import pytest

from migration.cli import run_phase
from migration.cli.session import Session
from migration.core.errors import PhaseError
from migration.core.phase import ORDER
from migration.engine import dependent_migrations
from migration.engine.dependent_migrations import ever_made, without_number
from tests.faults.test_merges import BOX, MIGRATION
from tests.phases.test_scan_moves import session_for
from tests.test_dodo import SITE
from tests.tools import Content, commit, git, make_repo, put, snapshot, texts

MINE = """\
from django.db import migrations


class Migration(migrations.Migration):
    dependencies = [("auth", "0001_initial"), ('{app}', '{name}')]  # 0002_move_models_to_stock
    operations = [migrations.RunSQL("select 1", "select 1")]
"""
OURS = "0002_move_models_to_stock"
NEW = "products/stock/backend/migrations"


def session(repo: Path) -> Session:
    return session_for(repo, "core.stock")


def run(repo: Path) -> None:
    for phase in ORDER:
        run_phase.execute(session(repo), phase)


def moved(tmp_path: Path, files: dict[str, Content]) -> Path:
    """The finished move with what people have put on top of it, on a branch."""
    settings = SITE["site_/settings.py"].replace('"core"', '"core", "django.contrib.auth"')
    repo = make_repo(tmp_path / "repo", {**dict[str, Content](SITE), "site_/settings.py": settings})
    git(repo, "checkout", "-q", "-b", "move")
    run(repo)
    assert f"core/migrations/{OURS}.py" in texts(repo)
    put(repo, files)
    commit(repo)
    return repo


def master_adds_a_migration(repo: Path) -> None:
    """Ours gets the number behind it."""
    git(repo, "checkout", "-q", "main")
    put(repo, {"core/stock/models.py": SITE["core/stock/models.py"] + BOX, "core/migrations/0002_box.py": MIGRATION})
    commit(repo)
    git(repo, "checkout", "-q", "move")
    git(repo, "merge", "-q", "--no-edit", "-X", "ours", "main")


def check_graph(repo: Path) -> None:
    """Django's own word for it: every migration is found, each app has one last one."""
    import subprocess

    code = (
        "import django; django.setup()\n"
        "from django.db.migrations.loader import MigrationLoader\n"
        "loader = MigrationLoader(None)\nloader.check_consistent_history\n"
        "assert not loader.detect_conflicts(), loader.detect_conflicts()\n"
        "loader.project_state()"
    )
    done = subprocess.run(
        [sys.executable, "-c", code], cwd=repo, capture_output=True, text=True, check=False,
        env={"DJANGO_SETTINGS_MODULE": "site_.settings", "PYTHONDONTWRITEBYTECODE": "1", "PATH": ""},
    )
    assert done.returncode == 0, done.stderr


# ---- names


def test_what_was_ever_made() -> None:
    paths = ("a/migrations/0002_b.py", "a/migrations/__init__.py", "a/apps.py", "a/migrations/max_migration.txt", "b/migrations/0001_initial.py")
    assert ever_made(paths) == ("a/migrations/0002_b.py", "b/migrations/0001_initial.py")


@pytest.mark.parametrize(("name", "rest"), [("0002_move", "move"), ("move", "move"), ("0002_0003_x", "0003_x")])
def test_without_number(name: str, rest: str) -> None:
    assert without_number(name) == rest


# ---- runs


def test_a_second_run_changes_nothing(tmp_path: Path) -> None:
    repo = moved(tmp_path, {
        "core/migrations/0003_mine.py": MINE.format(app="core", name=OURS), f"{NEW}/0002_mine.py": MINE.format(app="stock", name="0001_initial"),
    })
    before = snapshot(repo)
    run(repo)
    assert snapshot(repo) == before
    check_graph(repo)


def test_what_stands_on_another_number_follows(tmp_path: Path) -> None:
    core, new = MINE.format(app="core", name=OURS), MINE.format(app="stock", name="0001_initial")
    second = MINE.format(app="core", name="0003_mine")
    repo = moved(tmp_path, {"core/migrations/0003_mine.py": core, "core/migrations/0004_more.py": second, f"{NEW}/0002_mine.py": new})
    master_adds_a_migration(repo)
    run(repo)
    after = texts(repo)
    assert f"core/migrations/{OURS}.py" not in after and "core/migrations/0003_move_models_to_stock.py" in after
    # The comment names it too, and stays: only what Django reads follows.
    assert after["core/migrations/0003_mine.py"] == core.replace(f"'{OURS}'", "'0003_move_models_to_stock'")
    assert after["core/migrations/0004_more.py"] == second and after[f"{NEW}/0002_mine.py"] == new
    check_graph(repo)
    before = snapshot(repo)
    run(repo)
    assert snapshot(repo) == before
    commit(repo)
    run(repo)
    check_graph(repo)
    assert texts(repo) == after


def test_what_stands_on_a_migration_that_is_no_longer_made(tmp_path: Path) -> None:
    repo = moved(tmp_path, {"billing.txt": "x\n"})
    put(repo, {"core/migrations/0003_mine.py": MINE.format(app="core", name=OURS)})
    commit(repo)
    path = session(repo).workspace.path
    path.write_text(path.read_text().replace(f"core/migrations/{OURS}.py", "core/migrations/0002_called_otherwise.py"))
    put(repo, {"core/migrations/0003_mine.py": MINE.format(app="core", name="0002_called_otherwise")})
    (repo / f"core/migrations/{OURS}.py").rename(repo / "core/migrations/0002_called_otherwise.py")
    commit(repo)
    with pytest.raises(PhaseError, match="no longer makes") as caught:
        run(repo)
    assert caught.value.details == ("core/migrations/0003_mine.py:5: core.0002_called_otherwise",)


def test_an_edit_that_loses_something_is_refused(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """The tuple would name two migrations more; Django would only say so when it loads them."""
    mine = MINE.format(app="core", name=OURS)
    repo = moved(tmp_path, {"core/migrations/0003_mine.py": mine})
    master_adds_a_migration(repo)
    right = dependent_migrations.replacing
    monkeypatch.setattr(dependent_migrations, "replacing", lambda *written: f"{right(*written)}, 'x'")
    before = texts(repo)["core/migrations/0003_mine.py"]
    with pytest.raises(PhaseError, match=r"core/migrations/0003_mine.py:5: the syntax tree would change; the file was not written"):
        run(repo)
    assert texts(repo)["core/migrations/0003_mine.py"] == before == mine

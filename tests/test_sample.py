"""The main job on the bundled sample: every phase, the sample's own tests, and a database that doesn't notice."""

from __future__ import annotations

import os
import re
import sqlite3
import subprocess
import sys
from collections import Counter
from pathlib import Path

import pytest
import yaml

from migration.core.phase import ORDER
from tests import databases
from tests.test_dodo import CHECKOUT, Home, git, tree

SAMPLE = CHECKOUT / "migration/sample"


@pytest.fixture(scope="module")
def moved(tmp_path_factory: pytest.TempPathFactory) -> tuple[Home, Path, str]:
    """A home in which the sample was moved: (home, the sample's copy, what was printed)."""
    home = Home(tmp_path_factory.mktemp("sample") / "home")
    out, err = home.doit("product=data_warehouse")
    assert all(re.fullmatch(r"  \w+: .* after \d+ s", line) for line in err.splitlines()), err
    return home, home.path / "build/sample", out


def manage(repo: Path, *args: str, database: Path) -> str:
    done = subprocess.run(
        [sys.executable, "manage.py", *args],
        cwd=repo,
        env={**os.environ, "DATABASE_NAME": str(database), "PYTHONDONTWRITEBYTECODE": "1"},
        capture_output=True,
        text=True,
    )
    assert done.returncode == 0, done.stdout + done.stderr
    return done.stdout


def dump(database: Path) -> tuple[list[str], dict[str, list[tuple]]]:
    """Schema and rows of a SQLite database, without what records the migrations themselves."""
    connection = sqlite3.connect(database)
    schema = [sql for (sql,) in connection.execute("select sql from sqlite_master where sql is not null order by sql")]
    names = [name for (name,) in connection.execute("select name from sqlite_master where type = 'table' order by 1")]
    rows = {
        name: sorted(connection.execute(f'select * from "{name}"'), key=repr)
        for name in names
        if name not in ("django_migrations", "sqlite_sequence")
    }
    return schema, rows


def test_the_sample_has_the_original_s_figures() -> None:
    source = SAMPLE / "posthog/warehouse"
    python = sorted(source.rglob("*.py"))
    assert len(python) == 63
    assert len({path.parent for path in python}) == 9
    assert not (source / "external_data_source/__init__.py").exists()


def test_every_phase_completes_and_says_what_happened(moved: tuple[Home, Path, str]) -> None:
    home, repo, out = moved
    lines = {line.split()[0]: line for line in out.splitlines()[1:] if " note: " not in line}
    lines = dict(list(lines.items())[: len(ORDER)])
    assert list(lines) == list(ORDER)
    assert "63 Python files, 9 packages" in lines["scan_moves"] and "15 models" in lines["scan_moves"]
    assert "70 files moved" in lines["move_files"]
    assert all(line.rstrip().endswith("s)") for line in lines.values())
    assert "a copy of the bundled sample" in out
    assert "9 of 9 phases completed" in out
    content = home.tracker("data_warehouse")
    assert content["status"] == "completed" and content["current_phase"] is None
    assert set(home.statuses("data_warehouse")) == {"completed"}


def test_the_sample_s_own_tests_ran_after_the_move(moved: tuple[Home, Path, str]) -> None:
    home, repo, out = moved
    assert "run_tests            164 tests passed" in out


def test_git_shows_pure_renames(moved: tuple[Home, Path, str]) -> None:
    home, repo, out = moved
    staged = git(repo, "diff", "--cached", "-M100%", "--name-status").splitlines()
    assert Counter(line.split("\t")[0] for line in staged)["R100"] >= 69  # git may pair two empty files otherwise
    assert not (repo / "posthog/warehouse").exists()
    script = repo / "products/data_warehouse/backend/data_load/refresh_sources.sh"
    assert script.stat().st_mode & 0o111


def test_a_second_run_does_nothing(moved: tuple[Home, Path, str]) -> None:
    home, repo, _ = moved
    before = tree(repo), git(repo, "ls-files", "-s")
    plan = (home.path / "moves/data_warehouse/moves.yml").read_bytes()
    out, _ = home.doit("product=data_warehouse")
    assert out.count("up to date") == len(ORDER)
    assert (tree(repo), git(repo, "ls-files", "-s")) == before
    assert (home.path / "moves/data_warehouse/moves.yml").read_bytes() == plan


def test_the_plan_is_the_one_that_is_tracked(moved: tuple[Home, Path, str]) -> None:
    home, _, _ = moved
    ours = (home.path / "moves/data_warehouse/moves.yml").read_text()
    assert (CHECKOUT / "moves/data_warehouse/moves.yml").read_text() == ours
    content = yaml.safe_load(ours)
    assert content["app"]["kind"] == "extraction"
    assert content["app"]["models"]["DataWarehouseViewLink"]["table"] == "warehouse_view_links"
    assert content["symbol_remap"]["posthog.warehouse.models"]["DataWarehouseTable"] == "posthog.warehouse.models.table"


def test_a_database_of_the_old_code_does_not_notice(moved: tuple[Home, Path, str], tmp_path: Path) -> None:
    _, repo, _ = moved
    old = tmp_path / "old"
    git(repo, "worktree", "add", "-q", "--detach", str(old), "HEAD")
    try:
        database, fresh, fresh_old = tmp_path / "live.db", tmp_path / "fresh.db", tmp_path / "fresh_old.db"
        manage(old, "migrate", "-v0", database=database)
        manage(old, "seed", database=database)
        manage(old, "migrate", "-v0", database=fresh_old)
        before = dump(database)
        manage(repo, "migrate", "-v0", database=database)
        after = dump(database)
        assert after[0] == before[0]  # the same schema
        labels = ("django_content_type",)
        assert {n: r for n, r in after[1].items() if n not in labels} == {
            n: r for n, r in before[1].items() if n not in labels
        }
        types_before = {row[0]: row[1:] for row in before[1]["django_content_type"]}
        types_after = {row[0]: row[1:] for row in after[1]["django_content_type"]}
        assert set(types_before) == set(types_after)
        changed = {types_after[key] for key in types_after if types_after[key] != types_before[key]}
        assert len(changed) == 15 and {label for label, _ in changed} == {"data_warehouse"}
        # a fresh database of the new code has the old schema too
        manage(repo, "migrate", "-v0", database=fresh)
        assert dump(fresh)[0] == dump(fresh_old)[0]
        assert manage(repo, "makemigrations", "--check", "--dry-run", database=fresh) == "No changes detected\n"
    finally:
        git(repo, "worktree", "remove", "--force", str(old))


def test_the_migrations_were_tried(moved: tuple[Home, Path, str]) -> None:
    table = tried(moved[0])
    assert len(table) == 11 and {row["outcome"] for row in table} == {"equal"}
    assert {row["database"] for row in table} == {"default (sqlite)", ""}


def test_the_migrations_are_tried_on_postgresql_too(moved: tuple[Home, Path, str]) -> None:
    home, repo, _ = moved
    before = tree(repo)
    settings = {"ENGINE": "django.db.backends.postgresql", "NAME": "mine", "HOST": databases.host(), "USER": "postgres"}
    home.doit("forget", "verify_migrations", "product=data_warehouse")
    asked = {f"DATABASE_{name}": value for name, value in settings.items()}
    home.doit("product=data_warehouse", "verify_migrations", env=asked)
    table = tried(home)
    assert len(table) == 11 and {row["outcome"] for row in table} == {"equal"}
    assert {row["database"] for row in table} == {"default (postgresql)", ""}
    assert databases.names() == set() and tree(repo) == before


def tried(home: Home) -> list[dict[str, object]]:
    """The table of verify_migrations in the tracker; nothing was left unfilled."""
    entry = next(one for one in home.tracker("data_warehouse")["phases"] if one["id"] == "verify_migrations")
    assert entry["findings"] == []
    return entry["table"]


def test_reset_and_again(moved: tuple[Home, Path, str]) -> None:
    home, repo, _ = moved
    after = tree(repo), git(repo, "ls-files", "-s")
    home.doit("product=data_warehouse", "reset")
    assert git(repo, "status", "--porcelain") == ""
    assert (repo / "posthog/warehouse/models/table.py").exists() and not (repo / "products/data_warehouse").exists()
    home.doit("product=data_warehouse", "verify=no")
    assert (tree(repo), git(repo, "ls-files", "-s")) == after


def test_forget_move_files(moved: tuple[Home, Path, str]) -> None:
    home, repo, _ = moved
    after = tree(repo), git(repo, "ls-files", "-s")
    home.doit("forget", "move_files", "product=data_warehouse")
    out, _ = home.doit("product=data_warehouse", "verify=no")
    assert out.count("up to date") == 2
    assert (tree(repo), git(repo, "ls-files", "-s")) == after

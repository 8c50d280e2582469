from __future__ import annotations

import shutil
import subprocess
import sys
from pathlib import Path

import pytest
import yaml

from migration.cli import hook
from tests.cli.commands.test_follow import LATE, ON_TIME, moved
from tests.phases.test_scan_moves import session_for
from tests.tools import ENVIRONMENT, commit, git, put, snapshot

__all__ = ["moved"]
TOOL = Path(__file__).parents[2]


@pytest.fixture
def planned(moved: Path) -> Path:
    """The moved monolith, with the plan beside its own files."""
    (moved / "moves.yml").write_bytes(session_for(moved).plan_path.read_bytes())
    commit(moved)
    return moved


def run(repo: Path, *plans: str) -> tuple[int, str, str]:
    """The hook as pre-commit starts it: in the repository, with nothing else."""
    done = subprocess.run(
        [sys.executable, "-m", "migration.cli.hook", *plans],
        cwd=repo, env=ENVIRONMENT, capture_output=True, text=True, check=False,
    )  # fmt: skip
    return done.returncode, done.stdout, done.stderr


def test_nothing_stale(planned: Path) -> None:
    before = snapshot(planned)
    assert run(planned, "moves.yml") == (0, "nothing that can follow names shop.stock any more\n", "")
    assert snapshot(planned) == before


def test_something_stale(planned: Path) -> None:
    put(planned, LATE)
    git(planned, "add", "-A")
    before = snapshot(planned)
    code, out, err = run(planned, "moves.yml")
    assert code == 1 and out.splitlines()[0] == "  late.py:1: shop.stock.items -> products.stock.backend.items (import)"
    assert "1 place(s) name shop.stock" in err and "doit product=stock follow" in err
    assert snapshot(planned) == before


def test_a_plan_that_is_not_there(planned: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> None:
    monkeypatch.chdir(planned)
    assert hook.main(["nowhere.yml", "moves.yml"]) == 1
    assert "there is no nowhere.yml" in capsys.readouterr().err


def test_the_hook_that_the_document_names_starts_this_module() -> None:
    (named,) = yaml.safe_load((TOOL / ".pre-commit-hooks.yaml").read_text())
    page = (TOOL / "migration/docs/command-line.md").read_text()
    config = yaml.safe_load(page.split("# .pre-commit-config.yaml\n")[1].split("```")[0])
    (used,) = config["repos"][0]["hooks"]
    assert used["id"] == named["id"] and set(config["repos"][0]) == {"repo", "rev", "hooks"}
    assert named["entry"] == f"python -m {hook.__name__}" and named["pass_filenames"] is False


@pytest.mark.real
def test_pre_commit_runs_it_from_a_clone_of_the_tool_by_commit(planned: Path, tmp_path: Path) -> None:
    tool = tmp_path / "tool"
    shutil.copytree(TOOL, tool, symlinks=True, ignore=shutil.ignore_patterns(".git", ".venv", "build", "tests", "*.egg-info"))
    git(tool, "init", "-q", "-b", "main", ".")
    commit(tool)
    config = (
        f"repos:\n- repo: {tool}\n  rev: {git(tool, 'rev-parse', 'HEAD').strip()}\n"
        "  hooks:\n  - id: phased-migration-follow\n    args: [moves.yml]\n"
    )
    put(planned, {".pre-commit-config.yaml": config})
    commit(planned)
    subprocess.run([sys.executable, "-m", "venv", str(tmp_path / "venv")], check=True)
    subprocess.run([str(tmp_path / "venv/bin/pip"), "install", "-q", "pre-commit"], check=True)
    environment = {**ENVIRONMENT, "PRE_COMMIT_HOME": str(tmp_path / "cache")}
    start = [str(tmp_path / "venv/bin/pre-commit"), "run", "--all-files"]
    done = subprocess.run(start, cwd=planned, env=environment, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stdout + done.stderr
    put(planned, LATE)
    git(planned, "add", "-A")
    done = subprocess.run(start, cwd=planned, env=environment, capture_output=True, text=True, check=False)
    assert done.returncode == 1 and "late.py:1: shop.stock.items -> products.stock.backend.items" in done.stdout
    put(planned, {"late.py": ON_TIME})
    done = subprocess.run(start, cwd=planned, env=environment, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stdout + done.stderr

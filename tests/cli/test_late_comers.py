from __future__ import annotations

import shutil
from pathlib import Path

import pytest

from migration.cli import late_comers, run_phase
from migration.cli.commands import residue
from migration.core.errors import GitError, PhaseError
from migration.core.phase import ORDER
from tests.cli.commands.test_follow import LATE, ON_TIME, moved
from tests.phases.test_scan_moves import STOCK, session_for
from tests.tools import commit, git, make_repo, put, snapshot

__all__ = ["moved"]


@pytest.fixture
def fork(moved: Path) -> Path:
    """A fork that starts with the moved tree: no history tells of the move."""
    shutil.rmtree(moved / ".git")
    git(moved, "init", "-q", "-b", "main", ".")
    commit(moved)
    return moved


def test_a_monolith_before_the_move_and_one_with_a_record_are_not_late(tmp_path: Path, moved: Path) -> None:
    assert not late_comers.is_late(session_for(moved))
    assert not late_comers.is_late(session_for(make_repo(tmp_path / "before", STOCK)))


def test_nothing_is_touched_where_nothing_is_late(fork: Path) -> None:
    before = snapshot(fork)
    for phase in ORDER:
        run_phase.execute(session_for(fork), phase)
    assert snapshot(fork) == before


def test_update_imports_does_what_residue_says_it_would(fork: Path) -> None:
    put(fork, LATE)
    commit(fork)
    with pytest.raises(PhaseError, match="find nothing") as caught:
        residue.run(session_for(fork))
    assert "update_imports" in caught.value.remedy
    said = {phase: run_phase.execute(session_for(fork), phase) for phase in ORDER}
    assert (fork / "late.py").read_text() == ON_TIME
    assert said["update_imports"]["summary"] == "1 file rewritten, 1 reference that came late"
    assert said["update_imports"]["files_modified"] == ["late.py"]
    assert said["move_files"]["summary"].startswith("nothing to do: the move is in this checkout already")
    residue.run(session_for(fork))
    after = snapshot(fork)
    for phase in ORDER:
        run_phase.execute(session_for(fork), phase)
    assert snapshot(fork) == after


def test_what_a_person_works_on_is_not_touched(fork: Path) -> None:
    put(fork, {"use.py": "from shop.stock import Item\n"})
    before = snapshot(fork)
    with pytest.raises(GitError, match="uncommitted changes"):
        run_phase.execute(session_for(fork), "update_imports")
    assert snapshot(fork) == before

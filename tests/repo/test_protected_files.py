"""Nothing is changed where work of people, or a file that is not ours, is in the way."""

from __future__ import annotations

from pathlib import Path

import pytest

from migration.core.changes import ChangeSet, Write
from migration.core.errors import MigrationError
from migration.repo.ledger import Ledger
from tests.applied import FILES, MOVE, STRUCTURE
from tests.tools import Content, Link, commit, git, make_repo, put, renames, snapshot, workspace


@pytest.fixture
def repo(tmp_path: Path) -> Path:
    return make_repo(tmp_path / "repo", FILES)


def refused(repo: Path, phase: str, changes: ChangeSet, *words: str) -> None:
    """The phase stops, naming all ``words``, before anything is changed."""
    before = snapshot(repo)
    with pytest.raises(MigrationError) as error:
        workspace(repo).apply(phase, changes)
    assert all(word in str(error.value) for word in words), str(error.value)
    assert snapshot(repo) == before
    assert workspace(repo).ledger == Ledger()


def test_dirty_files_are_refused_and_all_listed(repo: Path) -> None:
    put(repo, {"old/a.py": "mine\n", "use.py": "mine\n"})
    git(repo, "add", "use.py")
    (repo / "old/b.py").unlink()
    refused(repo, "move_files", ChangeSet(MOVE.renames, (), (Write("use.py", b"x"),)), "old/a.py", "old/b.py", "use.py")


def test_untracked_source_is_refused(repo: Path) -> None:
    put(repo, {"old/c.py": ""})
    refused(repo, "move_files", renames("old/c.py > new/c.py"), "old/c.py")


@pytest.mark.parametrize("content", ["other\n", "", FILES["old/b.py"]])
@pytest.mark.parametrize("tracked", [True, False])
def test_what_is_at_a_target_is_never_overwritten(repo: Path, content: Content, tracked: bool) -> None:
    put(repo, {"new/b.py": content})
    if tracked:
        commit(repo)
    refused(repo, "move_files", MOVE, "old/b.py", "new/b.py")


def test_ignored_file_at_a_created_place(repo: Path) -> None:
    put(repo, {".git/info/exclude": "apps.py\n", "new/apps.py": "mine\n"})
    refused(repo, "prepare_structure", STRUCTURE, "new/apps.py")


def test_directory_at_a_target(repo: Path) -> None:
    put(repo, {"new/b.py/x": ""})
    refused(repo, "move_files", MOVE, "old/b.py", "new/b.py is a directory")


def test_target_that_was_deleted_by_hand(repo: Path) -> None:
    put(repo, {"new/b.py": "x"})
    commit(repo)
    (repo / "new/b.py").unlink()
    refused(repo, "move_files", MOVE, "new/b.py")


@pytest.mark.parametrize("kind", ["link", "file", "repository"])
def test_target_that_leads_elsewhere(repo: Path, tmp_path: Path, kind: str) -> None:
    if kind == "link":
        (tmp_path / "outside").mkdir()
        put(repo, {"new": Link("../outside")})
    elif kind == "file":
        put(repo, {"new": "x"})
    else:
        make_repo(repo / "new", {"x": ""})
    refused(repo, "move_files", MOVE, "new")


def test_link_in_place_of_a_target_is_not_followed(repo: Path, tmp_path: Path) -> None:
    put(tmp_path, {"outside": "x"})
    put(repo, {"new/b.py": Link("../../outside")})
    refused(repo, "move_files", MOVE, "new/b.py")

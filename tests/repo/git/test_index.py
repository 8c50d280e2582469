"""The index is written whole or not at all, and a lock is left to nobody."""

from __future__ import annotations

import os
from pathlib import Path

import pytest

from migration.core.errors import GitError
from migration.repo.git import index
from migration.repo.git.entries import IndexEntry
from migration.repo.git.git import Git
from tests.tools import git, make_repo

EMPTY = IndexEntry("100644", "e69de29bb2d1d6434b8b29ae775ad8c2e48c5391")


@pytest.fixture
def repo(tmp_path: Path) -> Path:
    return make_repo(tmp_path / "repo", {"a.py": "", "b.py": "1\n"})


def own(repo: Path) -> list[str]:
    """What is in the git directory and not git's."""
    return sorted(path.name for path in (repo / ".git").rglob("*") if path.name.endswith(".lock") or "index-" in path.name)


# ---- what stays untouched


def test_nothing_to_do(repo: Path) -> None:
    before = (repo / ".git/index").stat().st_mtime_ns
    index.update(Git.open(repo), {})
    assert (repo / ".git/index").stat().st_mtime_ns == before
    assert not (repo / ".git/phased-migration").exists()


def test_a_lock_of_another_command_stays(repo: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(index, "_PATIENCE", 0.1)
    (repo / ".git/index.lock").write_text("half an index")
    before = (repo / ".git/index").read_bytes()
    with pytest.raises(GitError, match=r"index\.lock is there: another git command is at work") as error:
        index.update(Git.open(repo), {"a.py": None})
    assert "if none is running, remove the file" in error.value.remedy
    index.recover(Git.open(repo))
    assert (repo / ".git/index.lock").read_text() == "half an index"
    assert (repo / ".git/index").read_bytes() == before
    assert own(repo) == ["index.lock"]


def test_git_refuses(repo: Path) -> None:
    before = (repo / ".git/index").read_bytes()
    with pytest.raises(GitError, match="update-index failed"):
        index.update(Git.open(repo), {"a.py": None, "x.py": IndexEntry("100644", "no id")})
    assert (repo / ".git/index").read_bytes() == before
    assert own(repo) == []


# ---- what changes


def test_entries_are_set_and_removed(repo: Path) -> None:
    index.update(Git.open(repo), {"a.py": None, "b.py": EMPTY, "c/d.py": EMPTY})
    assert [line.split("\t")[1] for line in git(repo, "ls-files", "-s").splitlines()] == ["b.py", "c/d.py"]
    assert own(repo) == []


def test_the_first_index_of_a_repository(tmp_path: Path) -> None:
    git(tmp_path, "init", "-q", ".")
    found = Git.open(tmp_path)
    found.store({EMPTY.oid: b""})
    index.update(found, {"a.py": EMPTY})
    assert git(tmp_path, "ls-files") == "a.py\n"


def test_in_a_linked_work_tree(repo: Path) -> None:
    git(repo, "worktree", "add", "-q", "../linked")
    index.update(Git.open(repo.parent / "linked"), {"a.py": None})
    assert git(repo.parent / "linked", "ls-files") == "b.py\n"
    assert git(repo, "ls-files") == "a.py\nb.py\n"


@pytest.mark.parametrize("setting", ["core.splitIndex", "core.untrackedCache", "index.threads"])
def test_other_forms_of_the_index(repo: Path, setting: str) -> None:
    git(repo, "config", setting, "true")
    git(repo, "update-index", "--refresh")
    index.update(Git.open(repo), {"a.py": None, "c.py": EMPTY})
    assert git(repo, "ls-files") == "b.py\nc.py\n"
    assert git(repo, "fsck") == ""
    assert git(repo, "status", "--porcelain", "--no-renames") == "D  a.py\nAD c.py\n?? a.py\n"


def test_what_is_unchanged_needs_no_second_look(repo: Path) -> None:
    """The new index knows the files by their times, as git's own commands leave it."""
    os.utime(repo / "b.py", (1, 1))
    index.update(Git.open(repo), {"a.py": None})
    assert git(repo, "diff-files") == ""


# ---- after a death


def test_our_own_lock_is_told_from_others(repo: Path) -> None:
    (repo / ".git/phased-migration").mkdir()
    (repo / ".git/phased-migration/index-lock").touch()
    os.link(repo / ".git/phased-migration/index-lock", repo / ".git/index.lock")
    for name in ("index-copy", "index-copy.lock"):
        (repo / ".git/phased-migration" / name).write_text("half")
    index.update(Git.open(repo), {"a.py": None})
    assert git(repo, "ls-files") == "b.py\n"
    assert own(repo) == []


def test_a_lock_that_came_after_ours_stays(repo: Path) -> None:
    (repo / ".git/phased-migration").mkdir()
    (repo / ".git/phased-migration/index-lock").touch()
    (repo / ".git/index.lock").touch()
    index.recover(Git.open(repo))
    assert own(repo) == ["index.lock"]

"""What master did, told from git's history."""

from __future__ import annotations

from pathlib import Path

import pytest

from migration.repo.git.git import Git
from migration.repo.master_changes import last_before, news
from tests.tools import commit, git, make_repo, put

RENAMES = {"old/a.py": "new/a.py", "old/b.py": "new/b.py"}
CREATED = ["new/__init__.py"]
TEXT = "".join(f"line {n}\n" for n in range(20))


@pytest.fixture
def repo(tmp_path: Path) -> Path:
    """The move, committed on a branch; master has nothing new."""
    repo = make_repo(tmp_path / "repo", {"old/a.py": TEXT, "old/b.py": "b\n", "use.py": "u\n"})
    git(repo, "checkout", "-q", "-b", "move")
    put(repo, {"new/__init__.py": ""})
    for old, new in RENAMES.items():
        git(repo, "mv", old, new)
    commit(repo)
    return repo


def oid(repo: Path, name: str) -> str:
    return git(repo, "rev-parse", name).strip()


def on_master(repo: Path, files: dict[str, str], *gone: str) -> None:
    git(repo, "checkout", "-q", "main")
    put(repo, files)
    for path in gone:
        (repo / path).unlink()
    commit(repo)
    git(repo, "checkout", "-q", "move")


def test_where_all_places_are_taken_the_contents_tell(tmp_path: Path) -> None:
    one, two, more = "one = 1\n", "two = 2\n", "two = 2\nmore = 3\n"
    repo = make_repo(tmp_path / "ring", {"a.py": one, "b.py": two, "x": ""})
    base, renames = (oid(repo, "HEAD"),), {"a.py": "b.py", "b.py": "a.py"}
    the = Git.open(repo)
    known = {"a.py": [the.oid_of(one.encode())], "b.py": [the.oid_of(two.encode())]}
    assert last_before(the, base, renames, [], known) == base
    put(repo, {"x": "master"})
    commit(repo)
    master = oid(repo, "HEAD")
    assert last_before(the, base, renames, [], known) == (master,)
    put(repo, {"a.py": two, "b.py": one})
    commit(repo)
    put(repo, {"a.py": more, "b.py": more})  # says nothing: it is what the commit before it is
    commit(repo)
    assert last_before(the, base, renames, [], known) == (master,)


def test_a_chain_is_known_by_its_ends(tmp_path: Path) -> None:
    repo = make_repo(tmp_path / "chain", {"a.py": "a = 1\n", "b.py": "b = 1\n"})
    base, renames = (oid(repo, "HEAD"),), {"a.py": "b.py", "b.py": "c.py"}
    (repo / "b.py").rename(repo / "c.py")
    (repo / "a.py").rename(repo / "b.py")
    commit(repo)
    assert last_before(Git.open(repo), base, renames, []) == base


def test_nothing_has_changed(repo: Path) -> None:
    base = (oid(repo, "main"),)
    found = news(Git.open(repo), base, RENAMES, CREATED)
    assert (found.base, found.changes) == (base, {})
    put(repo, {"mine.py": ""})
    commit(repo)
    assert news(Git.open(repo), base, RENAMES, CREATED).changes == {}
    on_master(repo, {"use.py": "v\n"})  # not merged: no news
    assert news(Git.open(repo), base, RENAMES, CREATED).base == base


def test_no_commit_at_all(tmp_path: Path) -> None:
    (tmp_path / "repo").mkdir()
    git(tmp_path / "repo", "init", "-q", ".")
    assert news(Git.open(tmp_path / "repo"), (), RENAMES, CREATED).base == ()


@pytest.mark.parametrize("how", [("merge", "-q", "--no-edit", "-s", "ours", "main"), ("-c", "merge.directoryRenames=false", "rebase", "-q", "main"), ("merge", "--no-commit", "-s", "ours", "main")])
def test_what_arrived(repo: Path, how: tuple[str, ...]) -> None:
    base = (oid(repo, "main"),)
    on_master(repo, {"use.py": "v\n", "old/late.py": "late\n"})
    git(repo, *how)
    found = news(Git.open(repo), base, RENAMES, CREATED)
    assert found.base == (oid(repo, "main"),)
    assert list(found.changes) == ["old/late.py", "use.py"]
    before, now = found.changes["old/late.py"]
    assert before is None and now is not None and "old/late.py" in found.files


def test_renamed_and_deleted_on_master(repo: Path) -> None:
    base = (oid(repo, "main"),)
    on_master(repo, {"old/c.py": TEXT}, "old/a.py", "old/b.py")
    git(repo, "merge", "-q", "-s", "ours", "--no-edit", "main")
    found = news(Git.open(repo), base, RENAMES, CREATED)
    assert found.renamed == {"old/a.py": "old/c.py"}
    assert found.changes["old/b.py"][1] is None


def test_the_branch_had_commits_before_the_move(tmp_path: Path) -> None:
    repo = make_repo(tmp_path / "repo", {"old/a.py": TEXT, "old/b.py": "b\n", "use.py": "u\n"})
    git(repo, "checkout", "-q", "-b", "move")
    put(repo, {"prepared.py": ""})
    commit(repo)
    base = (oid(repo, "HEAD"),)
    put(repo, {"new/__init__.py": ""})  # the first phase, committed on its own
    commit(repo)
    assert last_before(Git.open(repo), base, RENAMES, CREATED) == base
    for old, new in RENAMES.items():
        git(repo, "mv", old, new)
    commit(repo)
    on_master(repo, {"old/c.py": TEXT}, "old/a.py")
    git(repo, "merge", "-q", "-s", "ours", "--no-edit", "main")
    found = news(Git.open(repo), base, RENAMES, CREATED)
    assert set(found.base) == {*base, oid(repo, "main")}
    assert found.renamed == {"old/a.py": "old/c.py"} and set(found.changes) == {"old/a.py", "old/c.py"}


def test_a_base_that_is_gone(repo: Path) -> None:
    found = news(Git.open(repo), ("0" * 40,), RENAMES, CREATED)
    assert found.base == (oid(repo, "main"),) and found.changes == {}

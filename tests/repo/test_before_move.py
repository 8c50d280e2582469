"""Which commits a move was made from, in histories of every form."""

from __future__ import annotations

from pathlib import Path

import pytest

from migration.repo.before_move import Stage, has_moved, learnt_renames, stages
from migration.repo.git.git import Git
from tests.tools import commit, git, make_repo, put

TEXT = "".join(f"line {n}\n" for n in range(20))
FILES = {f"old/{name}.py": f"# {name}\n{TEXT}" for name in "abc"}
RENAMES = {f"old/{name}.py": f"new/{name}.py" for name in "abc"}


@pytest.fixture
def repo(tmp_path: Path) -> Path:
    """The move, committed on the branch ``move``."""
    made = make_repo(tmp_path / "repo", {**FILES, "use.py": "import old.a\n"})
    git(made, "switch", "-q", "-c", "move")
    move(made)
    return made


def move(repo: Path) -> None:
    (repo / "new").mkdir(exist_ok=True)
    for old, new in RENAMES.items():
        git(repo, "mv", old, new)
    put(repo, {"use.py": "import new.a\n", "new/__init__.py": ""})
    commit(repo)


def on_main(repo: Path, text: str) -> str:
    git(repo, "switch", "-q", "main")
    put(repo, {"more.py": text})
    commit(repo)
    made = oid(repo, "main")
    git(repo, "switch", "-q", "move")
    return made


def oid(repo: Path, name: str = "HEAD") -> str:
    return git(repo, "rev-parse", name).strip()


def found(repo: Path) -> list[tuple[str, ...]]:
    return [stage.base for stage in stages(Git.open(repo), RENAMES)]


def learnt(repo: Path) -> dict[str, str]:
    the = Git.open(repo)
    return learnt_renames(the, ["old", "old.py"], the.listing())


# ---- where nothing has moved


def test_where_nothing_has_moved(repo: Path) -> None:
    git(repo, "switch", "-q", "main")
    assert learnt(repo) == {}
    assert not has_moved(RENAMES, Git.open(repo).listing())
    assert has_moved({}, ["new/a.py"]) is False


def test_what_was_taken_back_has_not_moved(repo: Path) -> None:
    git(repo, "revert", "--no-edit", "HEAD")
    assert not has_moved(learnt(repo), Git.open(repo).listing())


def test_a_repo_without_a_commit(tmp_path: Path) -> None:
    (tmp_path / "empty").mkdir()
    git(tmp_path / "empty", "init", "-q", "-b", "main", ".")
    assert stages(Git.open(tmp_path / "empty"), RENAMES) == []


def test_files_that_went_elsewhere_or_within_the_old_place_are_left_out(repo: Path) -> None:
    git(repo, "switch", "-q", "main")
    git(repo, "mv", "old/a.py", "old/z.py")
    git(repo, "mv", "old/b.py", "b.py")
    commit(repo)
    git(repo, "rm", "-q", "b.py")
    commit(repo)
    assert learnt(repo) == {}


# ---- where it has


def test_the_commit_before_the_move(repo: Path) -> None:
    assert learnt(repo) == RENAMES and has_moved(RENAMES, Git.open(repo).listing())
    assert found(repo) == [(oid(repo, "main"),)]
    put(repo, {"new/a.py": "edited\n"})
    commit(repo)
    assert found(repo) == [(oid(repo, "main"),)]


def test_what_is_not_committed_yet(repo: Path) -> None:
    git(repo, "reset", "-q", "--soft", "main")
    assert learnt(repo) == RENAMES
    assert found(repo) == [(oid(repo, "main"),)]


def test_what_was_merged_since_comes_first(repo: Path) -> None:
    start = oid(repo, "main")
    merged, tips = [], [oid(repo)]
    for text in "12":
        merged.append(on_main(repo, text))
        git(repo, "merge", "-q", "--no-edit", "main")
        put(repo, {"new/a.py": text})
        commit(repo)
        tips.append(oid(repo))
    assert stages(Git.open(repo), RENAMES) == [
        Stage((merged[1],), ""), Stage((merged[0],), tips[1]), Stage((start,), tips[0])
    ]  # fmt: skip


def test_a_merge_that_is_not_committed_yet(repo: Path) -> None:
    """Nothing has run after it: the commit before it tells."""
    tip = oid(repo)
    on_main(repo, "1")
    git(repo, "merge", "-q", "--no-commit", "main")
    assert stages(Git.open(repo), RENAMES) == [Stage((oid(repo, "main~1"),), tip)]


def test_commits_made_anew(repo: Path) -> None:
    """Rebased, squashed, picked: what they stand on now."""
    put(repo, {"new/a.py": "edited\n"})
    commit(repo)
    master = on_main(repo, "1")
    git(repo, "rebase", "-q", "main")
    assert found(repo) == [(master,)]
    git(repo, "reset", "-q", "--soft", "main")
    commit(repo)
    assert found(repo) == [(master,)] and learnt(repo).keys() >= {"old/b.py", "old/c.py"}
    squashed = oid(repo)
    git(repo, "switch", "-q", "-c", "release", "main~1")
    git(repo, "cherry-pick", squashed)
    assert found(repo) == [(oid(repo, "main~1"),)]


def test_merged_taken_back_and_brought_again(repo: Path) -> None:
    git(repo, "switch", "-q", "main")
    put(repo, {"more.py": ""})
    commit(repo)
    before = oid(repo)
    git(repo, "merge", "-q", "--no-ff", "--no-edit", "move")
    assert found(repo)[0] == (before,)
    git(repo, "revert", "--no-edit", "-m", "1", "HEAD")
    taken_back = oid(repo)
    assert found(repo) == [(taken_back,)]
    git(repo, "revert", "--no-edit", "HEAD")
    assert found(repo) == [(taken_back,)]


def test_a_history_that_ends_before_it(repo: Path, tmp_path: Path) -> None:
    git(tmp_path, "clone", "-q", "--depth=1", "-b", "move", f"file://{repo}", "clone")
    the = Git.open(tmp_path / "clone")
    assert stages(the, RENAMES) == [] and the.is_shallow()
    assert not Git.open(repo).is_shallow()

"""What the tree was before, between and after the phases, and whether anything has changed since."""

from __future__ import annotations

import os
from pathlib import Path

import pytest

from migration.core.errors import GitError
from migration.repo.tree.baseline_copy import baseline_copy
from tests.applied import ALL, FILES, MOVE, edit, run
from tests.tools import Link, Script, commit, contents, disk, git, make_repo, put, workspace


@pytest.fixture
def repo(tmp_path: Path) -> Path:
    return make_repo(tmp_path / "repo", FILES)


# ---- telling whether anything changed

def test_digest_does_not_change_with_our_own_phases(repo: Path) -> None:
    digest = workspace(repo).digest()
    for phase in ALL:
        run(repo, phase)
        assert workspace(repo).digest() == digest, phase
    commit(repo)
    assert workspace(repo).digest() == digest
    git(repo, "gc", "-q")
    workspace(repo).reset()
    assert workspace(repo).digest() == digest


@pytest.mark.parametrize("ran", [False, True])
@pytest.mark.parametrize("change", ["edit", "edit other", "new", "delete", "mode"])
def test_digest_changes_with_the_tree(repo: Path, ran: bool, change: str) -> None:
    put(repo, {"other.py": "x"})
    commit(repo)
    if ran:
        run(repo)
    digest = workspace(repo).digest()
    if change == "edit":
        put(repo, {"new/a.py" if ran else "old/a.py": "edited"})
    elif change == "edit other":
        put(repo, {"other.py": "y"})
    elif change == "new":
        put(repo, {"more.py": ""})
        assert workspace(repo).digest() == digest  # not tracked
        git(repo, "add", "more.py")
    elif change == "delete":
        (repo / "other.py").unlink()
    else:
        (repo / "other.py").chmod(0o755)
    assert workspace(repo).digest() != digest


def test_digest_keeps_absorbed_edits_in_mind(repo: Path) -> None:
    run(repo)
    digest = workspace(repo).digest()
    edit(repo, "new/a.py", "return", "return 1 +")
    workspace(repo).absorb()
    after = workspace(repo).digest()
    assert after != digest
    assert workspace(repo).digest() == after


def test_differing_names_the_phase_whose_files_changed(repo: Path) -> None:
    run(repo)
    put(repo, {"new/a.py": "edited", "new/apps.py": "edited"})
    found = {phase: workspace(repo).differing(phase) for phase in ALL}
    assert found == {"prepare_structure": ["new/apps.py"], "move_files": ["new/a.py"], "update_imports": ["new/a.py"],
                     "prepare_models": [], "generate_migrations": []}
    assert workspace(repo, "other").differing("move_files") == []


# ---- the trees

def test_trees_before_each_phase(repo: Path) -> None:
    run(repo)
    work = workspace(repo)
    assert {path: work.baseline().read(path) for path in work.baseline()} == {
        path: data if isinstance(data, bytes) else str(data).encode() for path, data in FILES.items()}
    assert "new/apps.py" in work.tree("move_files")
    assert "old/a.py" in work.tree("move_files")
    assert work.tree("update_imports").read("new/a.py").startswith(b"from old.b")
    assert work.tree(None).read("new/a.py").startswith(b"from new.b")
    assert set(work.tree(None)) == set(git(repo, "ls-files").splitlines())


def test_copy_of_the_baseline(repo: Path, tmp_path: Path) -> None:
    put(repo, {"run": Script("x"), "to": Link("run")})
    commit(repo)
    expected = disk(repo)
    run(repo)
    with baseline_copy(workspace(repo).baseline(), tmp_path / "copy") as copy:
        assert contents(copy) == {path: data for path, (mode, data) in expected.items() if mode != "directory"}
        assert os.access(copy / "run", os.X_OK)
        assert (copy / "to").is_symlink()
    assert not copy.exists()


@pytest.mark.parametrize("text", ["", "{", "[]", '{"version": 99}', '{"version": 1}'])
def test_a_ledger_that_cannot_be_read(repo: Path, text: str) -> None:
    work = workspace(repo)
    work.path.parent.mkdir(parents=True)
    work.path.write_text(text)
    with pytest.raises(GitError, match=r"ledger\.json"):
        work.apply("move_files", MOVE)


def test_digest_changes_when_a_person_removes_a_file(repo: Path) -> None:
    """What only is not on disk comes back, and is no change."""
    for phase, changes in ALL.items():
        workspace(repo).apply(phase, changes)
    path = next(iter(ALL["move_files"].renames)).target
    digest = workspace(repo).digest()
    (repo / path).unlink()
    assert workspace(repo).digest() == digest
    git(repo, "rm", "-q", "--cached", path)
    assert workspace(repo).digest() != digest

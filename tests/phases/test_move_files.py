from __future__ import annotations

from pathlib import Path

import pytest

from migration.core.errors import PhaseError, PlanError
from migration.core.phase import PhaseResult
from migration.phases.move_files import run
from migration.plan.plan import Plan
from migration.repo.tree.project import Project
from tests.tools import Content, Link, contents, context, git, make_repo, snapshot, workspace


def move(repo: Path, moves: dict[str, str]) -> PhaseResult:
    """Compute, do, and do again: the second time nothing may change."""
    plan = Plan("shop", "old", "new", moves, {"old": "new"})
    after: list[object] = []
    for _ in range(2):
        work = workspace(repo)
        work.absorb()
        result = run(context(plan, Project(repo, (".",), work.baseline(), work.tree("move_files"), lambda _: [])))
        work.apply("move_files", result.changes)
        after.append((result, snapshot(repo)))
    assert after[0] == after[1]
    return result


REFUSED: list[tuple[dict[str, Content], dict[str, str], str]] = [
    ({"old/a.py": "1", "new/a.py": "2"}, {"old/a.py": "new/a.py"}, "old/a.py -> new/a.py: the target exists and differs"),
    ({"old/a.py": "", "new/a.py": "2"}, {"old/a.py": "new/a.py"}, "old/a.py -> new/a.py"),
    ({"old/__init__.py": "1", "new/__init__.py": "2"}, {"old/__init__.py": "new/__init__.py"}, "old/__init__.py -> new/__init__.py"),
    ({"old/a.py": "1"}, {"old/b.py": "new/b.py"}, "old/b.py is not a tracked file"),
    ({"old/a.py": "1", "new": Link("old")}, {"old/a.py": "new/x/a.py"}, "goes through the symbolic link new"),
]


@pytest.mark.parametrize(("files", "moves", "words"), REFUSED)
def test_what_is_refused(tmp_path: Path, files: dict[str, Content], moves: dict[str, str], words: str) -> None:
    repo = make_repo(tmp_path / "repo", files)
    before = snapshot(repo)
    with pytest.raises((PhaseError, PlanError), match="1 ") as error:
        move(repo, moves)
    assert words in "\n".join(error.value.details)
    assert snapshot(repo) == before


def test_all_targets_that_exist_are_listed(tmp_path: Path) -> None:
    repo = make_repo(tmp_path / "repo", {"old/a": "1", "old/b": "1", "new/a": "2", "new/b": "2"})
    with pytest.raises(PhaseError, match="2 target") as error:
        move(repo, {"old/a": "new/a", "old/b": "new/b"})
    assert len(error.value.details) == 2


@pytest.mark.parametrize(("mine", "there", "after"), [
    ("1\n", "1\n", "1\n"), ("", "", ""), ("1\n", "", "1\n"), ("", "1\n", "1\n"), (" \n", "1\n", "1\n"), ("1\n", "\n", "1\n"),
])
def test_a_twin_merges(tmp_path: Path, mine: str, there: str, after: str) -> None:
    repo = make_repo(tmp_path / "repo", {"old/__init__.py": mine, "new/__init__.py": there})
    result = move(repo, {"old/__init__.py": "new/__init__.py"})
    assert contents(repo) == {"new/__init__.py": after.encode()}
    assert result.summary == "0 files moved, 1 merged into an existing file"


def test_every_file_moves_as_a_rename(tmp_path: Path) -> None:
    repo = make_repo(tmp_path / "repo", {"old/__init__.py": "", "old/a.py": "a\n", "old/b/c.txt": "c\n", "d.py": ""})
    result = move(repo, {"old/__init__.py": "new/__init__.py", "old/a.py": "new/a.py", "old/b/c.txt": "new/b/c.txt"})
    assert git(repo, "diff", "--cached", "-M100%", "--name-status").count("R100") == 2 + 1
    assert result.counts == {"files moved": 3}
    assert not (repo / "old").exists()


@pytest.mark.parametrize(("moves", "kept"), [
    ({"a/__init__.py": "a/b/__init__.py", "a/x.py": "a/b/x.py"}, True),  # the target inside the source
    ({"a/__init__.py": "b/__init__.py"}, True),  # a part of the package stays
    ({"a/__init__.py": "b/__init__.py", "a/x.py": "b/x.py"}, False),
])
def test_what_is_left_of_a_package_stays_importable(tmp_path: Path, moves: dict[str, str], kept: bool) -> None:
    repo = make_repo(tmp_path / "repo", {"a/__init__.py": "y = 1\n", "a/x.py": "", "a/notes.txt": ""})
    move(repo, moves)
    assert contents(repo).get("a/__init__.py") == (b"" if kept else None)
    assert contents(repo)[moves["a/__init__.py"]] == b"y = 1\n"


def test_the_source_inside_the_target(tmp_path: Path) -> None:
    repo = make_repo(tmp_path / "repo", {"w/__init__.py": "", "w/core/__init__.py": "x = 1\n", "w/core/core/a.py": "", "w/b.py": ""})
    move(repo, {"w/core/__init__.py": "w/__init__.py", "w/core/core/a.py": "w/core/a.py"})
    assert contents(repo) == {"w/__init__.py": b"x = 1\n", "w/b.py": b"", "w/core/a.py": b"", "w/core/__init__.py": b""}


@pytest.mark.parametrize(
    ("inner", "found"),
    [
        ("__init__.py", "which finds a/s/board/ and hides a/s/board.py"),
        ("x.py", "which finds a/s/board.py and hides a/s/board/"),
    ],
)
def test_a_module_beside_a_directory_of_its_name(tmp_path: Path, inner: str, found: str) -> None:
    files = {"a/s/board.py": "X = 1\n", f"a/s/board/{inner}": "Y = 1\n"}
    repo = make_repo(tmp_path, files)
    result = move(repo, {path: path.replace("a/s", "b") for path in files})
    (finding,) = result.findings
    assert finding.path == "b/board.py"
    assert f"a/s/board.py and a/s/board/ are one module to Python, {found}; they moved as they were" in str(finding)
    assert contents(repo) == {path.replace("a/s", "b"): text.encode() for path, text in files.items()}


def test_stubs_in_a_directory_of_their_own(tmp_path: Path) -> None:
    stubs = ("typings/a/s/x.pyi", "typings/a/s/__init__.pyi", "typings/b/s/x.pyi", "a/other.pyi", "typings/s/x.pyi")
    moves = {"a/s/__init__.py": "b/__init__.py", "a/s/x.py": "b/x.py"}
    repo = make_repo(tmp_path / "repo", dict.fromkeys((*moves, *stubs), ""))
    found = [str(finding) for finding in move(repo, moves).findings]
    assert found == [
        "typings/a/s/__init__.pyi: a stub of a.s, which moves -> list it in file_moves:"
        " typings/a/s/__init__.pyi -> typings/b/__init__.pyi",
        "typings/a/s/x.pyi: a stub of a.s.x, which moves -> list it in file_moves: typings/a/s/x.pyi -> typings/b/x.pyi",
    ]

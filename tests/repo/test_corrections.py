"""What a person corrects at noted places is no part of the tree before the move; other edits are."""

from __future__ import annotations

from pathlib import Path

import pytest

from migration.core.changes import ChangeSet
from migration.repo.corrections import before_corrections, still_noted, without_corrections
from tests.tools import commit, git, make_repo, put, renames, workspace, writes

LEFT = b"a = 1\nlabels = ['core.Item']\nb = 2\n"


@pytest.mark.parametrize(
    ("now", "before"),
    [
        (LEFT, LEFT),
        (LEFT.replace(b"b = 2", b"b = 3"), LEFT.replace(b"b = 2", b"b = 3")),
        (LEFT + b"c = 3\n", LEFT + b"c = 3\n"),
        (LEFT.replace(b"core.Item", b"depot.Item"), LEFT),
        (LEFT.replace(b"core.Item", b"depot.Item") + b"c = 3\n", LEFT + b"c = 3\n"),
        (b"a = 1\nb = 2\n", LEFT),
        (b"a = 1\nlabels = [\n    'depot.Item',\n]\nb = 2\n", LEFT),
    ],
    ids=["nothing", "another line", "a line more", "the line", "both", "the line deleted", "the line in several"],
)
def test_only_changes_of_noted_lines_are_taken_out(now: bytes, before: bytes) -> None:
    assert without_corrections(LEFT, now, ["labels = ['core.Item']"]) == before


FILES = {"core/apps.py": LEFT.decode(), "core/shop/__init__.py": "", "core/shop/models.py": "x = 'core.Item'  # why\ny = 1\n"}
MODELS = "products/shop/models.py"


def moved(tmp_path: Path) -> Path:
    """A repo in which one file moved and was rewritten; a line of it and one of a file that stays were left."""
    repo = make_repo(tmp_path / "repo", FILES)
    work = workspace(repo)
    work.apply("move_files", renames("core/shop/models.py > products/shop/models.py", "core/shop/__init__.py > products/shop/__init__.py"))
    work.apply("update_imports", writes(products__shop__models_py="x = 'core.Item'  # why\ny = 2\n"), left={"core/apps.py": {2}, MODELS: {1}})
    work.apply("prepare_models", ChangeSet(), left={MODELS: {1}})
    return repo


def test_without_corrections_it_is_the_tree_before_the_move(tmp_path: Path) -> None:
    repo = moved(tmp_path)
    put(repo, {"core/apps.py": LEFT.decode() + "c = 3\n", MODELS: "x = 'core.Item'  # why\ny = 2\nz = 3\n"})
    work = workspace(repo)
    work.absorb()
    assert work.ledger.corrected == {}
    tree = before_corrections(work)
    assert tree.read("core/apps.py") == LEFT + b"c = 3\n"
    assert tree.read("core/shop/models.py") == b"x = 'core.Item'  # why\ny = 1\nz = 3\n"
    assert still_noted(work) == {"core/apps.py": {2: "labels = ['core.Item']"}, MODELS: {1: "x = 'core.Item'  # why"}}


CORRECTED = {"core/apps.py": LEFT.decode().replace("core.", "depot."), MODELS: "x = 'depot.Item'  # why\ny = 2\nz = 3\n"}


@pytest.mark.parametrize("committed", [False, True])
def test_corrections_stay_out_of_it(tmp_path: Path, committed: bool) -> None:
    repo = moved(tmp_path)
    put(repo, CORRECTED)
    if committed:
        commit(repo)
    for _ in range(2):  # what the first run has found, the second one knows
        work = workspace(repo)
        work.absorb()
        assert work.baseline().read("core/shop/models.py") == b"x = 'depot.Item'  # why\ny = 1\nz = 3\n"
        tree = before_corrections(work)
        assert tree.read("core/apps.py") == LEFT
        assert tree.read("core/shop/models.py") == b"x = 'core.Item'  # why\ny = 1\nz = 3\n"
        work.apply("update_imports", writes(products__shop__models_py=CORRECTED[MODELS]))
        work.apply("prepare_models", ChangeSet())
        assert still_noted(work) == {}


def test_a_correction_that_is_edited_again_and_taken_back(tmp_path: Path) -> None:
    repo = moved(tmp_path)
    put(repo, CORRECTED)
    workspace(repo).absorb()
    put(repo, {MODELS: "x = 'depot.Item'  # why\ny = 2\nz = 3\nmore = 4\n"})
    work = workspace(repo)
    work.absorb()
    assert before_corrections(work).read("core/shop/models.py") == b"x = 'core.Item'  # why\ny = 1\nz = 3\nmore = 4\n"
    put(repo, {MODELS: "x = 'core.Item'  # why\ny = 2\nz = 3\nmore = 4\n"})
    work = workspace(repo)
    work.absorb()
    assert before_corrections(work).read("core/shop/models.py") == b"x = 'core.Item'  # why\ny = 1\nz = 3\nmore = 4\n"


def test_git_keeps_what_is_needed(tmp_path: Path) -> None:
    repo = moved(tmp_path)
    put(repo, CORRECTED)
    commit(repo)
    workspace(repo).absorb()
    git(repo, "gc", "-q", "--prune=now")
    assert before_corrections(workspace(repo)).read("core/apps.py") == LEFT

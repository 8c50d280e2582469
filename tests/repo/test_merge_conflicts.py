"""What a merge has left undecided stops the run, with file and line, before anything is changed."""

from __future__ import annotations

import subprocess
from pathlib import Path

import pytest

from migration.cli import run_phase
from migration.core.errors import GitError, MigrationError
from migration.core.phase import ORDER
from tests.test_hostile import AFTER, NEW, SHOP, new, run
from tests.tools import ENVIRONMENT, Content, commit, contents, git, make_repo, put, snapshot, texts

BODY = "".join(f"\n\ndef f{n}():\n    return {n}\n" for n in range(5))
CONFLICT = "<<<<<<< HEAD\n{mine}\n=======\n{theirs}\n>>>>>>> main\n"


def conflict(mine: str = "import shop.stock", theirs: str = "import shop.stock.items") -> str:
    return CONFLICT.format(mine=mine, theirs=theirs)


def stops(repo: Path, *lines: str) -> None:
    """The first two phases at most: the tree is not changed, and nothing of ours remembers the conflict."""
    before, ledger = snapshot(repo), new(repo).workspace.ledger
    with pytest.raises(GitError) as caught:
        for phase in ORDER:
            run_phase.execute(new(repo), phase)
    assert caught.value.details == lines and caught.value.remedy
    assert snapshot(repo) == before and new(repo).workspace.ledger == ledger


# ---- what is no matter


@pytest.mark.parametrize("files", [
    {"other.txt": conflict("a", "b")}, {"other.py": conflict("a = 1", "a = 2")}, {"docs.py": f'TEXT = """\n{conflict()}"""\n'},
    {"git.md": "shop.stock\n<<<<<<< HEAD\n"}, {".gitattributes": "*.md conflict-marker-size=9\n", "git.md": conflict()},
    {"shop/stock/data.py": f'X = """\n{conflict()}"""\n'},
])
def test_what_is_no_conflict_of_ours(tmp_path: Path, files: dict[str, Content]) -> None:
    repo = make_repo(tmp_path / "repo", {**SHOP, **files})
    run(repo)
    assert f"{NEW}/items.py" in texts(repo)


# ---- what is


@pytest.mark.parametrize(("path", "text", "line"), [
    ("shop/stock/more.py", "import os\n" + conflict(), "shop/stock/more.py:2"),
    ("shop/stock/notes.txt", conflict("a", "b"), "shop/stock/notes.txt:1"),
    ("web/view.py", "from shop import (\n    stock,\n)\n" + conflict("a = 1", "a = 2"), "web/view.py:4"),
    ("docs/stock.md", "See shop/stock/items.py\n\n" + conflict("a", "b"), "docs/stock.md:3"),
    ("large.md", "shop.stock\n" + conflict("a", "b").replace("<" * 7, "<" * 9).replace("=" * 7, "=" * 9).replace(">" * 7, ">" * 9), "large.md:2"),
])
def test_markers_that_were_committed(tmp_path: Path, path: str, text: str, line: str) -> None:
    repo = make_repo(tmp_path / "repo", {**SHOP, path: text, ".gitattributes": "large.md conflict-marker-size=9\n"})
    stops(repo, line)


def test_a_merge_into_the_move_that_is_half_decided(tmp_path: Path) -> None:
    """First the index is unmerged; then somebody adds everything, markers and all."""
    repo = make_repo(tmp_path / "repo", {**SHOP, "shop/stock/items.py": f"class Item:\n    one = 1\n{BODY}"})
    git(repo, "checkout", "-q", "-b", "move")
    run(repo)
    put(repo, {f"{NEW}/items.py": f"class Item:\n    mine = 1\n{BODY}"})
    commit(repo)
    git(repo, "checkout", "-q", "main")
    put(repo, {"shop/stock/items.py": f"class Item:\n    theirs = 1\n{BODY}"})
    commit(repo)
    git(repo, "checkout", "-q", "move")
    merge = subprocess.run(["git", "merge", "-q", "--no-edit", "main"], cwd=repo, env=ENVIRONMENT, capture_output=True, check=False)
    assert merge.returncode == 1 and b"<<<<<<<" in contents(repo)[f"{NEW}/items.py"]
    before = snapshot(repo)
    with pytest.raises(MigrationError, match="unmerged files") as caught:
        run_phase.execute(new(repo), "scan_moves")
    assert caught.value.details == (f"{NEW}/items.py:2",) and snapshot(repo) == before
    git(repo, "add", "-A")
    stops(repo, f"{NEW}/items.py:2")
    git(repo, "commit", "-q", "--no-edit")
    stops(repo, f"{NEW}/items.py:2")
    put(repo, {f"{NEW}/items.py": f"class Item:\n    mine = theirs = 1\n{BODY}"})
    commit(repo)
    run(repo)
    assert texts(repo) == {**AFTER, f"{NEW}/items.py": f"class Item:\n    mine = theirs = 1\n{BODY}"}

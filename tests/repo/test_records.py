"""Each branch has the ledger of its own move, and no run touches that of another."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from migration.cli import run_phase
from migration.core.errors import UsageError
from migration.core.phase import ORDER
from migration.repo.apply import Workspace
from migration.repo.git.git import Git
from migration.repo.ledger import Ledger
from migration.repo.records import _MOST, Records
from tests.phases.test_scan_moves import STOCK, session_for
from tests.tools import Content, commit, git, make_repo, put, snapshot, texts

USER: dict[str, Content] = {"shop/use.py": "from shop.stock.items import Item\n"}
NEW: dict[str, Content] = {"shop/new.py": "from shop.stock import Item\n"}


@pytest.fixture
def repo(tmp_path: Path) -> Path:
    """A branch ``old`` from before the package was there, and ``main``, where it is."""
    made = make_repo(tmp_path / "repo", {"shop/__init__.py": "", "README": "x"})
    git(made, "branch", "old")
    put(made, {**STOCK, **USER})
    commit(made)
    return made


def run(repo: Path) -> None:
    for phase in ORDER:
        run_phase.execute(session_for(repo, "shop.stock"), phase)


def moved(repo: Path, branch: str = "move") -> Path:
    """The repo with the move committed on a branch of its own."""
    git(repo, "switch", "-q", "-c", branch)
    run(repo)
    commit(repo)
    return repo


def work(repo: Path) -> Workspace:
    return Workspace(Git.open(repo), "stock")


def directory(repo: Path) -> list[str]:
    """What lies beside the ledger."""
    top = repo / ".git/phased-migration/stock"
    return sorted(str(path.relative_to(top)) for path in top.rglob("*") if path.is_file())


# ---- what stays


def test_a_run_on_a_branch_without_the_package_forgets_nothing(repo: Path) -> None:
    moved(repo)
    before, ledger = snapshot(repo), work(repo).ledger
    git(repo, "switch", "-q", "old")
    with pytest.raises(UsageError, match=r"no package or module shop\.stock"):
        run(repo)
    assert work(repo).ledger == Ledger()
    git(repo, "switch", "-q", "move")
    assert work(repo).ledger == ledger
    run(repo)
    assert snapshot(repo) == before


def test_a_reset_on_a_branch_without_the_move_touches_nothing(repo: Path) -> None:
    moved(repo)
    ledger = work(repo).ledger
    git(repo, "switch", "-q", "main")
    before = snapshot(repo)
    assert work(repo).reset() == (0, 0)
    assert snapshot(repo) == before
    git(repo, "switch", "-q", "move")
    assert work(repo).ledger == ledger


def test_a_ledger_of_an_earlier_version_is_read(repo: Path) -> None:
    moved(repo)
    path, ledger = work(repo).path, work(repo).ledger
    content = json.loads(path.read_bytes())
    del content["head"]
    path.write_text(json.dumps(content))
    assert work(repo).ledger.phases == ledger.phases and work(repo).ledger.head == ""
    git(repo, "switch", "-q", "old")
    assert work(repo).ledger == Ledger()
    git(repo, "switch", "-q", "move")
    before = snapshot(repo)
    run(repo)
    assert snapshot(repo) == before and directory(repo) == ["ledger.json"]


@pytest.mark.parametrize("how", [("commit", "-q", "--amend", "-m", "y"), ("rebase", "-q", "old2"), ("switch", "-q", "-c", "more")])
def test_a_commit_that_is_made_anew_has_the_ledger_of_the_old_one(repo: Path, how: tuple[str, ...]) -> None:
    git(repo, "branch", "old2")
    moved(repo)
    git(repo, "switch", "-q", "old2")
    put(repo, NEW)
    commit(repo)
    git(repo, "switch", "-q", "move")
    run(repo)
    git(repo, *how)
    run(repo)
    assert directory(repo) == ["ledger.json"]
    assert ("shop/new.py" not in texts(repo)) or texts(repo)["shop/new.py"] == "from products.stock.backend import Item\n"
    assert texts(repo)["shop/use.py"] == "from products.stock.backend.items import Item\n"


def test_what_is_taken_out_of_the_index_is_not_gone(repo: Path) -> None:
    """``git reset`` after a run: the files are where they were, and so is the ledger."""
    run(repo)
    before, ledger = texts(repo), work(repo).ledger
    git(repo, "reset", "-q")
    assert work(repo).ledger == ledger
    run(repo)
    assert texts(repo) == before


# ---- what changes


def test_two_branches_with_a_move_of_their_own(repo: Path) -> None:
    """The second one is made on another commit; an edit by hand on the first stays there."""
    moved(repo)
    put(repo, {"products/stock/backend/items.py": "class Item:\n    pass\n"})
    run(repo)
    commit(repo)
    first = texts(repo)
    git(repo, "switch", "-q", "main")
    put(repo, NEW)
    commit(repo)
    moved(repo, "second")
    assert texts(repo)["products/stock/backend/items.py"] == "class Item: ...\n"
    assert len(directory(repo)) == 2
    ledgers = {}
    for branch in ("move", "second", "move"):
        git(repo, "switch", "-q", branch)
        ledgers[branch] = work(repo).ledger
        before = snapshot(repo)
        run(repo)
        assert snapshot(repo) == before
    assert texts(repo) == first
    assert ledgers["move"].base != ledgers["second"].base
    assert work(repo).reset()[0] == 4  # all of what is here, and nothing of the other
    git(repo, "reset", "-q", "--hard")
    git(repo, "switch", "-q", "second")
    assert work(repo).ledger.base == ledgers["second"].base
    kept = {line.split()[2] for line in git(repo, "ls-tree", work(repo).ref).splitlines()}
    assert ledgers["second"].blobs <= kept


def test_the_same_commit_on_another_branch_has_no_move(repo: Path) -> None:
    """The move is committed on its branch; where that started, nothing is done."""
    moved(repo)
    git(repo, "switch", "-q", "main")
    assert work(repo).ledger == Ledger()
    run(repo)
    assert work(repo).ledger.phases.keys() >= {"move_files"}


def test_files_that_only_change_their_content_tell_the_branch(repo: Path) -> None:
    from tests.tools import writes

    work(repo).apply("update_imports", writes(shop__use_py="from products.stock.backend.items import Item\n"))
    git(repo, "switch", "-q", "-c", "move")
    commit(repo)
    assert work(repo).ledger.phases
    git(repo, "switch", "-q", "main")
    assert work(repo).ledger == Ledger()


def test_after_a_death_the_ledger_tells_and_not_the_files(repo: Path) -> None:
    """Everything is as before, but a phase had been about to write."""
    run(repo)
    ledger = work(repo).ledger
    work(repo).settle("prepare_structure")
    assert "shop/stock/items.py" in texts(repo) and work(repo).ledger == ledger
    git(repo, "switch", "-q", "-c", "other")
    assert work(repo).ledger == Ledger()  # a person has gone elsewhere since
    git(repo, "switch", "-q", "main")
    work(repo).settle()
    assert directory(repo) == ["ledger.json"]


def test_ledgers_of_branches_that_nobody_comes_back_to_are_forgotten(repo: Path) -> None:
    moved(repo)
    records = Records(Git.open(repo), work(repo).path)
    ledger = records.load()
    for number in range(_MOST + 3):
        git(repo, "switch", "-q", "-c", f"b{number}", "main")
        put(repo, {"README": str(number)})
        commit(repo)
        Records(Git.open(repo), work(repo).path).save(ledger)
    assert len(directory(repo)) == _MOST + 1

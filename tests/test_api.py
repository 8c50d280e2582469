from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import pytest

from migration.api import Move
from migration.core.errors import GitError, PlanError, UsageError
from tests.phases.test_scan_moves import BACKEND, STOCK
from tests.tools import disk, git, make_repo, snapshot

FILES = {**STOCK, "use.py": "from shop.stock import Item\n"}


@pytest.fixture
def repo(tmp_path: Path) -> Path:
    return make_repo(tmp_path / "shop", FILES)


def test_nothing_is_written(repo: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    before, everything = snapshot(repo), disk(tmp_path)
    move = Move(repo, "stock", source="shop.stock")
    assert move.plan().file_moves and move.diff()
    assert snapshot(repo) == before and disk(tmp_path) == everything


@pytest.mark.parametrize(("move", "error"), [
    (Move("/nowhere", "stock"), GitError), (Move("", "stock"), UsageError), (Move(".", "my-stock"), UsageError),
])
def test_what_can_t_be(move: Move, error: type[Exception]) -> None:
    with pytest.raises(error):
        move.plan()


def test_an_edited_plan_that_can_t_be(repo: Path) -> None:
    plan = Move(repo, "stock", source="shop.stock").plan()
    with pytest.raises(PlanError):
        Move(repo, "stock", edited=replace(plan, file_moves={"a": "../b"})).plan()


def test_plan_results_and_diff(repo: Path, tmp_path: Path) -> None:
    move = Move(repo, "stock", source="shop.stock")
    assert move.plan().new_path("shop/stock/items.py") == f"{BACKEND}/items.py"
    writes = {write.path: write.data for result in move.results().values() for write in result.changes.writes}
    assert writes["use.py"] == b"from products.stock.backend import Item\n"
    git(tmp_path, "clone", "-q", "shop", "copy")
    (tmp_path / "patch").write_text(move.diff())
    git(tmp_path / "copy", "apply", str(tmp_path / "patch"))
    assert (tmp_path / "copy/use.py").read_bytes() == writes["use.py"]


def test_an_edited_plan(repo: Path) -> None:
    plan = Move(repo, "stock", source="shop.stock").plan()
    fewer = {old: new for old, new in plan.file_moves.items() if not old.endswith(".csv")}
    move = Move(repo, "stock", edited=replace(plan, file_moves=fewer, exclude=("use.py",)))
    assert dict(move.plan().file_moves) == fewer
    assert "use.py" not in move.diff()

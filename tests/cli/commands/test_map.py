from __future__ import annotations

import json
from pathlib import Path

import pytest

from migration.cli import run_phase
from migration.cli.commands import map as command
from migration.core.errors import PlanError
from tests.phases.test_scan_moves import MOVED, STOCK, session_for
from tests.tools import make_repo, snapshot


def test_the_plan_is_printed_and_nothing_touched(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    repo = make_repo(tmp_path / "shop", STOCK)
    run_phase.execute(session_for(repo, "shop.stock"), "scan_moves")
    before = snapshot(repo)
    command.run(session_for(repo))
    assert snapshot(repo) == before
    assert json.loads(capsys.readouterr().out) == {
        "product": "stock",
        "source": "shop.stock",
        "target": "products.stock.backend",
        "modules": {"shop.stock": "products.stock.backend", "shop.stock.items": "products.stock.backend.items"},
        "symbols": {"shop.stock.Item": "products.stock.backend.items.Item"},
        "paths": MOVED,
        "labels": {},
    }


def test_without_a_plan(tmp_path: Path) -> None:
    with pytest.raises(PlanError, match=r"there is no .*moves\.yml"):
        command.run(session_for(make_repo(tmp_path / "shop", STOCK)))

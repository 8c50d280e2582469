from __future__ import annotations

import json
import os
from pathlib import Path

import pytest

from migration.cli import run_phase
from migration.cli.commands import follow
from migration.core.errors import GitError, PhaseError
from migration.core.phase import ORDER
from tests.phases.test_scan_moves import STOCK, session_for
from tests.tools import commit, git, make_repo, put, snapshot

LATE = {"late.py": "from shop.stock.items import Item  # of yesterday\n"}
ON_TIME = "from products.stock.backend.items import Item  # of yesterday\n"


@pytest.fixture
def moved(tmp_path: Path) -> Path:
    """A monolith with the move committed; the plan lies in the home beside it."""
    repo = make_repo(tmp_path / "shop", {**STOCK, "use.py": "from shop.stock import Item\n"})
    run_phase.execute(session_for(repo, "shop.stock"), "scan_moves")
    for phase in ORDER:
        run_phase.execute(session_for(repo), phase)
    commit(repo)
    return repo


@pytest.fixture
def other(moved: Path) -> Path:
    """A clone: no record of the move is in it."""
    git(moved.parent, "clone", "-q", "shop", "other")
    return moved.parent / "other"


def test_a_clean_clone_is_not_touched(other: Path, capsys: pytest.CaptureFixture[str]) -> None:
    before = snapshot(other)
    follow.run(session_for(other))
    follow.run(session_for(other, check=True))
    assert snapshot(other) == before
    assert capsys.readouterr().out == "nothing that can follow names shop.stock any more\n" * 2


def test_check_says_what_is_stale_and_touches_nothing(other: Path, capsys: pytest.CaptureFixture[str]) -> None:
    put(other, LATE)
    commit(other)
    before = snapshot(other)
    with pytest.raises(PhaseError, match="1 place.* name shop.stock as it was before the move"):
        follow.run(session_for(other, check=True))
    assert snapshot(other) == before
    assert capsys.readouterr().out.splitlines() == [
        "  late.py:1: shop.stock.items -> products.stock.backend.items (import)",
        "1 reference(s) in 1 file(s) would be rewritten",
    ]


def test_what_is_stale_follows_once(other: Path, capsys: pytest.CaptureFixture[str]) -> None:
    put(other, LATE)
    os.chmod(other / "late.py", 0o755)
    commit(other)
    follow.run(session_for(other))
    assert (other / "late.py").read_text() == ON_TIME and os.access(other / "late.py", os.X_OK)
    assert git(other, "status", "--porcelain") == " M late.py\n"
    after = snapshot(other)
    capsys.readouterr()
    follow.run(session_for(other))
    follow.run(session_for(other, check=True))
    assert snapshot(other) == after
    assert "rewritten" not in capsys.readouterr().out


def test_as_json(other: Path, capsys: pytest.CaptureFixture[str]) -> None:
    put(other, {**LATE, "shop/stock/more.py": ""})
    commit(other)
    follow.run(session_for(other, format="json"))
    said = json.loads(capsys.readouterr().out)
    assert said == {
        "source": "shop.stock",
        "written": True,
        "stale": [
            {"path": "late.py", "line": 1, "kind": "import", "old": "shop.stock.items", "new": "products.stock.backend.items"}
        ],
        "files": [
            {
                "path": "shop/stock/more.py", "line": 0, "message": "lies at the old place",
                "remedy": "git mv shop/stock/more.py products/stock/backend/more.py, then run the same command again",
            }
        ],
        "findings": [],
    }  # fmt: skip


def test_a_file_at_the_old_place_fails_the_check(other: Path) -> None:
    put(other, {"shop/stock/more.py": ""})
    commit(other)
    with pytest.raises(PhaseError, match=r"1 file\(s\) lie there"):
        follow.run(session_for(other, check=True))


def test_what_a_person_works_on_is_not_touched(other: Path) -> None:
    put(other, {**LATE, "b.py": "import shop.stock\n"})
    commit(other)
    put(other, {"late.py": LATE["late.py"] + "x = 1\n"})
    before = snapshot(other)
    with pytest.raises(GitError) as caught:
        follow.run(session_for(other))
    assert "late.py" in str(caught.value) and "b.py" not in str(caught.value)
    assert snapshot(other) == before


def test_a_plug_in_s_repository(moved: Path) -> None:
    plugin = make_repo(moved.parent / "plugin", {"src/plugin/__init__.py": "", "src/plugin/a.py": LATE["late.py"]})
    follow.run(session_for(plugin))
    assert (plugin / "src/plugin/a.py").read_text() == ON_TIME


def test_a_branch_from_before_the_move_is_refused_until_master_is_merged(other: Path) -> None:
    git(other, "checkout", "-q", "-b", "feature", "HEAD~1")
    put(other, {**LATE, "shop/stock/items.py": "from ..money import RATE\n\n\nclass Item:\n    rate = RATE\n"})
    commit(other)
    with pytest.raises(PhaseError, match="has not moved in this checkout"):
        follow.run(session_for(other))
    git(other, "merge", "-q", "--no-edit", "main")
    follow.run(session_for(other))
    assert (other / "late.py").read_text() == ON_TIME
    moved = (other / "products/stock/backend/items.py").read_text()
    assert moved == "from shop.money import RATE\n\n\nclass Item:\n    rate = RATE\n"

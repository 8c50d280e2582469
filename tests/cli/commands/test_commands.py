from __future__ import annotations

import json
import os
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
import yaml

from migration.cli import fold, run_phase
from migration.cli.commands import preview as preview_module
from migration.cli.commands import reset, residue, status
from migration.cli.session import Session
from migration.core.errors import GitError, PhaseError, PlanError, UsageError
from migration.core.phase import ORDER
from tests.phases.test_scan_moves import BACKEND, STOCK, session_for
from tests.tools import commit, contents, disk, git, make_repo, put, snapshot

FILES = {**STOCK, "use.py": "from shop.stock import Item\n"}


@pytest.fixture
def session(tmp_path: Path) -> Session:
    return session_for(make_repo(tmp_path / "shop", FILES), "shop.stock")


def preview(session: Session, capsys: pytest.CaptureFixture[str]) -> str:
    """What preview prints; it must touch nothing, neither the repo nor the state."""
    before, state = snapshot(session.repo), disk(session.home)
    index = (session.git.directory / "index").stat().st_mtime_ns
    preview_module.run(session_for(session.repo, session.options.source, session.options.target))
    assert (session.git.directory / "index").stat().st_mtime_ns == index  # not even refreshed
    page = session.state / "report.html"  # for people: no phase reads it
    page.unlink()
    assert (snapshot(session.repo), disk(session.home)) == (before, state)
    return capsys.readouterr().out


def patch_of(out: str) -> str:
    return out[out.index("diff --git") :]


def full_run(session: Session) -> None:
    for phase in ORDER:
        run_phase.execute(session_for(session.repo), phase)


# ---- preview


def test_the_preview_is_what_happens(session: Session, tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    out = preview(session, capsys)
    git(tmp_path, "clone", "-q", "shop", "copy")
    (tmp_path / "patch").write_bytes(os.fsencode(patch_of(out)))
    git(tmp_path / "copy", "apply", "--index", str(tmp_path / "patch"))
    run_phase.execute(session, "scan_moves")
    full_run(session)
    assert contents(tmp_path / "copy") == contents(session.repo)


def test_what_it_says(session: Session, capsys: pytest.CaptureFixture[str]) -> None:
    put(session.repo, {"shop/stock/new.py": ""})
    lines = preview(session, capsys).splitlines()
    assert lines[0] == "stock: shop.stock -> products.stock.backend (package); nothing is changed"
    assert [line.split()[0] for line in lines[1:9]] == [name for name in ORDER if name != "scan_moves"]
    assert "  move_files           3 files moved" in lines
    assert "  validate_django      runs on the moved code, so it has no preview" in lines
    assert f"  shop/stock/prices.csv -> {BACKEND}/prices.csv" in lines
    at = lines.index("for you to look at")
    assert lines[at + 1].startswith("  shop/stock/new.py: is not tracked by git and stays")
    assert "in the way" not in lines


def test_whose_files_change_how_long_it_takes_and_what_guard_would_add(
    session: Session, capsys: pytest.CaptureFixture[str]
) -> None:
    put(session.repo, {"CODEOWNERS": "* @org/all\n/shop/stock/ @org/stock\n", "ruff.toml": "line-length = 100\n"})
    commit(session.repo)
    lines = preview(session_for(session.repo, "shop.stock"), capsys).splitlines()
    at = lines.index("owners of the files that change")
    teams = dict(reversed(line.split()) for line in lines[at + 1 : lines.index("", at)])
    assert teams["@org/stock"] == "3" and "@org/all" in teams
    at = lines.index("what `guard` would add afterwards")
    assert lines[at + 1].startswith('  ruff.toml: [lint.flake8-tidy-imports.banned-api] "shop.stock" = ')
    (seconds,) = [line for line in lines if line.startswith("about ")]
    assert 0 < float(seconds.split()[1]) < 600 and seconds.endswith(" s, without what your databases and tests take")
    assert any(line.endswith("/report.html") and line.startswith("the whole of it, to look at: ") for line in lines)


def test_with_files_in_the_way(session: Session, capsys: pytest.CaptureFixture[str]) -> None:
    put(session.repo, {"use.py": "from shop.stock import Item\n# mine\n", "shop/money.py": "mine = 1\n"})
    out = preview(session, capsys)
    way = out[out.index("in the way") : out.index("diff --git")]
    assert "use.py" in way and "commit or stash" in way
    assert "shop/money.py" not in way
    assert "# mine" in patch_of(out)


def test_of_an_edited_plan(session: Session, capsys: pytest.CaptureFixture[str]) -> None:
    run_phase.execute(session, "scan_moves")
    session.plan_path.write_text(session.plan_path.read_text().replace(f"{BACKEND}/prices.csv", "data/prices.csv"))
    put(session.repo, {"shop/stock/late.py": ""})
    commit(session.repo)
    out = preview(session, capsys)
    assert "  shop/stock/prices.csv -> data/prices.csv\n" in out
    assert f"  shop/stock/late.py -> {BACKEND}/late.py\n" in out
    assert "is edited by hand and is kept" in out and "is new under the source; added to the plan" in out
    assert f"rename from shop/stock/late.py\nrename to {BACKEND}/late.py\n" in out


@pytest.mark.parametrize(("text", "error"), [("product: [", PlanError), ("\xff", PlanError)])
def test_of_a_plan_that_can_t_be_used(session: Session, text: str, error: type[Exception]) -> None:
    session.plan_path.write_bytes(text.encode("latin-1"))
    with pytest.raises(error):
        preview_module.run(session_for(session.repo, "shop.stock", "products.stock.backend"))


def test_of_another_move_than_the_edited_plan(session: Session) -> None:
    run_phase.execute(session, "scan_moves")
    session.plan_path.write_text("# mine\n" + session.plan_path.read_text())
    with pytest.raises(PlanError, match="is edited and moves shop.stock"):
        preview_module.run(session_for(session.repo, "shop.money", "pay"))


def test_after_the_move(session: Session, capsys: pytest.CaptureFixture[str]) -> None:
    """It still shows the whole move, from before it."""
    first = preview(session, capsys)
    run_phase.execute(session, "scan_moves")
    full_run(session)
    assert patch_of(preview(session_for(session.repo), capsys)) == patch_of(first)


def test_after_edits_by_hand(session: Session, capsys: pytest.CaptureFixture[str]) -> None:
    """It shows what the run would do with them."""
    run_phase.execute(session, "scan_moves")
    full_run(session)
    put(session.repo, {"use.py": "from products.stock.backend import Item  # mine\nimport shop.stock.items\n"})
    patch = patch_of(preview(session_for(session.repo), capsys))
    assert "+from products.stock.backend import Item  # mine\n+import products.stock.backend.items\n" in patch
    assert "-from shop.stock import Item  # mine\n-import shop.stock.items\n" in patch


def test_of_nothing(tmp_path: Path, session: Session) -> None:
    with pytest.raises(GitError):
        preview_module.run(session_for(tmp_path / "nowhere"))
    with pytest.raises(UsageError):
        preview_module.run(session_for(session.repo, "shop.gone"))


# ---- status


def test_status_before_anything_ran(session: Session, capsys: pytest.CaptureFixture[str]) -> None:
    status.run(session)
    assert capsys.readouterr().out == "nothing has run yet\n"


def test_status_asks_no_repo(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    session = session_for(tmp_path / "nowhere")
    content = {"product": "stock", "status": "failed", "completed": 0, "total": 1,
               "phases": [{"id": "scan_moves", "status": "failed", "timestamp": "then", "error": "it broke"}]}
    session.tracker_path.write_text(yaml.safe_dump(content))
    status.run(session)
    assert capsys.readouterr().out == "stock: failed (0/1 phases)\n  scan_moves           FAILED   then                  it broke\n"


# ---- reset


def test_reset_gives_everything_back(session: Session, capsys: pytest.CaptureFixture[str]) -> None:
    before = snapshot(session.repo)
    run_phase.execute(session, "scan_moves")
    plan = session.plan_path.read_bytes()
    full_run(session)
    assert snapshot(session.repo) != before
    assert reset.run(session_for(session.repo)) == list(ORDER)
    assert snapshot(session.repo) == before
    assert session.plan_path.read_bytes() == plan
    assert yaml.safe_load(session.tracker_path.read_text())["status"] == "pending"
    assert "files given back" in capsys.readouterr().out


def test_reset_before_anything_ran(session: Session) -> None:
    before = snapshot(session.repo)
    reset.run(session)
    assert snapshot(session.repo) == before


def test_reset_leaves_what_a_person_edited(session: Session) -> None:
    run_phase.execute(session, "scan_moves")
    full_run(session)
    put(session.repo, {"use.py": "mine\n"})
    before, state = snapshot(session.repo), disk(session.home)
    with pytest.raises(PhaseError, match="use.py"):
        reset.run(session_for(session.repo))
    assert (snapshot(session.repo), disk(session.home)) == (before, state)


# ---- for scripts


def document(capsys: pytest.CaptureFixture[str]) -> dict[str, Any]:
    found: dict[str, Any] = json.loads(capsys.readouterr().out)
    return found


def as_json(session: Session) -> Session:
    return Session(replace(session.options, format="json"), session.home)


def test_the_preview_as_json(session: Session, capsys: pytest.CaptureFixture[str]) -> None:
    put(session.repo, {"CODEOWNERS": "/shop/ @org/shop\n"})
    commit(session.repo)
    text = preview(session, capsys)
    preview_module.run(as_json(session_for(session.repo, session.options.source)))
    found = document(capsys)
    assert found["diff"] == patch_of(text)
    assert [phase["id"] for phase in found["phases"]] == list(filter(fold.is_previewed, ORDER))
    assert found["files"]["shop/stock/prices.csv"] == f"{BACKEND}/prices.csv"
    assert found["owners"]["@org/shop"] >= 3 and found["owners"]["(no owner)"] >= 1
    assert found["in_the_way"] == [] and found["seconds"] >= 0
    assert "owners of the files that change" in text and "@org/shop" in text


def test_the_status_as_json(session: Session, capsys: pytest.CaptureFixture[str]) -> None:
    status.run(as_json(session))
    assert document(capsys) == {}


def test_reset_as_json(session: Session, capsys: pytest.CaptureFixture[str]) -> None:
    full_run(session)
    reset.run(as_json(session_for(session.repo)))
    found = document(capsys)
    assert found["given_back"] > 3 and found["removed"] > 0


def test_the_residue_as_json(session: Session, capsys: pytest.CaptureFixture[str]) -> None:
    full_run(session)
    residue.run(as_json(session_for(session.repo)))
    found = document(capsys)
    assert found["source"] == "shop.stock" and found["places"] == [] and found["dangling"] == []

"""A plan that is there already: what a person wrote stays, and what is new joins it."""

from __future__ import annotations

from pathlib import Path

import pytest

from migration.cli.session import Session
from migration.core.errors import PlanError
from migration.phases.scan_moves import Scan
from migration.plan import edited, reading
from tests.phases.test_scan_moves import BACKEND, MOVED, STOCK, findings, scan, scanned, session_for
from tests.tools import commit, make_repo, put


@pytest.fixture
def shop(tmp_path: Path) -> Path:
    return make_repo(tmp_path / "shop", STOCK)


@pytest.fixture
def session(shop: Path) -> Session:
    session = session_for(shop, "shop.stock")
    scanned(session)
    return session


def edit(session: Session, *replacements: tuple[str, str]) -> str:
    text = session.plan_path.read_text()
    for old, new in replacements:
        assert old in text
        text = text.replace(old, new)
    session.plan_path.write_text(text)
    return text


ENTRY = f"- from: shop/stock/prices.csv\n  to: {BACKEND}/prices.csv\n"


def test_an_edited_plan_is_kept_to_the_byte(session: Session) -> None:
    text = edit(session, (f"{BACKEND}/prices.csv", "data/prices.csv"), ("product:", "# mine\nproduct:"))
    (note,) = findings(session)
    assert "is edited by hand and is kept" in note and "delete it and run scan_moves" in note
    assert session.plan_path.read_text() == text


def test_what_was_taken_out_stays_out(shop: Path, session: Session) -> None:
    text = edit(session, (ENTRY, ""))
    for _ in range(2):
        assert findings(session)[1:] == ["shop/stock/prices.csv: is not in the plan and stays -> add it to file_moves if it moves too"]
        assert session.plan_path.read_text() == text


def test_new_files_are_added_to_an_edited_plan(shop: Path, session: Session) -> None:
    text = edit(session, (ENTRY, "# prices stay\n"), (f"{BACKEND}/items.py", "elsewhere/items.py"))
    put(shop, {"shop/stock/late.py": "", "shop/stock/api/late.py": "", "shop/late.py": ""})
    commit(shop)
    assert [line for line in findings(session) if "late" in line] == [
        f"shop/stock/api/late.py: is new under the source; added to the plan as {BACKEND}/api/late.py",
        f"shop/stock/late.py: is new under the source; added to the plan as {BACKEND}/late.py",
    ]
    added = session.plan_path.read_text()
    assert set(text.splitlines()) < set(added.splitlines())
    assert set(session.plan().file_moves) == {*MOVED, "shop/stock/late.py", "shop/stock/api/late.py"} - {"shop/stock/prices.csv"}
    assert not [line for line in findings(session) if "late" in line]
    assert session.plan_path.read_text() == added


def test_files_that_are_gone_leave_an_edited_plan(shop: Path, session: Session) -> None:
    session.plan_path.write_text("# mine\n" + session.plan_path.read_text())
    (shop / "shop/stock/prices.csv").unlink()
    commit(shop)
    assert "shop/stock/prices.csv: is gone; taken out of the plan" in findings(session)
    assert set(session.plan().file_moves) == MOVED.keys() - {"shop/stock/prices.csv"}
    assert session.plan_path.read_text().startswith("# mine\n")


def test_new_files_go_with_the_others_of_their_directory(shop: Path, session: Session) -> None:
    edit(session, (f"to: {BACKEND}/", "to: elsewhere/"))
    put(shop, {"shop/stock/late.py": ""})
    commit(shop)
    scanned(session)
    assert session.plan().file_moves["shop/stock/late.py"] == "elsewhere/late.py"


def test_excluded_files_are_not_added(shop: Path, session: Session) -> None:
    edit(session, ("exclude: []", "exclude: ['*.sql']"))
    put(shop, {"shop/stock/late.sql": ""})
    commit(shop)
    assert len(findings(session)) == 1
    assert set(session.plan().file_moves) == set(MOVED)


def test_nothing_is_said_of_files_that_are_excluded(tmp_path: Path) -> None:
    """What an excluded package re-exports is nobody's matter."""
    repo = make_repo(tmp_path / "shop", {**STOCK, "shop/stock/demo/__init__.py": "from nowhere.at_all import *\n"})
    session = session_for(repo, "shop.stock")
    scanned(session)
    assert "nowhere" in " ".join(findings(session))
    edit(session, ("exclude: []", "exclude: [shop/stock/demo/*]"), (
        "- from: shop/stock/demo/__init__.py\n  to: products/stock/backend/demo/__init__.py\n", ""))
    assert len(findings(session_for(repo))) == 1


def test_a_plan_written_by_a_person_decides_alone(shop: Path) -> None:
    session = session_for(shop, "shop.stock")
    text = (
        "product: stock\nsource: shop.stock\ntarget: products.stock.backend\nmodule_moves: {}\nfile_moves:\n"
        "- {from: shop/stock/items.py, to: items.py}\n"
    )
    session.plan_path.write_text(text)
    assert [line.partition(" -> ")[0] for line in findings(session)[1:]] == [
        "shop/stock/__init__.py: is not in the plan and stays",
        "shop/stock/prices.csv: is not in the plan and stays",
    ]
    assert session.plan_path.read_text() == text


def test_a_plan_written_by_a_person_may_move_files_inside_one_package(shop: Path) -> None:
    session = session_for(shop)
    text = (
        "product: stock\nsource: shop.stock\ntarget: shop.stock\nmodule_moves: {}\nfile_moves:\n"
        "- {from: shop/stock/items.py, to: shop/stock/goods/items.py}\n- {from: shop/money.py, to: shop/stock/cash.py}\n"
    )
    session.plan_path.write_text(text)
    for _ in range(2):
        assert len(findings(session)) == 1
        assert session.plan_path.read_text() == text
    (shop / "shop/stock/items.py").unlink()
    put(shop, {"shop/stock/more.py": ""})
    commit(shop)
    assert findings(session_for(shop))[1:] == ["shop/stock/items.py: is gone; taken out of the plan"]


def test_an_edited_plan_says_where_the_roots_are(tmp_path: Path) -> None:
    repo = make_repo(tmp_path / "repo", {"code/shop/money.py": "", "pyproject.toml": ""})
    session = session_for(repo)
    session.plan_path.write_text(
        "product: stock\nsource: shop.money\ntarget: pay\nroots: [code]\nmodule_moves: {shop.money: pay}\nfile_moves:\n"
        "- {from: code/shop/money.py, to: code/pay.py}\n"
    )
    assert len(findings(session)) == 1


def test_an_edited_plan_of_another_move(session: Session) -> None:
    text = edit(session, ("product:", "# mine\nproduct:"))
    for other in (session_for(session.repo, "shop.money"), session_for(session.repo, "shop.stock", "x.y")):
        with pytest.raises(PlanError, match=r"is edited and moves shop.stock to products.stock.backend \(stock\), not"):
            scanned(other)
    assert session.plan_path.read_text() == text


def test_a_plan_of_the_scanner_gives_way_to_another(session: Session) -> None:
    scanned(session_for(session.repo, "shop.money", "pay"))
    assert session_for(session.repo).plan().file_moves == {"shop/money.py": "pay.py"}


@pytest.mark.parametrize(("raw", "words"), [
    (b"product: [", "not valid YAML"), (b"\xff", "is not UTF-8"), (b"", "expected a mapping"), (b"produkt: x\n", "produkt: unknown key"),
])
def test_an_edited_plan_that_can_t_be_used(shop: Path, raw: bytes, words: str) -> None:
    session = session_for(shop, "shop.stock")
    session.plan_path.write_bytes(raw)
    with pytest.raises(PlanError) as error:
        scanned(session)
    assert words in str(error.value)
    assert session.plan_path.read_bytes() == raw


def test_what_is_in_force_before_it_is_written(shop: Path, session: Session) -> None:
    found = Scan(scan(shop, "shop.stock", "products.stock.backend"), ())
    plan, text, notes = edited.in_force(session.plan_path, found.plan)
    assert (plan, text, notes) == (found.plan, session.plan_path.read_text(), [])
    assert reading.loads(text) == plan

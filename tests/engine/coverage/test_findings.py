from __future__ import annotations

import dataclasses
from pathlib import Path

import pytest

from migration.core.changes import ChangeSet, Rename
from migration.engine.coverage.findings import Place, covered, message, places, remedy
from migration.engine.moves_of_plan import moves_of
from migration.plan.plan import Plan
from migration.repo.tree.project import Project
from migration.repo.tree.tree import Tree
from tests.engine.coverage.tools import CODE, Moved

FILES = {**CODE, "pytest.ini": "[pytest]\ntestpaths = shop\n", "CODEOWNERS": "shop/ @shop\nshop/stock/ @stock\n"}


def listed(**plan_of: object) -> list[Place]:
    """What is listed of a move of shop.stock, with more in its plan."""
    before = Tree(Path(), dict.fromkeys(FILES, "100644"), {path: text.encode() for path, text in FILES.items()})
    moves = {path: path.replace("shop/stock", "products/stock") for path in FILES if path.startswith("shop/stock/")}
    plan = Plan("stock", "shop.stock", "products.stock", moves, {"shop.stock": "products.stock"})
    plan = dataclasses.replace(plan, **plan_of)  # type: ignore[arg-type]
    after = before.changed(ChangeSet(renames=tuple(Rename(old, new) for old, new in moves.items())))
    project = Project(Path(), (".",), before, after, lambda needles: [])
    return list(places(plan, covered(plan, before, after, moves_of(plan, project), lambda needles: [])))


def test_nothing_is_listed_where_nothing_moves() -> None:
    assert listed(file_moves={}) == []


def test_each_line_is_listed_once_with_what_to_do() -> None:
    owners, tests = listed()
    assert (owners.path, owners.line, owners.decided) == ("CODEOWNERS", 2, "")
    assert tests.message == "pytest: testpaths: `shop` no longer takes in products/stock/test_x.py (before: collected)"
    assert tests.remedy == (
        "`cover: {pytest.ini: add}` in moves.yml writes `products/stock` there, "
        "`cover: {pytest.ini: leave}` in moves.yml leaves it as it is"
    )


@pytest.mark.parametrize(("plan", "decided"), [
    ({"cover": {"pytest.ini": "leave"}}, "listed under cover in moves.yml"),
    ({"cover": {"*": {"shop": "leave"}}}, "listed under cover in moves.yml"),
    ({"exclude": ("*.ini",)}, "listed under exclude in moves.yml"),
])  # fmt: skip
def test_what_the_plan_leaves_is_listed_as_decided(plan: dict[str, object], decided: str) -> None:
    assert [(at.path, at.decided) for at in listed(**plan)] == [("CODEOWNERS", ""), ("pytest.ini", decided)]


@pytest.mark.parametrize(("files", "said"), [
    ({".dockerignore": "*\n!shop\n"}, ".dockerignore: patterns: `!shop` no longer lets in 2 files (products/stock/backend/__init__.py, …) (now: ignored)"),
    ({".prettierignore": "products/*/*/test*\n"}, ".prettierignore: patterns: `products/*/*/test*` now takes in products/stock/backend/test_x.py (now: ignored)"),
    ({"pytest.ini": "[pytest]\nnorecursedirs = backend\n"}, "pytest: testpaths: `backend` now leaves out products/stock/backend/test_x.py (before: collected)"),
    ({"shop/.gitignore": "*.log\n"}, ".gitignore: patterns: `*.log` no longer takes in files that may come in products/stock/backend (before: ignored)"),
    ({"shop/ruff.toml": ""}, "ruff: settings: `ruff.toml` no longer takes in 2 files (products/stock/backend/__init__.py, …) (before: shop/ruff.toml)"),
])  # fmt: skip
def test_a_gap_in_words(files: dict[str, str], said: str) -> None:
    (gap,) = Moved(files).gaps()
    assert message(gap) == said


def test_a_file_that_can_t_be_read_is_listed_unless_the_plan_leaves_it(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(FILES, "setup.cfg", "")
    monkeypatch.setitem(FILES, "pyproject.toml", "packages = ['shop'\n")
    (place,) = [at for at in listed() if at.path == "pyproject.toml"]
    assert (place.line, place.decided) == (0, "")
    assert place.message.startswith("can't be read (") and place.message.endswith("), so what it takes in is not known")
    (left,) = [at for at in listed(cover={"*": "leave"}) if at.path == "pyproject.toml"]
    assert left.decided == "listed under cover in moves.yml"
    monkeypatch.setitem(FILES, "pyproject.toml", "packages = ['crm'\n")
    assert [at.path for at in listed() if at.path == "pyproject.toml"] == []


def test_a_line_that_says_it_stays_is_not_listed(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(FILES, "pytest.ini", "[pytest]\ntestpaths =\n    shop\n")
    assert "pytest.ini" in {at.path for at in listed()}
    monkeypatch.setitem(FILES, "pytest.ini", "[pytest]\n# phased-migration: keep\ntestpaths = shop\n")
    assert "pytest.ini" not in {at.path for at in listed()}


def test_what_to_do_where_we_write_nothing() -> None:
    ((gap, mend),) = Moved({"Dockerfile": "FROM a\nCOPY crm shop /app/\n", "crm/x": ""}).settled().open
    assert remedy(gap, mend) == "see to the new place by hand, or `cover: {Dockerfile: leave}` in moves.yml leaves it as it is"

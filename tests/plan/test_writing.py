from __future__ import annotations

from dataclasses import replace
from pathlib import Path
from textwrap import dedent
from typing import Any

import pytest
import yaml

from migration.core.errors import PlanError
from migration.plan import writing
from migration.plan.plan import App, Model, Plan, Trial
from migration.plan.reading import load, loads
from migration.plan.writing import add_file_moves, render, written_by_scanner

FULL = Plan(
    "shop", "old.shop", "new.shop",
    {"old/shop/a b.py": "new/shop/a b.py", "old/shop/ü: #.txt": "new/shop/ü: #.txt", "old/shop/no": "new/shop/no",
     "old/shop/" + "long name " * 20: "new/x", "old/1": "new/1.0"},
    {"old.shop": "new.shop"}, {"old.shop": {"Y": "old.shop.a", "on": "old.shop.b"}}, (".", "src"), True,
    App("extraction", "core", "shop", "new.shop.apps.ShopConfig", "", "django.db.models.AutoField",
        (Model("Thing", "old.shop.a", 'core"thing'), Model("No", "old.shop.a", "1"))),
    ("**/*.lock", "*"), ("old.shop stays", "yes"),
    trial=Trial(("[::1]:80", "/run/1.sock"), ("git", "1")),
)


# ---- what is kept

@pytest.mark.parametrize("plan", [
    FULL,
    Plan("shop", "a", "b", {}, {}, django=False),
    Plan("shop", "a", "b", {"a.py": "b.py"}, {"a": "b"}, app=App("app", "a", "a", "b.apps.A", "a", "", ())),
])
def test_what_is_written_reads_the_same(plan: Plan, tmp_path: Path) -> None:
    text = render(plan)
    assert loads(text) == plan
    assert render(loads(text)) == text
    assert written_by_scanner(text)
    (tmp_path / "moves.yml").write_text(text, encoding="utf-8")
    assert load(tmp_path / "moves.yml") == plan
    assert loads(text.replace("\n", "\r\n")) == plan


@pytest.mark.parametrize("edit", [
    lambda text: text + "# mine\n",
    lambda text: text.replace("shop", "store"),
    lambda text: text.split("\n", 1)[1],
    lambda text: "\n" + text,
    lambda text: "",
])
def test_an_edited_plan_is_not_the_scanners(edit: object) -> None:
    assert not written_by_scanner(edit(render(FULL)))  # type: ignore[operator]


# ---- mistakes, each with its line


# ---- adding files to a plan that a person has edited

@pytest.mark.parametrize("entries", [
    "- from: old/a.py\n  to: new/shop/a.py\n",
    "  - from: old/a.py\n    to: new/shop/a.py\n",
    "    -   from: old/a.py   # mine\n        to: new/shop/a.py\n",
    "- from: old/a.py\n\n  # between\n  to: new/shop/a.py  # behind\n  # and below\n\n\n",
    "# above\n- {from: old/a.py,\n   to: new/shop/a.py}\n# below\n",
    "- # ü\n  from: old/a.py\n  to: new/shop/a.py\n",
    "-\n  from: old/a.py\n  to: new/shop/a.py\n",
    "- to: new/shop/a.py\n  from: 'old/a.py'\n\n# about the next key\n",
])
@pytest.mark.parametrize("ending", ["module_moves: {old: new.shop}\n", "module_moves: {old: new.shop}", None])
def test_new_files_are_added_behind_the_last(entries: str, ending: str | None) -> None:
    head = "# mine: ü\nproduct:   shop\nsource: old\ntarget: new.shop\n"
    if ending is None:
        head, ending = head + "module_moves: {old: new.shop}\n", ""
    text = head + "file_moves:  # all\n" + entries + ending
    more = {"old/ü.py": "new/shop/ü.py", "old/no": "new/shop/no"}
    after = add_file_moves(text, more)
    assert loads(after).file_moves == {"old/a.py": "new/shop/a.py", **more}
    kept = iter(after.splitlines())
    assert all(line in kept for line in text.splitlines())  # all old lines, in their order
    assert len(after.splitlines()) == len(text.splitlines()) + 4
    assert loads(add_file_moves(after, {"z": "y"})).file_moves == {"old/a.py": "new/shop/a.py", **more, "z": "y"}


@pytest.mark.parametrize("line", ["file_moves: [{from: a, to: b}]", "file_moves: []", "file_moves:", "other: 1"])
def test_where_nothing_can_be_added(line: str) -> None:
    with pytest.raises(PlanError, match="block list") as error:
        add_file_moves(line + "\n", {"x": "y"})
    assert error.value.details == ("- {from: x, to: y}",)


def test_the_order_of_keys_is_the_readers() -> None:
    assert list(yaml.safe_load(render(FULL))) == [
        "product", "source", "target", "roots", "django", "app", "module_moves", "file_moves", "symbol_remap", "exclude",
        "include", "keep", "prose", "tasks", "format", "imports", "deploy", "trial", "cover",
    ]
    assert dedent(render(FULL)).startswith("# Written by scan_moves (")


EDITED = """\
# ours
product: shop
source: a.b
target: c
app:
  kind: extraction
  models:
    One: {module: a.b.m, table: one}  # first
    # between
    Two:
      module: a.b.m
      table: two
module_moves: {a.b: c}
file_moves:
- from: a/b/m.py
  to: c/m.py
# about the next
- {from: a/b/n.py, to: c/n.py}
- from: a/b/o.py
  to: c/o.py
"""


def test_files_that_are_gone_leave_an_edited_plan() -> None:
    assert writing.drop_file_moves(EDITED, {"a/b/x.py"}) == EDITED
    assert writing.drop_file_moves(EDITED, {"a/b/n.py"}) == EDITED.replace("- {from: a/b/n.py, to: c/n.py}\n", "")
    left = writing.drop_file_moves(EDITED, {"a/b/m.py", "a/b/o.py"})
    assert left == EDITED.replace("- from: a/b/m.py\n  to: c/m.py\n", "").replace("- from: a/b/o.py\n  to: c/o.py\n", "")
    assert writing.drop_file_moves("file_moves: [{from: a, to: b}]\n", {"a"}) == "file_moves: [{from: a, to: b}]\n"


def test_new_models_join_an_edited_plan() -> None:
    text = writing.add_models(EDITED, [Model("Three", "a.b.n", "three")])
    assert text == EDITED.replace("      table: two\n", "      table: two\n    Three:\n      module: a.b.n\n      table: three\n")
    with pytest.raises(PlanError) as error:
        writing.add_models("app: {models: {}}\n", [Model("Three", "a.b.n", "three")])
    assert error.value.details == ("Three: {module: a.b.n, table: three}",)


@pytest.mark.parametrize(("cover", "text"), [
    ({}, "cover: ask\n"),
    ({"*": "add"}, "cover: add\n"),
    ({"a.ini": "leave", "b": {"shop/": "add"}}, "cover:\n  a.ini: leave\n  b:\n    shop/: add\n"),
])
def test_cover_in_short_where_it_is_one_word(cover: dict[str, Any], text: str) -> None:
    plan = replace(FULL, cover=cover)
    assert render(plan).endswith(text)
    assert loads(render(plan)) == plan

"""What a commit tells of the plan is enough to write it again."""

from __future__ import annotations

import json
from dataclasses import replace

import pytest

from migration.plan import reading, writing
from migration.plan.in_commits import beginning, is_edited, line, text, told
from migration.plan.plan import App, Model, Plan

FILES = ("shop/stock/__init__.py", "shop/stock/items.py", "shop/stock/sub/data.csv")
PLAN = Plan(
    "stock", "shop.stock", "products.stock", {old: old.replace("shop/", "products/") for old in FILES},
    {"shop.stock": "products.stock"},
)
MODELS = App("extraction", "shop", "stock", "products.stock.apps.StockConfig", models=tuple(
    Model(name, "shop.stock.models", f"shop_{name.lower()}") for name in ("Item", "Price")
))


def edited(plan: Plan, *pairs: tuple[str, str]) -> str:
    found = writing.render(plan)
    for old, new in pairs:
        assert old in found, old
        found = found.replace(old, new)
    return found + "# mine\n"


def again(found: str, plan: Plan, now: Plan | None = None) -> Plan:
    """The plan that is told of another one, where a scan finds the usual."""
    said = told(f"Move it\n\n    {line(found, reading.loads(found), FILES)}\n", "stock")
    assert said is not None and is_edited(said)
    return reading.loads(text(said, now or plan, plan))


# ---- what a scan finds again is not told


def test_a_plan_that_nobody_has_edited() -> None:
    said = line(writing.render(PLAN), PLAN, FILES)
    assert said == 'Phased-Migration-Plan: {"product": "stock", "source": "shop.stock", "target": "products.stock"}'
    assert said.startswith(beginning("stock")) and not is_edited(told(said, "stock") or {})


@pytest.mark.parametrize("message", [
    "", "Phased-Migration-Plan: {", 'Phased-Migration-Plan: {"product": "stock", "source": 1}',
    'Phased-Migration-Plan: {"product": "stock", ' + "[" * 100_000,
    'Phased-Migration-Plan: {"product": "other", "source": "a", "target": "b"}',
])  # fmt: skip
def test_what_can_t_be_used_is_told_by_nobody(message: str) -> None:
    assert told(message, "stock") is None


# ---- what is


def test_what_a_person_has_edited() -> None:
    found = edited(
        PLAN, ("exclude: []", "exclude: ['*.sql']"), ("prose: 'yes'", "prose: 'no'"), ("imports: package", "imports: concrete"),
        ("to: products/stock/items.py", "to: lib/things.py"),
        ("- from: shop/stock/sub/data.csv\n  to: products/stock/sub/data.csv\n", ""),
        ("module_moves:\n", "module_moves:\n  shop.stock.items: lib.things\n"),
    )
    plan = reading.loads(found)
    said = json.loads(line(found, plan, FILES).partition(": ")[2])
    assert (said["file_moves"], said["stays"]) == ({"shop/stock/items.py": "lib/things.py"}, ["shop/stock/sub/data.csv"])
    assert set(said) == {"product", "source", "target", "exclude", "prose", "imports", "module_moves", "file_moves", "stays"}
    assert again(found, PLAN) == plan


def test_models_that_a_person_took_out() -> None:
    whole = replace(PLAN, app=MODELS)
    found = edited(whole, ("label: stock", "label: store"), ("    Price:\n      module: shop.stock.models\n      table: shop_price\n", ""))
    assert again(found, whole) == reading.loads(found)
    late = Model("Late", "shop.stock.models", "shop_late")
    now = replace(whole, app=replace(MODELS, models=(*MODELS.models, late)), file_moves={**PLAN.file_moves, "shop/stock/x.py": "products/stock/x.py"})
    plan = again(found, whole, now)
    assert [model.name for model in plan.app.models] == ["Item", "Late"] and plan.app.label == "store"
    assert plan.file_moves["shop/stock/x.py"] == "products/stock/x.py"

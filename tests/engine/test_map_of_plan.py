from __future__ import annotations

from migration.engine.map_of_plan import map_of
from migration.plan.plan import App, Model, Plan


def test_what_stays_is_left_out() -> None:
    said = map_of(Plan("p", "a", "a", {"a/x.py": "a/x.py"}, {"a": "a"}, app=App("app", "a", "a", models=(Model("M", "a.x", "a_m"),))))
    assert said == {"product": "p", "source": "a", "target": "a", "modules": {}, "symbols": {}, "paths": {}, "labels": {}}


def test_modules_follow_their_files_and_symbols_their_modules() -> None:
    moves = {"src/a/b/__init__.py": "src/p/__init__.py", "src/a/b/x.py": "src/q/y.py", "src/a/b/t.html": "src/p/t.html"}
    remap = {"a.b": {"f": "a.b.x", "g": "other.g"}}
    said = map_of(Plan("p", "a.b", "p", moves, {"a.b": "p", "a.b.n": "p.n"}, remap, roots=("src", ".")))
    assert said["modules"] == {"a.b": "p", "a.b.n": "p.n", "a.b.x": "q.y"}
    assert said["symbols"] == {"a.b.f": "q.y.f", "a.b.g": "other.g.g"}
    assert said["paths"] == moves


def test_labels_of_models() -> None:
    app = App("extraction", "shop", "stock", models=(Model("Item", "shop.stock.items", "shop_item"),))
    assert map_of(Plan("p", "shop.stock", "p", {}, {}, app=app))["labels"] == {"shop.Item": "stock.Item"}

from __future__ import annotations

from dataclasses import replace

import pytest

from migration.django.label_templates import relabelled, unfound
from migration.plan.plan import App, Model, Plan

APP = App("extraction", "shop", "stock", models=(Model("Item", "shop.stock.models", "shop_item"), Model("BigBox", "", "")))
PLAN = Plan("stock", "shop.stock", "products.stock", {"shop/stock/a.py": "products/stock/a.py"}, {}, app=APP)


@pytest.mark.parametrize(
    "path",
    [
        "shop/templates/shop/base.html",
        "shop/templates/shop/item.html",
        "shop/templates/shop/item_mail.html",
        "shop/templates/shop/items_list.html",
        "shop/templates/shop/order_list.html",
        "shop/templates/shop/item_list/x.html",
        "shop/templates/shop/item/change_form.html",
        "shop/templates/admin/shop/item",
        "shop/templates/admin/shop/order/change_form.html",
        "shop/templates/admin/shop/change_form.html",
        "shop/templates/admin/other/item/change_form.html",
        "shop/templates/my/admin/shop/item/change_form.html",
        "shop/admin/shop/item/change_form.html",
        "docs/shop/item_list.html",
    ],
)
def test_names_that_stay(path: str) -> None:
    assert relabelled(path, APP) == path
    assert relabelled(path, replace(APP, models=())) == path


@pytest.mark.parametrize("kind", ["app", "package"])
def test_a_label_that_stays(kind: str) -> None:
    path = "shop/templates/admin/shop/item/change_form.html"
    for app in (replace(APP, kind=kind, label="shop"), replace(APP, kind="package")):
        assert relabelled(path, app) == path
        assert unfound(replace(PLAN, app=app), [path]) == []


@pytest.mark.parametrize(
    ("name", "expected"),
    [
        ("admin/shop/item/change_form.html", "admin/stock/item/change_form.html"),
        ("admin/shop/bigbox/a/b.html", "admin/stock/bigbox/a/b.html"),
        ("shop/item_list.html", "stock/item_list.html"),
        ("shop/bigbox_confirm_delete.html", "stock/bigbox_confirm_delete.html"),
        ("shop/item_archive_day.html", "stock/item_archive_day.html"),
        ("shop/item_detail.txt", "stock/item_detail.txt"),
    ],
)
@pytest.mark.parametrize("above", ["templates/", "shop/templates/", "shop/stock/jinja2/", "shop/templates/x/templates/"])
def test_names_that_follow(above: str, name: str, expected: str) -> None:
    assert relabelled(above + name, APP) == above + expected


def test_what_stays_is_listed() -> None:
    tree = [
        "shop/stock/a.py",
        "shop/stock/templates/admin/shop/item/x.html",
        "shop/templates/admin/shop/change_form.html",
        "shop/templates/admin/shop/order/change_form.html",
        "templates/admin/shop/item/change_form.html",
    ]
    plan = replace(PLAN, file_moves={**PLAN.file_moves, tree[1]: "products/stock/templates/admin/stock/item/x.html"})
    assert "shop/templates/shop/items_list.html" not in [finding.path for finding in unfound(plan, [*tree, "shop/templates/shop/items_list.html"])]
    general, own = unfound(plan, tree)
    assert general.path == tree[2] and "copy it to admin/stock/" in str(general)
    assert own.path == tree[4] and "git mv it to templates/admin/stock/item/change_form.html" in str(own)
    assert [finding.path for finding in unfound(replace(plan, exclude=("templates/*",)), tree)] == [tree[2]]


def test_what_moves_with_an_app_that_gets_another_label_is_listed_at_its_new_place() -> None:
    tree = ["shop/templates/admin/shop/item/x.html", "shop/templates/admin/shop/app_index.html", "shop/templates/shop/a.html"]
    moves = {path: path.replace("shop/", "stock/", 1) for path in tree}
    found = unfound(replace(PLAN, app=replace(APP, kind="app"), file_moves=moves), tree)
    assert [finding.path for finding in found] == [moves[tree[0]], moves[tree[1]]]
    assert "git mv it to stock/templates/admin/stock/item/x.html" in str(found[0])
    assert "copy it to admin/stock/" in str(found[1])


@pytest.mark.parametrize("name", ["shop/items_x.html", "shop/order_update_form.html", "shop/item.html", "my/shop_item_x.html"])
def test_names_that_nothing_makes_of_a_model(name: str) -> None:
    assert unfound(PLAN, [f"core/templates/{name}"]) == []


@pytest.mark.parametrize(
    ("name", "new"),
    [
        ("shop/item_update_form.html", "stock/item_update_form.html"),
        ("search/indexes/shop/item_text.txt", "search/indexes/stock/item_text.txt"),
        ("comments/shop/item/form.html", "comments/stock/item/form.html"),
        ("a/b/shop/bigbox_filter.html", "a/b/stock/bigbox_filter.html"),
    ],
)
def test_names_that_something_may_make_of_a_model_are_listed(name: str, new: str) -> None:
    (finding,) = unfound(PLAN, [f"core/templates/{name}"])
    assert str(finding) == (
        f"core/templates/{name}: a template below the label shop and named after a model that leaves it "
        f"-> see whether something looks for it by the model; then git mv it to core/templates/{new}"
    )
    assert unfound(replace(PLAN, app=replace(APP, label="shop", kind="app")), [f"core/templates/{name}"]) == []

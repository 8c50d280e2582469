from __future__ import annotations

import dataclasses

import pytest

from migration.core.moves import Moves
from migration.rewriters import templates
from tests.rewriters.alone import check, check_text

OLD, NEW = "shop/stock", "products/stock/backend"
FILES = {
    f"{OLD}/templates/stock/x.html": f"{NEW}/templates/products_stock/x.html",
    f"{OLD}/templates/stock/mail/a.txt": f"{NEW}/templates/products_stock/mail/a.txt",
    f"{OLD}/templates/other/y.html": f"{NEW}/templates/other/y.html",
    f"{OLD}/static/stock/x.css": f"{NEW}/static/products_stock/x.css",
    f"{OLD}/util.py": f"{NEW}/util.py",
}
DIRECTORIES = {
    f"{OLD}/templates/stock": f"{NEW}/templates/products_stock",
    f"{OLD}/templates/stock/mail": f"{NEW}/templates/products_stock/mail",
    f"{OLD}/templates/other": f"{NEW}/templates/other",
    f"{OLD}/static/stock": f"{NEW}/static/products_stock",
}
MODULES = {f"shop.stock{name}": True for name in ("", ".templatetags", ".templatetags.stock_tags", ".templatetags.same")}
MOVED = {
    "shop.stock": "products.stock.backend",
    "shop.stock.templatetags": "products.stock.backend.templatetags",
    "shop.stock.templatetags.stock_tags": "products.stock.backend.templatetags.products_stock",
    "shop.stock.templatetags.same": "products.stock.backend.templatetags.same",
}
LABELS = {"shop.Item": "stock.Item", "shop.BigBox": "stock.BigBox"}
MOVES = Moves(MODULES, MOVED, {"shop.stock": "products.stock.backend"}, files=FILES, directories=DIRECTORIES, labels=LABELS)
# A product that keeps its names: only what stands before ``templates`` changes.
PLAIN = Moves(
    {}, {}, {}, files={old: old.replace(OLD, NEW) for old in FILES}, directories={old: old.replace(OLD, NEW) for old in DIRECTORIES}
)

PYTHON = [
    ('render(request, "stock/x.html")', 'render(request, "products_stock/x.html")'),
    ("render(request, 'stock/x.html', {})", "render(request, 'products_stock/x.html', {})"),
    ('template_name = "stock/x.html"', 'template_name = "products_stock/x.html"'),
    ('get_template("stock/mail/a.txt")', 'get_template("products_stock/mail/a.txt")'),
    ('select_template(["a.html", "stock/x.html"])', 'select_template(["a.html", "products_stock/x.html"])'),
    ('static("stock/x.css")', 'static("products_stock/x.css")'),
    ('render_to_string(f"stock/{x}.html")', 'render_to_string(f"products_stock/{x}.html")'),
    ('render_to_string(f"stock/mail/{x}.txt")', 'render_to_string(f"products_stock/mail/{x}.txt")'),
    ('render_to_string("stock/%s.html" % x)', 'render_to_string("products_stock/%s.html" % x)'),
    ("Template(\"{% load stock_tags %}{% include 'stock/x.html' %}\")", "Template(\"{% load products_stock %}{% include 'products_stock/x.html' %}\")"),
    ('reverse("admin:shop_item_changelist")', 'reverse("admin:stock_item_changelist")'),
    ('reverse("staff:shop_bigbox_export", args=[1])', 'reverse("staff:stock_bigbox_export", args=[1])'),
    ('reverse(f"admin:shop_item_{action}")', 'reverse(f"admin:stock_item_{action}")'),
    ('user.has_perm("shop.view_item")', 'user.has_perm("stock.view_item")'),
    ('permission_required = ("shop.change_bigbox", "x.y")', 'permission_required = ("stock.change_bigbox", "x.y")'),
    ('url = f"{SITE}/admin/shop/item/{pk}/change/"', 'url = f"{SITE}/admin/stock/item/{pk}/change/"'),
]
TEXT = [
    ('{% extends "stock/x.html" %}', '{% extends "products_stock/x.html" %}'),
    ("{%- include 'stock/x.html' with a=1 only -%}", "{%- include 'products_stock/x.html' with a=1 only -%}"),
    ('{% import "stock/x.html" as x %}', '{% import "products_stock/x.html" as x %}'),
    ('{% include "stock/" ~ name %}', '{% include "products_stock/" ~ name %}'),
    ("<link href=\"{% static 'stock/x.css' %}\">", "<link href=\"{% static 'products_stock/x.css' %}\">"),
    ("{{ static('stock/x.css') }}", "{{ static('products_stock/x.css') }}"),
    ("{% load i18n stock_tags same %}", "{% load i18n products_stock same %}"),
    ("{% load stock_tags from stock_tags %}", "{% load stock_tags from products_stock %}"),
    ("{% url 'admin:shop_item_change' item.pk %}", "{% url 'admin:stock_item_change' item.pk %}"),
    ("{% if perms.shop.view_item and a %}", "{% if perms.stock.view_item and a %}"),
    ("{% if 'shop.add_item' in perms %}", "{% if 'stock.add_item' in perms %}"),
    ("{{ perms.shop.delete_bigbox }}", "{{ perms.stock.delete_bigbox }}"),
    ('<a href="/admin/shop/item/3/change/">', '<a href="/admin/stock/item/3/change/">'),
]


@pytest.mark.parametrize(
    "text",
    [
        '"stock"',
        '"stock/"',
        '"stock/z.html"',
        '"other/y.html"',
        '"my/stock/x.html"',
        '"stock/x.html.bak"',
        '"see stock/x.html"',
        'path("stock/", include(x))',
        'f"stock/{x}"',
        '"stock/" + x',
        '"admin:shop_item"',
        '"shop_item_change"',
        '"admin:shop_items_change"',
        '"admin:shop_order_change"',
        '"shop.view_order"',
        '"shop.view_items"',
        '"shop.item"',
        '"shop.Item"',
        'has_perm("shop.view_order")',
        'has_perm("other.sell")',
        'has_perm("shop.sell_box")',
        '"admin/shop/item/change_form.html"',
        '"/admin/shop/items/"',
        '"/admin/shop/item/change_form.html"',
        'b"stock/x.html"',
    ],
)
def test_untouched_in_python(text: str) -> None:
    check(templates, f"x = {text}\n", moves=MOVES)
    check(templates, f'"""stock/x.html admin:shop_item_change"""\n# {text}\n', moves=MOVES)


@pytest.mark.parametrize(("text", "_"), PYTHON)
def test_untouched_where_names_stay(text: str, _: str) -> None:
    check(templates, f"{text}\n", moves=PLAIN)


@pytest.mark.parametrize(("text", "_"), TEXT)
def test_untouched_in_text_where_names_stay(text: str, _: str) -> None:
    check_text(templates, text, moves=PLAIN)


@pytest.mark.parametrize(
    "text",
    [
        "stock/x.html stock_tags admin:shop_item_change perms.shop.view_item",
        '<a href="stock/x.html">',
        '{% include "other/y.html" %}',
        '{% include "stock/z.html" %}',
        "{% include stock_tags %}",
        "{# {{ stock_tags }} #}",
        "{% load same %}",
        "{% url 'shop_item_change' %}",
        "{{ perms.shop.view_items }} {{ perms.shop.sell_item }} {{ x.perms.shop.view_item }}",
        '{% extends "./base.html" %}',
    ],
)
def test_untouched_in_text(text: str) -> None:
    check_text(templates, text, moves=MOVES)
    check_text(templates, text, path=f"{OLD}/templates/stock/x.html", moves=MOVES)


@pytest.mark.parametrize(("text", "expected"), PYTHON)
def test_python(text: str, expected: str) -> None:
    check(templates, f"if x:\n    {text}\n", f"if x:\n    {expected}\n", moves=MOVES)


@pytest.mark.parametrize(("text", "expected"), TEXT)
def test_text(text: str, expected: str) -> None:
    check_text(templates, f"é\r\n{text}\r\n", f"é\r\n{expected}\r\n", moves=MOVES)


def test_kinds() -> None:
    text = "x = 'stock/x.html', 'admin:shop_item_change', 'shop.view_item'\n"
    expected = "x = 'products_stock/x.html', 'admin:stock_item_change', 'stock.view_item'\n"
    references = check(templates, text, expected, moves=MOVES)
    assert [reference.kind for reference in references] == ["template", "url name", "permission"]


def test_relative_names_of_templates() -> None:
    path = f"{OLD}/templates/stock/x.html"
    check_text(templates, '{% include "./mail/a.txt" %}{% extends "../other/y.html" %}', path=path, moves=MOVES)
    check_text(
        templates,
        '{% include "../stock/x.html" %}',
        '{% include "../products_stock/x.html" %}',
        path=f"{OLD}/templates/other/y.html",
        moves=MOVES,
    )


@pytest.mark.parametrize(
    ("text", "reason"),
    [
        ("open('stock/x.html')", "here it may be a file"),
    ],
)
def test_listed(text: str, reason: str) -> None:
    check(templates, f"x = {text}\n", moves=MOVES, left=[reason])


def test_migrations_speak_of_the_past() -> None:
    text = "x = 'shop.view_item'\n"
    check(templates, text, path="shop/migrations/0001_initial.py", moves=MOVES, left=["kept: a migration"])


def test_what_the_plan_keeps() -> None:
    moves = dataclasses.replace(MOVES, keep=frozenset({"stock/x.html", "admin:shop_item_change"}))
    check(templates, "x = 'stock/x.html', 'admin:shop_item_change'\n", moves=moves)
    check_text(templates, "{% include 'stock/x.html' %}", moves=moves)


def test_needles() -> None:
    assert templates.needles(PLAIN) == ()
    assert {b"stock/x.html", b"stock/", b"stock_tags", b"item", b"bigbox"} <= set(templates.needles(MOVES))

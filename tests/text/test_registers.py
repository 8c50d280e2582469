from __future__ import annotations

import pytest

from migration.text import registers
from migration.text.passage import Passage, Place
from migration.text.registers import is_route, register
from tests.rewriters.tools import WAREHOUSE

NAME = "shop.stock"


def register_in(text: str, path: str) -> str:
    data = text.encode()
    start = data.index(NAME.encode())
    return register(Passage(data, WAREHOUSE, "x", Place(path)), start, start + len(NAME))


@pytest.mark.parametrize(
    ("path", "text"),
    [
        ("a.json", '{"handler": "shop.stock.Handler"}'),
        ("a.json", '{"namespace": "shop.stock"}'),  # of no schema: a package, perhaps
        ("a.json", '{"shop.stock": 1}'),
        ("locale/en.json", '{"see": "shop.stock"}'),
        ("docs/a.rst", ":mod:`shop.stock`"),
        ("docs/a.rst", ".. automodule:: shop.stock"),
        ("docs/a.rst", "See shop.stock_ and shop.stock."),
        ("pyproject.toml", '[tool.shop.stock]\n[project.scripts]\nx = "shop.stock:main"'),
        ("pyproject.toml", '[project.entry-points.x]\na = "shop.stock:main"'),
        ("setup.cfg", "[options.entry_points]\nconsole_scripts =\n    x = shop.stock:main"),
        ("setup.cfg", "[other]\nshop.stock =\n    x = 1"),
        ("a.yml", "portable: shop.stock"),
        ("a.yml", "queue_class: shop.stock"),
    ],
)
def test_what_is_a_module_by_its_place(path: str, text: str) -> None:
    assert register_in(text, path) == ""


@pytest.mark.parametrize(
    ("path", "text", "what"),
    [
        ("item.avsc", '{"namespace": "shop.stock"}', registers.SCHEMA),
        ("item.json", '{"type": "record", "namespace" : "shop.stock"}', registers.SCHEMA),
        ("locale/en.json", '{"shop.stock": "Stock"}', registers.MESSAGE),
        ("src/i18n/de/a.yml", "shop.stock.title: Titel", registers.MESSAGE),
        ("web/translations/x.properties", "shop.stock=x", registers.MESSAGE),
        ("docs/a.rst", ".. _shop.stock:\n\nStock", registers.LABEL),
        ("docs/a.rst", "See :ref:`shop.stock`", registers.LABEL),
        ("docs/a.rst", "See :ref:`it <shop.stock>`", registers.LABEL),
        ("pyproject.toml", '[project.entry-points."shop.stock"]', registers.GROUP),
        ("pyproject.toml", '[tool.poetry.plugins."shop.stock"]', registers.GROUP),
        ("setup.cfg", "[options.entry_points]\nshop.stock =\n    x = a:main", registers.GROUP),
        ("a.yml", "  table: shop.stock", registers.TABLE),
        ("a.yml", "topic: 'shop.stock'", registers.QUEUE),
        ("a.toml", 'routing_key = "shop.stock"', registers.QUEUE),
    ],
)
def test_what_is_a_name_of_another_register(path: str, text: str, what: str) -> None:
    assert register_in(text, path) == what


@pytest.mark.parametrize(
    ("text", "route"),
    [
        ("GET /shop/stock/items", True),
        ("`DELETE /shop/stock`", True),
        ("- url: /shop/stock/.*", True),
        ("Disallow: /shop/stock/", True),
        ("location ~ /shop/stock", True),
        ("location /shop/stock {", True),
        ('"route": "/shop/stock"', True),
        ("see /shop/stock", False),
        ("FORGET /shop/stock", False),
        ("COPY /shop/stock", False),
        ("curl: /shop/stock", False),
    ],
)
def test_routes(text: str, route: bool) -> None:
    data = text.encode()
    assert is_route(data, 0, data.index(b"/shop")) is route

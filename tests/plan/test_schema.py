"""The JSON Schema for editors says what the reader of ``moves.yml`` says."""

from __future__ import annotations

import inspect
import json
import re
from pathlib import Path
from typing import Any

import jsonschema
import pytest
import yaml

from migration.core.errors import PlanError
from migration.plan import reading
from migration.plan.keys import PlanReader

CHECKOUT = Path(__file__).parents[2]
SCHEMA: dict[str, Any] = json.loads((CHECKOUT / "migration/moves.schema.json").read_text())
CHECK = jsonschema.Draft202012Validator(SCHEMA)

PLAIN = """\
product: stock
source: shop.stock
target: products.stock.backend
module_moves:
  shop.stock: products.stock.backend
file_moves:
- from: shop/stock/__init__.py
  to: products/stock/backend/__init__.py
"""
APP = PLAIN + """\
app:
  kind: extraction
  old_label: shop
  label: stock
  config: products.stock.backend.apps.StockConfig
  models:
    Item: {module: shop.stock.items, table: shop_item}
"""


def accepted(text: str) -> tuple[bool, bool]:
    """Whether the schema and the reader take a plan."""
    try:
        reading.loads(text)
    except PlanError:
        read = False
    else:
        read = True
    return CHECK.is_valid(yaml.safe_load(text)), read


def test_the_schema_is_one() -> None:
    jsonschema.Draft202012Validator.check_schema(SCHEMA)


def test_it_knows_the_same_keys() -> None:
    source = inspect.getsource(PlanReader.plan) + inspect.getsource(PlanReader.app)
    keys = set(re.findall(r'^ +"(\w+)": ', source, re.M)) - {"from", "to", "module", "table"}
    assert keys == {*SCHEMA["properties"], *SCHEMA["properties"]["app"]["properties"]}


def test_every_key_is_described() -> None:
    for key, value in {**SCHEMA["properties"], **SCHEMA["properties"]["app"]["properties"]}.items():
        assert value["description"].endswith("."), key


@pytest.mark.parametrize("text", [PLAIN, APP, PLAIN + "prose: no\n", PLAIN + "django: no\n", PLAIN + "roots: [., src/lib]\n",
                                  PLAIN + "tasks: rename\nimports: concrete\ndeploy: rolling\n", PLAIN + "cover: add\n", PLAIN + "trial: {}\n", PLAIN + "trial: {allow: ['a-b.example.com:443', '[::1]:65535', /run/x.sock], programs: [git]}\n",
                                  PLAIN + "cover: {a.ini: leave, b: {c: ask}}\n", PLAIN + "keep: [a.b]\nexclude: ['*.md']\ninclude: []\n"])
def test_what_both_take(text: str) -> None:
    assert accepted(text) == (True, True)


def test_the_bundled_plan() -> None:
    assert accepted((CHECKOUT / "moves/data_warehouse/moves.yml").read_text()) == (True, True)


@pytest.mark.parametrize("text", [
    "[]\n", PLAIN.replace("product: stock\n", ""), PLAIN.replace("stock\nsource", "my-stock\nsource"), PLAIN + "exlude: []\n",
    PLAIN.replace("target: products", "target: .products"), PLAIN + "roots: []\n", PLAIN + "django: perhaps\n", PLAIN + "prose: 3\n",
    PLAIN + "tasks: drop\n", PLAIN + "deploy: twice\n", PLAIN + "cover: all\n", PLAIN + "cover: [add]\n", PLAIN + "cover: {a: {b: c}}\n", PLAIN + "keep: yes\n", PLAIN + "keep: [1]\n", PLAIN + "exclude: ['']\n", PLAIN + "roots: [/usr]\n",
    PLAIN + "roots: [../x]\n", PLAIN + "roots: [a//b]\n", PLAIN + "roots: [.git/x]\n", PLAIN.replace("  to: products", "  to: ./products"),
    PLAIN.replace("- from: shop/stock/__init__.py\n", "- from: ''\n"), APP.replace("kind: extraction", "kind: move"),
    APP.replace("  label: stock\n", ""), APP.replace(", table: shop_item", ""), APP.replace("kind: extraction", "kind: app"),
    PLAIN + "symbol_remap:\n  shop.stock: {Item: 3}\n", PLAIN + "trial: [a:1]\n", PLAIN + "trial: {allow: ['a:65536']}\n", PLAIN + "trial: {allow: [a]}\n",
    PLAIN + "trial: {allow: ['http://a:80']}\n", PLAIN + "trial: {allow: ['a:0']}\n", PLAIN + "trial: {deny: []}\n", PLAIN + "trial: {programs: ['']}\n",
])
def test_what_both_refuse(text: str) -> None:
    assert accepted(text) == (False, False)

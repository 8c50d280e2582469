from __future__ import annotations

import pytest

from tests.engine.coverage.tools import Moved


@pytest.mark.parametrize(("path", "text"), [
    (".coveragerc", "[run]\nsource = .\nomit = */test_*.py\n"),
    (".coveragerc", "[run]\nsource = shop.billing\n"),
    ("pyproject.toml", "[tool.coverage.run]\nsource = ['shop', 'products']\n"),
    ("tox.ini", "[run]\nsource = shop\n"),
    ("codecov.yml", "ignore: ['**/tests']\nflags: {x: {paths: [docs/]}}\n"),
    ("sonar-project.properties", "sonar.sources=.\nsonar.exclusions=**/migrations/**\n"),
])  # fmt: skip
def test_settings_that_do_not_tell_the_places_apart(path: str, text: str) -> None:
    assert Moved({path: text}).told() == []


@pytest.mark.parametrize(("path", "text", "new"), [
    (".coveragerc", "[run]\nsource =\n    shop\n    crm\n", "    products.stock.backend"),
    ("pyproject.toml", "[tool.coverage.run]\nsource = ['shop']\n", "source = ['shop', 'products.stock.backend']"),
    ("setup.cfg", "[coverage:run]\nsource = ./shop\n", "source = ./shop,./products/stock/backend"),
    (".coveragerc", "[report]\nomit = shop/*\n", "omit = shop/*,products/stock/backend/*"),
    (".coveragerc", "[run]\ninclude = */shop/*\n", "include = */shop/*,products/stock/backend/**"),
    ("codecov.yml", "ignore:\n  - shop/**\n", "  - products/stock/backend/**"),
    ("codecov.yml", "flags:\n  x:\n    paths: [shop/]\n", "    paths: [shop/, products/stock/backend/]"),
    ("codecov.yml", "ignore:\n  - ^shop/.*\n", "  - ^products/stock/backend/.*"),
    ("sonar-project.properties", "sonar.sources=shop,crm\n", "sonar.sources=shop,products/stock/backend,crm"),
])  # fmt: skip
def test_what_is_measured_or_left_out_above_the_old_place_gets_an_entry(path: str, text: str, new: str) -> None:
    moved = Moved({path: text})
    assert len(moved.told()) == 1
    assert new in moved.mended()[path].splitlines()

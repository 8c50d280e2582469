from __future__ import annotations

import pytest

from tests.engine.coverage.tools import Moved


@pytest.mark.parametrize(("path", "text"), [
    ("mypy.ini", "[mypy]\nfiles = .\n"),
    ("mypy.ini", "[mypy]\nfiles = shop, products\n"),
    ("mypy.ini", "[mypy]\n[mypy-crm.*]\nignore_errors = True\n"),
    ("tox.ini", "[mypy]\nfiles = shop\n"),
    ("mypy.ini", "[mypy]\nexclude = /migrations/\n"),
    ("pyproject.toml", "[tool.mypy]\nexclude = ['^build/']\n"),
    ("pyrightconfig.json", '{"include": ["."]}'),
    ("pyrightconfig.json", '{"exclude": ["**/node_modules"]}'),
])  # fmt: skip
def test_settings_that_do_not_tell_the_places_apart(path: str, text: str) -> None:
    assert Moved({path: text}).told() == []


@pytest.mark.parametrize(("path", "text", "told", "new"), [
    ("mypy.ini", "[mypy]\nfiles = shop\n", "2 shop: checked -> ", "[mypy]\nfiles = shop,products/stock/backend\n"),
    ("setup.cfg", "[mypy]\npackages = crm, shop\n", "2 shop: checked -> ", "[mypy]\npackages = crm, shop, products.stock.backend\n"),
    ("pyproject.toml", "[tool.mypy]\npackages = ['shop']\n", "2 shop: checked -> ", "[tool.mypy]\npackages = ['shop', 'products.stock.backend']\n"),
    ("mypy.ini", "[mypy]\n[mypy-shop.*]\nignore_errors = True\n", "2 shop.*: ignore_errors = True -> ",
     "[mypy]\n[mypy-shop.*,products.stock.backend.*]\nignore_errors = True\n"),
    ("pyproject.toml", "[[tool.mypy.overrides]]\nmodule = ['crm.*', 'shop.*']\nstrict = true\ndisable_error_code = ['x']\n",
     'shop.*: strict = true, disable_error_code = ["x"] -> ',
     "[[tool.mypy.overrides]]\nmodule = ['crm.*', 'shop.*', 'products.stock.backend.*']\nstrict = true\ndisable_error_code = ['x']\n"),
    ("mypy.ini", "[mypy]\nexclude = ^shop/\n", "2 ^shop/:  -> checked", "[mypy]\nexclude = ^shop/|^products/stock/backend/\n"),
    ("mypy.ini", "[mypy]\nexclude = ^(crm|shop)/\n", "2 ^(crm|shop)/:  -> checked", "[mypy]\nexclude = ^(crm|shop|products/stock/backend)/\n"),
    ("pyproject.toml", "[tool.mypy]\nexclude = ['^shop/']\n", "2 ^shop/:  -> checked", "[tool.mypy]\nexclude = ['^shop/', '^products/stock/backend/']\n"),
    ("pyrightconfig.json", '{\n  // all\n  "include": [\n    "shop"\n  ]\n}\n', "4 shop: checked -> ",
     '{\n  // all\n  "include": [\n    "shop",\n    "products/stock/backend"\n  ]\n}\n'),
    ("pyrightconfig.json", '{"strict": ["shop/**"]}', "1 shop/**: strict -> ", '{"strict": ["shop/**", "products/stock/backend/**"]}'),
])  # fmt: skip
def test_settings_for_what_lies_above_the_old_place_get_an_entry(path: str, text: str, told: str, new: str) -> None:
    moved = Moved({path: text})
    assert [line.removeprefix(f"{path}:").removeprefix("2 " if told[0] == "s" else "") for line in moved.told()] == [told]
    assert moved.mended() == {path: new}

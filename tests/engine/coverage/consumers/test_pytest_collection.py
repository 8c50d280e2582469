from __future__ import annotations

import pytest

from tests.engine.coverage.tools import CODE, Moved

OTHERS = {path: text for path, text in CODE.items() if "test_x" not in path}


@pytest.mark.parametrize("text", [
    "[pytest]\naddopts = -q\n",
    "[pytest]\ntestpaths = .\n",
    "[pytest]\ntestpaths = shop products\n",
    "[pytest]\ntestpaths = shop/billing\n",
    "[pytest]\npython_files = check_*.py\ntestpaths = shop\n",
    "[pytest]\nnorecursedirs = build .git\n",
    "[pytest]\naddopts = --ignore=shop/billing\n",
    "[other]\ntestpaths = shop\n",
])  # fmt: skip
def test_settings_that_do_not_tell_the_places_apart(text: str) -> None:
    assert Moved({"pytest.ini": text}).told() == []


@pytest.mark.parametrize(("path", "text", "told", "line"), [
    ("pytest.ini", "[pytest]\ntestpaths = shop\n", "2 shop", "testpaths = shop products/stock/backend"),
    ("pytest.ini", "[pytest]\ntestpaths =\n    crm\n    shop/\n", "4 shop/", "    products/stock/backend/"),
    ("tox.ini", "[testenv]\n[pytest]\ntestpaths=crm shop\n", "3 shop", "testpaths=crm shop products/stock/backend"),
    ("setup.cfg", "[tool:pytest]\ntestpaths = ./shop\n", "2 ./shop", "testpaths = ./shop ./products/stock/backend"),
    ("pyproject.toml", "[tool.pytest.ini_options]\ntestpaths = 'shop'\n", "2 shop", "testpaths = 'shop products/stock/backend'"),
    ("pyproject.toml", "[tool.pytest.ini_options]\ntestpaths = [\n  'crm',\n  'shop',\n]\n", "4 shop", "  'products/stock/backend',"),
    ("pyproject.toml", "[tool.pytest.ini_options]\ntestpaths = ['sh*/stock']\n", "2 sh*/stock", "testpaths = ['sh*/stock', 'products/stock/backend']"),
    ("pytest.ini", "[pytest]\npython_files = check*.py\naddopts = --doctest-modules\ntestpaths = shop\n", "4 shop", "testpaths = shop products/stock/backend"),
])  # fmt: skip
def test_testpaths_that_reach_the_old_place_get_an_entry(path: str, text: str, told: str, line: str) -> None:
    moved = Moved({path: text})
    assert moved.told() == [f"{path}:{told}: collected -> "]
    assert line in moved.mended()[path].splitlines()


def test_a_directory_that_was_ignored_and_no_longer_is() -> None:
    moved = Moved({"pytest.ini": "[pytest]\naddopts = -q --ignore=shop\n"})
    assert moved.told() == ["pytest.ini:2 --ignore=shop:  -> collected"]
    assert moved.mended()["pytest.ini"] == "[pytest]\naddopts = -q --ignore=shop --ignore=products/stock/backend\n"


def test_what_is_measured_while_the_tests_run() -> None:
    text = "[tool.pytest.ini_options]\naddopts = '--cov=shop --cov=crm -q'\n"
    moved = Moved({"pyproject.toml": text})
    assert moved.told() == ["pyproject.toml:2 --cov=shop: measured -> "]
    assert moved.mended() == {"pyproject.toml": text.replace("--cov=shop", "--cov=shop --cov=products.stock.backend")}


def test_a_directory_that_is_passed_over_by_its_name_since() -> None:
    (gap,) = Moved({"pytest.ini": "[pytest]\nnorecursedirs = backend\n"}).gaps()
    assert (gap.line, gap.entry.text, gap.before, gap.gained) == (2, "backend", "collected", True)


def test_where_no_test_moves_nothing_is_lost() -> None:
    moved = Moved({"pytest.ini": "[pytest]\ntestpaths = crm\n", "crm/stock/x.py": "", "crm/stock/y.txt": ""}, old="crm/stock")
    assert moved.told() == []

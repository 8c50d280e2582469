from __future__ import annotations

import pytest

from tests.engine.coverage.tools import Moved

FIXTURE = "import pytest\n\n\n@pytest.fixture\ndef {}():\n    return 1\n"
STAR = "from shop.conftest import *  # noqa: F403\n"


@pytest.mark.parametrize("files", [
    {"conftest.py": FIXTURE.format("price")},
    {"shop/conftest.py": '"""Nothing yet."""\n'},
    {"shop/conftest.py": FIXTURE.format("nobody_asks_for_it")},
    {"shop/billing/conftest.py": FIXTURE.format("price")},
    {"shop/stock/conftest.py": FIXTURE.format("price")},
    {"crm/conftest.py": "collect_ignore = ['stock/slow']\n", "crm/stock/slow/test_z.py": ""},
])  # fmt: skip
def test_what_applies_to_both_places_or_to_neither(files: dict[str, str]) -> None:
    assert Moved(files).told() == []


@pytest.mark.parametrize("text", [
    FIXTURE.format("price"),
    FIXTURE.format("other").replace("fixture", "fixture(autouse=True)"),
    FIXTURE.format("other").replace("fixture", "fixture(name='price')"),
    "def pytest_collection_modifyitems(items): ...\n",
    "from crm.fixtures import price\n",
    "from crm.fixtures import *\n",
])  # fmt: skip
def test_fixtures_and_hooks_from_above_are_taken_over_at_the_new_place(text: str) -> None:
    moved = Moved({"shop/conftest.py": text})
    assert moved.told() == ["shop/conftest.py:0 conftest.py: applies -> "]
    assert moved.mended() == {"products/stock/backend/conftest.py": STAR}


def test_they_stand_above_what_the_tests_have_themselves() -> None:
    own = '"""Ours."""\nfrom __future__ import annotations\n\nX = 1\n'
    moved = Moved({"shop/conftest.py": FIXTURE.format("price"), "shop/stock/conftest.py": own})
    assert moved.mended() == {
        "products/stock/backend/conftest.py": own.replace("annotations\n", "annotations\n" + STAR, 1)
    }


def test_tests_that_were_left_out_by_a_path_from_above() -> None:
    files = {"shop/conftest.py": 'collect_ignore = ["stock/slow"]\n', "shop/stock/slow/test_z.py": ""}
    moved = Moved(files)
    assert moved.told() == ["shop/conftest.py:1 stock/slow: ignored -> "]
    assert moved.mended() == {"products/stock/backend/conftest.py": 'collect_ignore = ["slow"]\n'}

from __future__ import annotations

import pytest

from tests.engine.coverage.tools import Moved


@pytest.mark.parametrize("files", [
    {".gitignore": "*.log\n__pycache__/\n/build/\n"},
    {".gitignore": "*.log\n", "shop/.gitignore": "*.log\n"},
    {"shop/.gitignore": "# stock/out\nbilling/out/\n"},
    {"crm/.gitignore": "stock/out/\n"},
    {"shop/stock/.gitignore": "out/\n"},
    {".dockerignore": "*\n!shop/**\n!products/**\n"},
    {".dockerignore": ".git\n**/*.pyc\n"},
])  # fmt: skip
def test_what_ignores_in_both_places_or_in_neither(files: dict[str, str]) -> None:
    assert Moved(files).told() == []


def test_files_to_come_that_were_ignored_from_above() -> None:
    moved = Moved({"shop/.gitignore": "stock/out/\n*.log\n"})
    assert moved.told() == [
        "shop/.gitignore:1 stock/out/: ignored -> ", "shop/.gitignore:2 *.log: ignored -> ",
    ]  # fmt: skip
    assert moved.mended() == {"products/stock/backend/.gitignore": "/out/\n*.log\n"}


def test_a_pattern_of_the_top_gets_its_like_beside_it() -> None:
    moved = Moved({".gitignore": "/shop/**/out/\n!x\n"})
    assert moved.mended() == {".gitignore": "/shop/**/out/\n/products/stock/backend/**/out/\n!x\n"}


def test_the_context_of_a_build_that_let_the_place_in() -> None:
    moved = Moved({".dockerignore": "*\n!shop\n"})
    assert moved.told() == [".dockerignore:2 !shop:  -> ignored"]
    assert moved.mended() == {".dockerignore": "*\n!shop\n!products/stock/backend\n"}


def test_what_is_swallowed_since_is_for_a_person() -> None:
    ((gap, mend),) = Moved({".prettierignore": "products/\n"}).settled().open
    assert (gap.line, gap.gained, mend) == (1, True, None)

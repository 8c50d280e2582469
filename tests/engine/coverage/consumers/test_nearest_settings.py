from __future__ import annotations

import pytest

from tests.engine.coverage.tools import Moved

UI = {"shop/stock/ui/a.ts": "", "shop/stock/ui/b.css": ""}


@pytest.mark.parametrize("files", [
    {"ruff.toml": "line-length = 100\n"},
    {"shop/stock/ruff.toml": "line-length = 100\n"},
    {"shop/billing/ruff.toml": "line-length = 100\n"},
    {"shop/pyproject.toml": "[tool.black]\nline-length = 100\n"},
    {"shop/.eslintrc.json": "{}"},
    {**UI, ".eslintrc.json": "{}"},
    {**UI, "shop/stock/.prettierrc": "{}"},
    {".editorconfig": "root = true\n[*.py]\nindent_size = 4\n[products/**.py]\nindent_size = 4\n"},
])  # fmt: skip
def test_settings_that_hold_for_both_places_or_neither(files: dict[str, str]) -> None:
    assert Moved(files).told() == []


def test_ruff_s_settings_from_above_are_extended_at_the_new_place() -> None:
    moved = Moved({"pyproject.toml": "[tool.ruff]\n", "shop/ruff.toml": "line-length = 100\n"})
    assert moved.told() == ["shop/ruff.toml:0 ruff.toml: file shop/ruff.toml -> file pyproject.toml"]
    assert moved.mended() == {"products/stock/backend/ruff.toml": 'extend = "../../../shop/ruff.toml"\n'}


@pytest.mark.parametrize("name", [".eslintrc.cjs", ".prettierrc", "tsconfig.json", ".stylelintrc.json", "biome.json"])
def test_other_settings_from_above_are_listed_with_what_to_do(name: str) -> None:
    ((gap, mend),) = Moved({**UI, f"shop/{name}": "{}"}).settled().open
    assert (gap.path, gap.line, mend) == (f"shop/{name}", 0, None)
    assert gap.entry.hint and f"extends shop/{name}" in gap.entry.hint(gap.files[0])


def test_sections_of_an_editorconfig_are_told_by_line() -> None:
    text = "[*.md]\nindent_size = 8\n[stock/**.{ts,css}]\nindent_size = 2\n"
    assert Moved({**UI, "shop/.editorconfig": text}).told() == [
        "shop/.editorconfig:3 [stock/**.{ts,css}]: indent_size = 2 -> "
    ]

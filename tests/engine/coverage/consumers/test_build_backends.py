from __future__ import annotations

import pytest

from tests.engine.coverage.tools import Moved


@pytest.mark.parametrize("text", [
    "[tool.hatch.build]\ninclude = ['*.py']\n",
    "[tool.hatch.build.targets.wheel]\npackages = ['shop', 'products']\n",
    "[tool.hatch.build]\nexclude = ['shop']\n",
    "[tool.poetry]\npackages = [{include = 'shop/billing'}, {include = 'products'}]\n",
    "[tool.pdm.build]\nincludes = ['docs/']\n",
])  # fmt: skip
def test_what_builds_both_places_or_neither(text: str) -> None:
    assert Moved({"pyproject.toml": text}).told() in ([], ["pyproject.toml:2 shop:  -> built"])


@pytest.mark.parametrize(("text", "new"), [
    ("[tool.hatch.build.targets.wheel]\npackages = ['shop']\n", "packages = ['shop', 'products']"),
    ("[tool.hatch.build.targets.sdist]\nonly-include = ['shop']\n", "only-include = ['shop', 'products/stock/backend']"),
    ("[tool.hatch.build]\ninclude = ['/shop']\n", "include = ['/shop', '/products/stock/backend']"),
    ("[tool.poetry]\ninclude = ['shop/**/*.py']\n", "include = ['shop/**/*.py', 'products/stock/backend/**/*.py']"),
    ("[tool.flit.sdist]\ninclude = ['shop/']\n", "include = ['shop/', 'products/stock/backend/']"),
    ("[tool.pdm.build]\nincludes = ['shop']\n", "includes = ['shop', 'products/stock/backend']"),
    ("[tool.uv.build-backend]\nsource-include = ['shop/**']\n", "source-include = ['shop/**', 'products/stock/backend/**']"),
])  # fmt: skip
def test_what_was_built_from_above_gets_an_entry(text: str, new: str) -> None:
    moved = Moved({"pyproject.toml": text})
    assert len(moved.told()) == 1
    assert new in moved.mended()["pyproject.toml"].splitlines()


@pytest.mark.parametrize(("text", "hint"), [
    ("[tool.poetry]\npackages = [{include = 'shop'}]\n", 'add {include = "products"} to packages'),
    ("[tool.flit.module]\nname = 'shop'\n", ""),
    ("[tool.uv.build-backend]\nmodule-name = 'shop'\n", ""),
])  # fmt: skip
def test_what_can_only_be_changed_by_hand_is_listed(text: str, hint: str) -> None:
    ((gap, mend),) = Moved({"pyproject.toml": text}).settled().open
    assert (gap.line, gap.entry.text, mend) == (2, "shop", None)
    assert (gap.entry.hint(gap.files[0]) if gap.entry.hint else "") == hint

from __future__ import annotations

import pytest

from tests.engine.coverage.tools import Moved

CONTRACT = "[importlinter:contract:1]\nname = x\ntype = {}\n"


@pytest.mark.parametrize(("path", "text"), [
    (".importlinter", "[importlinter]\nroot_packages =\n    shop\n    products\n"),
    (".importlinter", CONTRACT.format("layers") + "containers = crm\nlayers =\n    stock\n    billing\n"),
    (".importlinter", CONTRACT.format("forbidden") + "source_modules = shop.billing\nforbidden_modules = crm\n"),
    ("tach.toml", "source_roots = ['.']\n[[modules]]\npath = 'shop.billing'\n"),
])  # fmt: skip
def test_rules_about_both_places_or_neither(path: str, text: str) -> None:
    assert Moved({path: text}).told() == []


def test_the_packages_that_are_analysed_get_the_new_one() -> None:
    assert Moved({".importlinter": "[importlinter]\nroot_packages =\n    shop\n"}).mended() == {
        ".importlinter": "[importlinter]\nroot_packages =\n    shop\n    products\n"
    }
    text = "[tool.importlinter]\nroot_packages = ['shop']\n"
    assert Moved({"pyproject.toml": text}).mended() == {"pyproject.toml": text.replace("'shop'", "'shop', 'products'")}


def test_a_module_with_all_below_it_gets_the_new_one_beside_it() -> None:
    text = CONTRACT.format("forbidden") + "source_modules =\n    shop\nforbidden_modules =\n    crm\n"
    moved = Moved({".importlinter": text})
    assert moved.told() == [".importlinter:5 shop: source_modules -> "]
    assert moved.mended() == {".importlinter": text.replace("    shop\n", "    shop\n    products.stock.backend\n")}


def test_a_layer_is_meant_within_its_container() -> None:
    text = CONTRACT.format("layers") + "containers = shop\nlayers =\n    billing\n    stock\n"
    ((gap, mend),) = Moved({".importlinter": text}).settled().open
    assert (gap.line, gap.entry.text, mend) == (7, "stock", None)
    toml = "[[tool.importlinter.contracts]]\ntype = 'layers'\ncontainers = ['shop']\nlayers = ['billing | stock']\n"
    assert Moved({"pyproject.toml": toml}).told() == ["pyproject.toml:4 stock: layers of shop -> "]


def test_tach() -> None:
    moved = Moved({"tach.toml": "source_roots = ['shop']\nexclude = ['shop/**/test_x.py']\n[[modules]]\npath = 'shop'\n"})
    assert moved.told() == [
        "tach.toml:1 shop: analysed -> ", "tach.toml:2 shop/**/test_x.py: left out -> ", "tach.toml:4 shop: has a rule -> ",
    ]  # fmt: skip
    assert [gap.line for gap, _ in moved.settled().open] == [4]

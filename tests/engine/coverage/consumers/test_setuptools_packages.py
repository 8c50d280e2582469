from __future__ import annotations

import pytest

from tests.engine.coverage.tools import Moved

FIND = "[tool.setuptools.packages.find]\n"


@pytest.mark.parametrize(("path", "text"), [
    ("pyproject.toml", FIND + "include = ['*']\n"),
    ("pyproject.toml", FIND + "include = ['shop*', 'products*']\n"),
    ("tools/pyproject.toml", FIND + "include = ['shop*']\n"),
    ("pyproject.toml", "[tool.setuptools]\npackages = ['shop', 'shop.billing']\n"),
    ("setup.cfg", "[options]\npackages = find:\n[options.packages.find]\nexclude = tests*\n"),
    ("setup.cfg", "[options.package_data]\n* = *.txt\nshop = billing/*.txt\n"),
])  # fmt: skip
def test_what_builds_both_places_or_neither(path: str, text: str) -> None:
    assert Moved({path: text, "shop/stock/a.txt": ""}).told() == []


@pytest.mark.parametrize(("path", "text", "new"), [
    ("pyproject.toml", FIND + "include = ['shop', 'shop.*']\n", "include = ['shop', 'shop.*', 'products.stock.backend', 'products.stock.backend.*']"),
    ("pyproject.toml", FIND + "include = ['shop*']\n", "include = ['shop*', 'products.stock.backend*']"),
    ("pyproject.toml", FIND + "exclude = ['shop.stock*']\n", "exclude = ['shop.stock*', 'products.stock.backend*']"),
    ("setup.cfg", "[options.packages.find]\ninclude =\n    shop*\n", "    products.stock.backend*"),
    ("setup.cfg", "[options]\npackages =\n  shop\n  shop.stock\n  shop.stock.sub\n", "  products.stock.backend"),
])  # fmt: skip
def test_packages_that_were_found_from_above_get_an_entry(path: str, text: str, new: str) -> None:
    moved = Moved({path: text, "shop/stock/sub/__init__.py": ""})
    assert moved.told()
    if "options]" in text:  # each package is named for itself; the sub-package's line is another's
        assert new in (moved.settled().contents[path].decode()).splitlines()
    else:
        assert new in moved.mended()[path].splitlines()


def test_packages_of_pbr_with_all_below_them() -> None:
    text = "[files]\npackages =\n    shop\n"
    assert Moved({"setup.cfg": text}).mended() == {"setup.cfg": text + "    products\n"}


def test_packages_below_another_directory() -> None:
    text = FIND + "where = ['src']\ninclude = ['shop*']\n"
    files = {"src/shop/__init__.py": "", "src/shop/stock/__init__.py": "", "pyproject.toml": text}
    moved = Moved(files, roots=("src",), old="src/shop/stock", new="src/products/stock")
    assert moved.mended() == {"pyproject.toml": text.replace("'shop*'", "'shop*', 'products.stock*'")}


def test_data_files_are_listed_with_their_package() -> None:
    for path, text in (("setup.cfg", "[options.package_data]\nshop =\n    stock/*.txt\n"),
                       ("pyproject.toml", "[tool.setuptools.package-data]\nshop = [\n  'stock/*.txt']\n")):  # fmt: skip
        ((gap, mend),) = Moved({path: text, "shop/stock/a.txt": ""}).settled().open
        assert (gap.line, gap.entry.text, mend) == (3, "stock/*.txt", None)
        assert gap.entry.hint and "stock/*.txt" in gap.entry.hint(gap.files[0])

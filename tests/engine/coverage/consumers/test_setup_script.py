from __future__ import annotations

import pytest

from tests.engine.coverage.tools import Moved


@pytest.mark.parametrize("text", [
    "from setuptools import find_packages, setup\nsetup(packages=find_packages())\n",
    "setup(packages=find_packages(exclude=['tests', 'tests.*']))\n",
    "setup(packages=find_packages(include=['shop*', 'products*']))\n",
    "setup(packages=['shop', 'shop.billing'], package_data={'shop': ['billing/*.pt']})\n",
    "install(packages=['shop.stock'])\n",
])  # fmt: skip
def test_what_builds_both_places_or_neither(text: str) -> None:
    assert Moved({"setup.py": text, "shop/stock/b.pt": ""}).told() == []


@pytest.mark.parametrize(("text", "new"), [
    ("setup(packages=find_packages(include=['shop', 'shop.*']))\n",
     "setup(packages=find_packages(include=['shop', 'shop.*', 'products.stock.backend']))\n"),
    ("setup(packages=find_packages('.', exclude=[\n    'shop.stock',\n    'x',\n]))\n",
     "setup(packages=find_packages('.', exclude=[\n    'shop.stock',\n    'products.stock.backend',\n    'x',\n]))\n"),
    ('x = setuptools.find_namespace_packages(where="", include=["shop*"])\n',
     'x = setuptools.find_namespace_packages(where="", include=["shop*", "products.stock.backend*"])\n'),
])  # fmt: skip
def test_packages_that_were_found_from_above_get_an_entry(text: str, new: str) -> None:
    assert Moved({"setup.py": text}).mended() == {"setup.py": new}


def test_data_files_are_listed_with_their_line() -> None:
    text = "setup(package_data={'shop': [\n    'core/*.pt',\n    'stock/*.pt',\n]})\n"
    ((gap, mend),) = Moved({"setup.py": text, "shop/stock/b.pt": ""}).settled().open
    assert (gap.line, gap.entry.text, mend) == (3, "stock/*.pt", None)

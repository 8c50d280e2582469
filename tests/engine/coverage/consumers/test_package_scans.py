from __future__ import annotations

import pytest

from tests.engine.coverage.tools import Moved


@pytest.mark.parametrize("text", [
    "config.scan('shop.billing')\n",
    "config.scan('elsewhere')\n",
    "scanner.look('shop')  # .scan(\n",
    "setup(packages=['shop'])  # .scan(\n",
    "config.scan(shop)\n",
])  # fmt: skip
def test_calls_that_take_in_both_places_or_neither(text: str) -> None:
    assert Moved({"main.py": text}).told() == []


@pytest.mark.parametrize("text", [
    "config.scan('shop')\n", "beartype_package('shop')\n", "for name in find_modules('shop', recursive=True): ...\n",
])  # fmt: skip
def test_a_package_that_is_scanned_with_all_below_is_listed(text: str) -> None:
    ((gap, mend),) = Moved({"main.py": text}).settled().open
    assert (gap.path, gap.line, gap.entry.text, mend) == ("main.py", 1, "shop", None)


@pytest.mark.parametrize("text", [
    "container.wire(packages=['shop'])\n", "sentry_sdk.init(in_app_include=['shop'])\n", "install_import_hook(['shop'], 'x')\n",
])  # fmt: skip
def test_a_list_of_packages_gets_an_entry(text: str) -> None:
    assert Moved({"main.py": text}).mended() == {"main.py": text.replace("['shop'", "['shop', 'products.stock.backend'")}

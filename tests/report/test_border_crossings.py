from __future__ import annotations

from pathlib import Path

from migration.cli.options import Options
from migration.cli.session import Session
from migration.report.border_crossings import Crossing, crossings, totals
from tests.tools import Content, make_repo

FILES: dict[str, Content] = {
    "shop/__init__.py": "",
    "shop/stock/__init__.py": "from .items import Item\n",
    "shop/stock/items.py": "import os\nimport shop.money\nfrom ..money import Money, Rate\n\n\ndef f():\n    from . import tools\n    from shop import cart\n",
    "shop/stock/tools.py": "",
    "shop/money.py": "import shop.stock_old\n",
    "shop/stock_old.py": "",
    "shop/cart.py": "from shop import stock, money\nfrom shop.stock import Item\n",
    "shop/pages/deep/view.py": "import shop.stock.items as items, shop.money\n",
    "web/broken.py": "import shop.stock\ndef (:\n",
    "scripts/run-me.py": "import shop.stock\n",
}


def crossing(tmp_path: Path, product: str = "shop.stock") -> list[Crossing]:
    repo = make_repo(tmp_path / "repo", FILES)
    session = Session(Options("stock", repo), tmp_path / "home")
    project = session.project("report")
    return crossings(project, project.before, [product], list(FILES))


def test_what_stays_inside_or_outside_or_is_installed_does_not_cross(tmp_path: Path) -> None:
    texts = {one.text for one in crossing(tmp_path)}
    assert not texts & {"import os", "from . import tools", "from .items import Item", "import shop.stock_old"}


def test_what_crosses(tmp_path: Path) -> None:
    assert crossing(tmp_path) == [
        Crossing("shop.cart", False, "shop/cart.py", 1, "from shop import stock, money"),
        Crossing("shop.cart", False, "shop/cart.py", 2, "from shop.stock import Item"),
        Crossing("shop.cart", True, "shop/stock/items.py", 8, "from shop import cart"),
        Crossing("shop.money", True, "shop/stock/items.py", 2, "import shop.money"),
        Crossing("shop.money", True, "shop/stock/items.py", 3, "from ..money import Money, Rate"),
        Crossing("shop.pages", False, "shop/pages/deep/view.py", 1, "import shop.stock.items as items, shop.money"),
    ]


def test_totals(tmp_path: Path) -> None:
    assert totals(crossing(tmp_path)) == {
        ("shop.cart", False): 2, ("shop.money", True): 2, ("shop.cart", True): 1, ("shop.pages", False): 1,
    }


def test_nothing_of_that_name(tmp_path: Path) -> None:
    assert crossing(tmp_path, "nothing") == []

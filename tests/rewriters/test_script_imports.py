from __future__ import annotations

import dataclasses

import pytest

from migration.rewriters import script_imports
from tests.rewriters.alone import check
from tests.rewriters.tools import moves_for

MODULES = "shop/ shop.run shop.api shop.core shop.stock/ shop.stock.util shop.stock.job"
FILES = {f"shop/stock/{name}.py": f"products/stock/{name}.py" for name in ("__init__", "util", "job")}
MOVES = dataclasses.replace(
    moves_for({"shop.stock": "products.stock"}, MODULES),
    files=FILES,
    directories={"shop/stock": "products/stock"},
    paths=frozenset({*FILES, "shop", "shop/stock", "shop/run.py", "shop/core.py", "main.py"}),
)
BOTH = dataclasses.replace(MOVES, modules={**MOVES.modules, "stock": True})


@pytest.mark.parametrize(
    ("path", "text"),
    [
        ("shop/run.py", "import os\nfrom shop.stock import util\nfrom . import stock\nfrom core import x\n"),
        ("main.py", "import stock\nmain()\n"),  # at the top
        ("lib/run.py", "import stock\n"),  # nothing there
        ("shop/stock/job.py", "import util\n"),  # goes along
    ],
)
def test_untouched(path: str, text: str) -> None:
    check(script_imports, text, path=path, moves=MOVES)


def test_a_module_of_the_tree_is_found_first_but_by_programs() -> None:
    check(script_imports, "import stock\n", path="shop/api.py", moves=BOTH)
    check(script_imports, "import stock\nprint(1)\n", path="shop/run.py", moves=BOTH, left=["no longer"])
    text = "import stock\nif __name__ == '__main__':\n    main()\n"
    check(script_imports, text, path="shop/run.py", moves=BOTH, left=["1: shop.stock"])


@pytest.mark.parametrize("text", ["import stock.util\n", "from stock import util\n", "import os, stock\n"])
def test_what_has_left_the_directory_of_a_script(text: str) -> None:
    left = ["shop.stock: run as a script, the file finds stock in its own directory, where shop/stock is no longer"]
    check(script_imports, text, path="shop/run.py", moves=MOVES, left=left)


def test_a_script_that_leaves() -> None:
    moves = dataclasses.replace(MOVES, paths=MOVES.paths | {"shop/stock/core.py"}, directories={})
    check(script_imports, "import core\n", path="shop/stock/job.py", moves=moves, left=["core in its own directory"])

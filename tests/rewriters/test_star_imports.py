from __future__ import annotations

import dataclasses

import pytest

from migration.rewriters import star_imports
from tests.rewriters.alone import check
from tests.rewriters.tools import WAREHOUSE

MOVES = dataclasses.replace(WAREHOUSE, stars={"posthog": frozenset({"warehouse"})})


@pytest.mark.parametrize(
    ("text", "path"),
    [
        ("from ee import *\nwarehouse.util\n", "posthog/utils.py"),
        ("from posthog import *\nposthog.warehouse\nrow.warehouse\n", "posthog/utils.py"),
        ("from posthog import *\nwarehouse = 1\nwarehouse.util\n", "posthog/utils.py"),
        ("from posthog import *\nfrom ee import warehouse\nwarehouse.util\n", "posthog/utils.py"),
        ("from posthog import *\ndef f(warehouse): return warehouse\n", "posthog/utils.py"),
        ("from posthog import models\nwarehouse.util\n", "posthog/utils.py"),
        ("__all__ = ['models']\nx = ['warehouse']\n", "posthog/__init__.py"),
        ("__all__ = ['warehouse']\n", "posthog/utils.py"),
    ],
)
def test_untouched(text: str, path: str) -> None:
    check(star_imports, text, path=path, moves=MOVES)


def test_nothing_is_lost_where_the_package_binds_the_name() -> None:
    check(star_imports, "from posthog import *\nwarehouse.util\n")


@pytest.mark.parametrize("statement", ["from posthog import *", "from . import *"])
def test_a_submodule_that_came_with_a_star(statement: str) -> None:
    way = "came with `from posthog import *`, which no longer brings it: add `from products.data_warehouse import backend as warehouse`"
    check(star_imports, f"{statement}\nx = warehouse.util.f()\ny = warehouse\n", moves=MOVES, left=[f"2: posthog.warehouse: {way}", "3: "])


def test_a_submodule_that_all_names_without_importing_it() -> None:
    text = "from posthog import models\n__all__ = ['models']\n__all__ += ['warehouse']\n"
    check(star_imports, text, path="posthog/__init__.py", moves=MOVES, left=["3: posthog.warehouse: `from posthog import *` would no longer find it"])

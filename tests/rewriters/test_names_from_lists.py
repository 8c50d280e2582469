from __future__ import annotations

import pytest

from migration.rewriters import names_from_lists
from tests.rewriters.alone import check


@pytest.mark.parametrize(
    "text",
    [
        'for name in ["models", "utils"]:\n    load(f"posthog.{name}")\n',  # these stay
        'for name in ["warehouse"]:\n    load(f"shop.{name}")\n',
        'for name in ["warehouse"]:\n    load(name)\n',
        'for name in names("warehouse"):\n    load(f"posthog.{name}")\n',
        'for name in ["util", "tasks"]:\n    load(f"posthog.warehouse.{name}")\n',  # go along with what stands before
        'for name in ["x"]:\n    load(f"posthog.warehouse_utils.{name}")\n',
    ],
)
def test_untouched(text: str) -> None:
    check(names_from_lists, text)


@pytest.mark.parametrize(
    "text",
    [
        'for name in ["models", "warehouse"]:\n    load(f"posthog.{name}")\n',
        'x = [load("posthog." + name) for name in ("models", "warehouse")]\n',
        'x = {load("posthog.%s" % name) for name in ("warehouse",)}\n',
        'for name in ["warehouse.util"]: load("posthog.{}".format(name))\n',
    ],
)
def test_a_text_that_becomes_the_name_of_what_moves(text: str) -> None:
    check(names_from_lists, text, left=["a loop puts posthog.warehouse"])


def test_a_list_that_has_a_name() -> None:
    text = 'APPS = ["models", "warehouse"]\nfor app in APPS:\n    load(f"posthog.{app}")\n'
    check(names_from_lists, text, left=["1: posthog.warehouse: a loop puts"])

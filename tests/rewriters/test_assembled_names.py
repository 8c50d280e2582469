from __future__ import annotations

import dataclasses

import pytest

from migration.rewriters import assembled_names
from tests.rewriters.alone import check
from tests.rewriters.tools import MONOLITH, NEW, WAREHOUSE, moves_for


@pytest.mark.parametrize(
    "value",
    [
        '"posthog" + ".models"',
        '"posthog" + ".warehouse_utils"',
        '"my" + ".posthog" + ".warehouse"',
        '"see posthog" + ".warehouse"',
        '"posthog" + "warehouse"',
        '"posthog" + "/warehouse"',
        '"posthog." + name + ".warehouse"',
        'name + ".warehouse"',
        'f"{name}.warehouse"',
        '"%s.warehouse" % name',
        '"%s.warehouse" % ("posthog", 1)',
        '"posthog-%s.warehouse" % "x"',
        '"{}.warehouse".format(name)',
        '"{0}.warehouse".format("posthog")',
        '",".join([BASE, "warehouse"])',
        '"posthog.warehouse" + ".util"',
        '"posthog.warehouse" + name',
        '"posthog.warehouse.%s" % "util"',
        '"posthog.warehouse.{}".format(name)',
        '"posthog.warehouse" in "posthog" + "x"',
        '1 + 2  # posthog.warehouse',
    ],
)
def test_untouched(value: str) -> None:
    check(assembled_names, f"BASE = 'posthog'\nx = {value}\n")


@pytest.mark.parametrize(
    ("value", "expected"),
    [
        ('"posthog" + ".warehouse"', '"products" + ".data_warehouse.backend"'),
        ('"posthog." + "warehouse"', '"products." + "data_warehouse.backend"'),
        ("'posthog' + '.' + 'warehouse' + '.util:f'", "'products' + '.' + 'data_warehouse.backend' + '.util:f'"),
        ('"posthog"  # why\n    + ".warehouse." + name', '"products"  # why\n    + ".data_warehouse.backend." + name'),
        ('f("posthog." + "warehouse.util.f")', 'f("products." + "data_warehouse.backend.util.f")'),
    ],
)
def test_literals_that_follow_one_another(value: str, expected: str) -> None:
    check(assembled_names, f"x = ({value})\n", f"x = ({expected})\n")


@pytest.mark.parametrize(
    "value",
    [
        'BASE + ".warehouse"',
        'f"{BASE}.warehouse.util"',
        'f"{__package__}.warehouse"',
        '"%s.warehouse" % "posthog"',
        '"%s.%s" % ("posthog", "warehouse")',
        '"{}.warehouse".format("posthog")',
        '".".join([BASE, "warehouse", name])',
        '"post" + "hog.warehouse"',
        '"posthog" + f".warehouse.{name}"',
    ],
)
def test_what_can_t_be_rewritten_is_listed(value: str) -> None:
    check(assembled_names, f"BASE = 'posthog'\nx = {value}\n", left=[f"put together from parts: write {NEW}"])


def test_the_name_of_the_module_itself() -> None:
    text = "x = __name__ + '.warehouse'\n"
    check(assembled_names, text)
    check(assembled_names, text, path="posthog/__init__.py", left=["1: posthog.warehouse: put together"])
    check(assembled_names, "x = __name__ + '.util'\ny = f'{__package__}.util.f'\n", path="posthog/warehouse/__init__.py")
    check(assembled_names, "x = __name__ + '.util'\n", path="posthog/warehouse/models/__init__.py")


def test_a_part_that_does_not_go_with_the_first() -> None:
    moves = moves_for({"posthog.warehouse": NEW, "posthog.warehouse.special": "common.special"}, MONOLITH + "posthog.warehouse.special common/")
    check(assembled_names, "x = 'posthog.warehouse' + '.special.f'\n", moves=moves, left=["write common.special.f"])
    check(assembled_names, "x = 'posthog.warehouse' + '.util.f'\n", moves=moves)


def test_what_is_kept_and_what_is_not_there() -> None:
    moves = dataclasses.replace(
        WAREHOUSE, keep=frozenset({"posthog.warehouse.util"}), tasks=frozenset({"posthog.warehouse.tasks.sync"}),
        symbols={"posthog.warehouse.util": frozenset("f")},
    )
    check(assembled_names, "x = 'posthog' + '.warehouse.util'\n", moves=moves, left=["kept: moves.yml"])
    check(assembled_names, "x = 'posthog' + '.warehouse.tasks.sync'\n", moves=moves, left=["kept: the name of a Celery task"])
    check(assembled_names, "x = 'posthog' + '.warehouse.util.gone'\n", moves=moves, left=["posthog.warehouse.util has no gone"])


def test_a_name_with_fewer_parts() -> None:
    moves = moves_for({"posthog.warehouse.util": "util"})
    check(assembled_names, "x = 'posthog' + '.warehouse.util'\n", moves=moves, left=["write util"])

from __future__ import annotations

import dataclasses

import pytest

from migration.rewriters import own_name
from tests.rewriters.alone import check
from tests.rewriters.tools import WAREHOUSE, moves_for

NEW = "products/data_warehouse/backend"
FILES = {
    f"posthog/warehouse/{name}": f"{NEW}/{name}"
    for name in ("__init__.py", "util.py", "models/__init__.py", "models/table.py", "api/table.py")
}
MOVES = dataclasses.replace(WAREHOUSE, files=FILES, directories={"posthog/warehouse": NEW})
# Only the package's own name changes.
RENAMED = dataclasses.replace(
    moves_for({"posthog.warehouse": "posthog.depot"}),
    files={old: old.replace("warehouse", "depot") for old in FILES},
    directories={"posthog/warehouse": "posthog/depot"},
)


@pytest.mark.parametrize(
    "line",
    [
        "log = logging.getLogger(__name__)",
        "if __name__ == '__main__': run()",
        "app = Flask(__name__.split('.')[-1])",  # util before and after
        "module = import_module('.tasks', __package__)",
        "module = import_module(__package__ + '.tasks')",
        "task = f'{__name__}.run'",
        "key = '%s:%s' % (__name__, 1)",
        "size = len(__name__ or '')",
        "same = __name__ == 'posthog.warehouse.util'",
        "same = other.__name__.split('.')[0]",
        "kind = Model.__module__.split('.')[0]",
        "name = function.__name__.upper()",
        "path = __package__.replace('.', '/') + '/models/table.py'",
        "top = __name__.rpartition('.')[2]",
    ],
)
def test_untouched(line: str) -> None:
    check(own_name, f"{line}\n", path="posthog/warehouse/util.py", moves=MOVES)


@pytest.mark.parametrize(
    ("expression", "was", "now"),
    [
        ("__name__.split('.')[0]", "'posthog'", "'products'"),
        ("__name__.split('.', 1)[0]", "'posthog'", "'products'"),
        ("__name__.split('.', maxsplit=1)[1]", "'warehouse.util'", "'data_warehouse.backend.util'"),
        ("__name__.partition('.')[0] + '.models'", "'posthog.models'", "'products.models'"),
        ("f\"{__name__.split('.')[0]}.models\"", "'posthog.models'", "'products.models'"),
        ("'.'.join(__name__.split('.')[:2])", "'posthog.warehouse'", "'products.data_warehouse'"),
        ("__package__.rpartition('.')[2]", "'warehouse'", "'backend'"),
        ("__package__.rsplit('.')[-1].title()", "'Warehouse'", "'Backend'"),
        ("__spec__.parent.split('.')[-1]", "'warehouse'", "'backend'"),
        ("__spec__.name.count('.')", "2", "3"),
        ("__name__.startswith('posthog.')", "True", "False"),
        ("'posthog' in __name__", "True", "False"),
        ("__name__.removeprefix('posthog.')", "'warehouse.util'", "'products.data_warehouse.backend.util'"),
        ("__name__.replace('.', '_')", "'posthog_warehouse_util'", "'products_data_warehouse_backend_util'"),
        ("__name__[:7]", "'posthog'", "'product'"),
        ("__name__.split('.')[index]", "['posthog', 'warehouse', 'util']", "['products', 'data_warehouse', 'backend', 'util']"),
        ("re.sub(r'\\.\\w+$', '', __name__)", "'posthog.warehouse.util'", "'products.data_warehouse.backend.util'"),
        ("cls.__module__.split('.')[1]", "'warehouse'", "'data_warehouse'"),
        ("type(self).__module__.split('.')[0]", "'posthog'", "'products'"),
    ],
)
def test_listed(expression: str, was: str, now: str) -> None:
    reason = f"worked out from the module's own name; it was {was}, and would be {now}"
    text = f"x = {expression}\n"
    check(own_name, text, path="posthog/warehouse/util.py", moves=MOVES, left=[reason])
    check(own_name, text, path="posthog/utils.py", moves=MOVES)  # stays, so nothing changes for it


def test_a_constant_is_listed_where_it_gets_its_value() -> None:
    text = """
    ROOT = __name__.split(".")[0]
    CORE = ROOT + ".models"
    def load():
        return import_module(f"{ROOT}.models")
    """
    check(own_name, text, path="posthog/warehouse/util.py", moves=MOVES, left=["1: posthog: worked out"])


def test_a_name_that_is_only_handed_on_is_followed_to_its_pieces() -> None:
    text = """
    PACKAGE = __package__
    APP = PACKAGE.split(".")[0]
    TASKS = PACKAGE + ".tasks"
    """
    check(own_name, text, path="posthog/warehouse/util.py", moves=MOVES, left=["2: posthog: worked out"])


def test_what_is_put_behind_the_name_and_stays_is_listed() -> None:
    stays = dataclasses.replace(
        moves_for({"posthog.warehouse": "products.w", "posthog.warehouse.api": "posthog.warehouse.api"}),
        files={"posthog/warehouse/__init__.py": "products/w/__init__.py"},
    )
    text = 'API = import_module(__name__ + ".api.table")\nMODELS = import_module(__name__ + ".models")\n'
    check(own_name, text, path="posthog/warehouse/__init__.py", moves=stays, left=["1: posthog.warehouse.api.table: worked out"])


def test_pieces_that_are_the_same_afterwards_are_not_listed() -> None:
    text = 'a = __name__.split(".")[0]\nb = __name__.split(".")[1]\n'
    check(own_name, text, path="posthog/warehouse/util.py", moves=RENAMED, left=["2: warehouse: worked out"])


def test_names_that_lead_in_a_circle_come_to_an_end() -> None:
    text = 'a = b + __name__.split(".")[0]\nb = a + "x"\n'
    check(own_name, text, path="posthog/warehouse/util.py", moves=MOVES, left=["1: posthog: worked out"])

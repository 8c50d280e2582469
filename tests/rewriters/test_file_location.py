from __future__ import annotations

import dataclasses

import pytest

from migration.core.moves import Moves
from migration.rewriters import file_location
from tests.rewriters.alone import check
from tests.rewriters.tools import WAREHOUSE

NEW = "products/data_warehouse/backend"
NAMES = ("__init__.py", "util.py", "api/__init__.py", "api/table.py", "sql/x.sql", "api/x.json")
FILES = {f"posthog/warehouse/{name}": f"{NEW}/{name}" for name in NAMES}
DIRECTORIES = {f"posthog/warehouse{name}": NEW + name for name in ("", "/api", "/sql")}
MOVES = dataclasses.replace(WAREHOUSE, files=FILES, directories=DIRECTORIES)
# The same depth as before.
LEVEL = dataclasses.replace(
    WAREHOUSE,
    files={old: old.replace("posthog/", "products/") for old in FILES},
    directories={old: old.replace("posthog/", "products/") for old in DIRECTORIES},
)
# One file stays behind.
PART = Moves({}, {}, {}, files={old: new for old, new in FILES.items() if "sql" not in old}, directories={"posthog/warehouse/api": f"{NEW}/api"})


@pytest.mark.parametrize(
    "expression",
    [
        "__file__",
        "Path(__file__)",
        "Path(__file__).parent",
        "Path(__file__).resolve().parent.parent",
        "Path(__file__).parents[1]",
        "Path(__file__).parent.parent / 'sql' / 'x.sql'",
        "Path(__file__).parent.parent / 'out' / name",
        "Path(__file__).with_name('x.json')",
        "Path(__file__, '..', '..', 'sql')",
        "os.path.dirname(__file__)",
        "os.path.dirname(os.path.dirname(os.path.abspath(__file__)))",
        "os.path.join(os.path.dirname(__file__), 'x.json')",
        "os.path.join(os.path.dirname(__file__), '..', 'sql', 'x.sql')",
        "os.path.join(os.path.dirname(__file__), '../../models/x.py')",
        "f'{os.path.dirname(__file__)}/x.json'",
        "Path(base).parent.parent.parent",
        "Path(other.__file__).parent.parent.parent.parent",
        "Path(__file__).parents[depth]",
        "os.path.dirname(os.path.dirname(os.path.dirname(name)))",
    ],
)
def test_untouched(expression: str) -> None:
    check(file_location, f"x = {expression}\n", path="posthog/warehouse/api/table.py", moves=MOVES)
    check(file_location, f"x = {expression}.parents[2]\n", path="posthog/utils.py", moves=MOVES)


def test_the_same_depth_leads_to_the_same_repo() -> None:
    text = "ROOT = Path(__file__).parents[2]\nx = ROOT / 'docs'\ny = os.path.join(os.path.dirname(__file__), '..', '..', name)\n"
    check(file_location, text, path="posthog/warehouse/util.py", moves=LEVEL)


@pytest.mark.parametrize(
    ("expression", "was", "now"),
    [
        ("Path(__file__).parent.parent", "posthog", "products/data_warehouse"),
        ("Path(__file__).resolve().parents[1]", "posthog", "products/data_warehouse"),
        ("pathlib.Path(__file__).parent.parent.parent", "the repo", "products"),
        ("Path(__file__).parents[3]", "..", "the repo"),
        ("Path(__file__).parents[4]", "../..", ".."),
        ("Path(__file__).parents[2] / 'docs' / name", "docs", "products/docs"),
        ("Path(__file__).joinpath('..', '..', '..')", "the repo", "products"),
        ("Path(os.path.dirname(__file__), '..', name)", "posthog", "products/data_warehouse"),
        ("str(Path(__file__).parent / '..')", "posthog", "products/data_warehouse"),
        ("os.path.dirname(os.path.dirname(__file__))", "posthog", "products/data_warehouse"),
        ("dirname(dirname(dirname(abspath(__file__))))", "the repo", "products"),
        ("os.path.join(os.path.dirname(__file__), '..', '..')", "the repo", "products"),
        ("os.path.join(os.path.dirname(__file__), os.pardir, 'utils.py')", "posthog/utils.py", "products/data_warehouse/utils.py"),
        ("os.path.abspath(os.path.dirname(__file__) + '/..')", "posthog", "products/data_warehouse"),
        ("f'{os.path.dirname(__file__)}/../{name}'", "posthog", "products/data_warehouse"),
    ],
)
def test_listed(expression: str, was: str, now: str) -> None:
    text = f"import os\nx = f({expression})\n"
    left = [f"2: {was}: worked out from the file's own place; it was {was}, and would be {now}"]
    (reference,) = check(file_location, text, path="posthog/warehouse/util.py", moves=MOVES, left=left)
    assert reference.kind == "location" and text[reference.start : reference.end] == "__file__"


def test_a_name_is_followed_and_listed_where_it_goes_astray() -> None:
    text = "HERE = Path(__file__).parent\nROOT = HERE.parent.parent\nx = ROOT / 'docs'\ny = HERE / 'sql'\nz = HERE.parent / 'utils.py'\n"
    left = ["2: the repo: worked out", "5: posthog/utils.py: worked out"]
    check(file_location, text, path="posthog/warehouse/util.py", moves=MOVES, left=left)


def test_a_name_with_two_values_is_not_followed() -> None:
    text = "x = Path(__file__)\nx = x.parent\ny = x.parent.parent\nfor z in x: z.parent\n"
    check(file_location, text, path="posthog/warehouse/util.py", moves=MOVES)


def test_what_stays_behind() -> None:
    text = "x = Path(__file__).parent\ny = x / 'api' / 'x.json'\nz = x / 'sql' / 'x.sql'\n"
    left = [f"3: posthog/warehouse/sql/x.sql: worked out from the file's own place; it was posthog/warehouse/sql/x.sql, and would be {NEW}/sql/x.sql"]
    check(file_location, text, path="posthog/warehouse/util.py", moves=PART, left=left)


def test_what_moves_elsewhere_is_named_with_its_new_place() -> None:
    text = "ROOT = os.path.dirname(os.path.dirname(__file__))\nx = os.path.join(ROOT, 'warehouse', 'sql')\n"
    left = ["2: posthog/warehouse/sql: worked out from the file's own place; it was posthog/warehouse/sql, "
            "which is now posthog/depot/sql, and would be posthog/warehouse/sql"]
    files = {old: old.replace("posthog/warehouse", "posthog/depot") for old in FILES}
    moves = dataclasses.replace(WAREHOUSE, files=files, directories={"posthog/warehouse": "posthog/depot"})
    check(file_location, text, path="posthog/warehouse/util.py", moves=moves, left=left)

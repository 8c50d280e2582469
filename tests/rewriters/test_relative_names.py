from __future__ import annotations

import dataclasses

import pytest

from migration.engine.claims import may_hold
from migration.python.source_file import SourceFile
from migration.rewriters import OF_NAMES, relative_names
from tests.rewriters.alone import check
from tests.rewriters.tools import MONOLITH, NEW, WAREHOUSE, moves_for

SPECIAL = moves_for({"posthog.warehouse": NEW, "posthog.warehouse.special": "common.special"}, MONOLITH + "posthog.warehouse.special common/")
LATE = "\ndef __getattr__(name):\n    return import_module(TABLE[name][0], __name__)\n"


@pytest.mark.parametrize(
    "text",
    [
        "import_module('.util', __package__)\n",
        "import_module('.util', package=__package__)\n",
        "import_module('.gone', package=name)\n",
        "import_module('util')\n",
        "import_module(x, __package__)\n",
        "find_spec('.gone.x', __package__)\n",
    ],
)
def test_relative_imports_by_string_that_stay_right(text: str) -> None:
    check(relative_names, text, path="posthog/warehouse/api/__init__.py")
    check(relative_names, text, path="posthog/warehouse/tasks.py")


@pytest.mark.parametrize(
    ("path", "text", "expected"),
    [
        ("posthog/warehouse/tasks.py", "import_module('..utils', __package__)", "import_module('posthog.utils', __package__)"),
        ("posthog/warehouse/api/__init__.py", "import_module('...utils', __name__)", "import_module('posthog.utils', __name__)"),
        ("posthog/warehouse/tasks.py", "import_module('.special', __package__)", "import_module('common.special', __package__)"),
        ("posthog/__init__.py", "import_module('.warehouse.util', __name__)", f"import_module('{NEW}.util', __name__)"),
        ("posthog/utils.py", "import_module('.warehouse', 'posthog')", f"import_module('{NEW}', 'posthog')"),
        (
            "posthog/utils.py",
            "find_spec('.special', package='posthog.warehouse')",
            "find_spec('common.special', package='posthog.warehouse')",  # that string is one of its own
        ),
        ("products/other/api.py", "resolve_name('...posthog.warehouse', __name__)", "resolve_name('...posthog.warehouse', __name__)"),
    ],
)
def test_relative_imports_by_string_that_change(path: str, text: str, expected: str) -> None:
    check(relative_names, f"x = {text}\n", f"x = {expected}\n", path, SPECIAL)


def test_relative_import_by_string_stays_relative_where_it_can() -> None:
    moves = moves_for({"posthog.warehouse.util": "posthog.warehouse.api.util"})
    text = "import_module('..util', __package__)\n"
    check(relative_names, text, "import_module('.util', __package__)\n", "posthog/warehouse/api/table.py", moves)


@pytest.mark.parametrize(
    ("table", "path"),
    [
        ("TABLE = {'x': ('.models.team', 'x'), 'y': ('.gone', 'y'), 'z': ('.warehouse_utils', '.')}", "posthog/__init__.py"),
        ("TABLE = {'x': '.util', 'y': '.models.table', 'z': '.nothing', 'w': '...'}", "posthog/warehouse/__init__.py"),
        ("TABLE = {'x': './warehouse/util', 'y': '.warehouse-util', 'z': ' .warehouse'}", "posthog/__init__.py"),
    ],
)
def test_tables_that_stay_right(table: str, path: str) -> None:
    check(relative_names, table + LATE, path=path)


def test_without_such_a_call_nothing_is_such_a_name() -> None:
    check(relative_names, "TABLE = {'x': ('.warehouse.util', 'x')}\nimport_module('posthog')\n", path="posthog/__init__.py")
    check(relative_names, "TABLE = {'x': ('.warehouse.util', 'x')}\nimport_module(x, package)\n", path="posthog/__init__.py")


@pytest.mark.parametrize(
    ("table", "expected", "path"),
    [
        ("TABLE = {'x': ('.warehouse.util', 'x')}", f"TABLE = {{'x': ('{NEW}.util', 'x')}}", "posthog/__init__.py"),
        ("TABLE = {'x': '.warehouse.util:x'}", f"TABLE = {{'x': '{NEW}.util:x'}}", "posthog/__init__.py"),
        ("TABLE = {'x': '.warehouse.util.x'}", f"TABLE = {{'x': '{NEW}.util.x'}}", "posthog/__init__.py"),
        ("TABLE = {'x': ['..utils']}", "TABLE = {'x': ['posthog.utils']}", "posthog/warehouse/__init__.py"),
    ],
)
def test_tables_that_are_handed_to_such_a_call(table: str, expected: str, path: str) -> None:
    check(relative_names, table + LATE, expected + LATE, path)
    source = SourceFile(path, (table + LATE).encode(), path.removesuffix("/__init__.py").replace("/", "."))
    assert may_hold(source, WAREHOUSE, OF_NAMES)


def test_a_name_stays_relative_where_it_can() -> None:
    moves = moves_for({"posthog.warehouse": "posthog.products.warehouse"})
    check(relative_names, "TABLE = ['.warehouse.util']" + LATE, "TABLE = ['.products.warehouse.util']" + LATE, "posthog/__init__.py", moves)


def test_what_can_t_be_rewritten_is_listed() -> None:
    check(relative_names, "import_module(f'.warehouse.{x}', __name__)\n", path="posthog/__init__.py", left=["goes on in an expression"])
    check(relative_names, "TABLE = ['.ware' 'house.util']" + LATE + "# warehouse\n", path="posthog/__init__.py")
    check(relative_names, "TABLE = ['.' 'warehouse.util']" + LATE, path="posthog/__init__.py", left=["in pieces"])
    kept = dataclasses.replace(WAREHOUSE, keep=frozenset({".warehouse.util"}))
    check(relative_names, "TABLE = ['.warehouse.util']" + LATE, path="posthog/__init__.py", moves=kept, left=["kept: moves.yml"])

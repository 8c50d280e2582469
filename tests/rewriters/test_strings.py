from __future__ import annotations

import dataclasses
import sys

import pytest

from tests.rewriters.tools import MONOLITH, NEW, moves_for, rewritten, unchanged

TOP = moves_for({"warehouse": "products.wh"}, "warehouse/ warehouse.models warehouse.util app products/", {"warehouse": ["Thing"]})
SPECIAL = moves_for({"posthog.warehouse": NEW, "posthog.warehouse.special": "common.special"}, MONOLITH + "posthog.warehouse.special common/")
KNOWN = moves_for({"posthog.warehouse": NEW}, bindings={"posthog.warehouse": ["Thing"]})


@pytest.mark.parametrize(
    "value",
    [
        '"posthog"',
        '"posthog.models.team"',
        '"warehouse"',
        '"warehouse.util"',
        '"posthog.warehouse_utils"',
        '"posthog.warehouse_utils.x"',
        '"posthog_warehouse.util"',
        '"posthog/warehouse/util.py"',
        '"posthog-warehouse"',
        '"https://posthog.warehouse.io/x"',
        '"//posthog.warehouse/x"',
        '"me@posthog.warehouse"',
        '"me@posthog.warehouse.io"',
        '"my.posthog.warehouse.util"',
        '"xposthog.warehouse"',
        '" posthog.warehouse"',
        '"see posthog.warehouse.util"',
        '"posthog.warehouse is gone"',
        '"posthog.warehouse.util failed"',
        '"posthog.warehouse, posthog.models"',
        '"SELECT * FROM posthog.warehouse"',
        '"posthog.warehouse."\'models x\'',
        '"posthog.warehouse-util"',
        '"posthog.warehouse/util"',
        '"posthog.warehouse:8080"',
        '"posthog.warehouse:8080/x"',
        '"posthog.warehouse.1"',
        '"posthog.warehouse\\n"',
        'b"posthog.warehouse.util"',
        'f"{x}.warehouse"',
        'f"{x}posthog.warehouse.util"',
        'f"posthog.{x}"',
        'f"posthog.{x}.warehouse"',
        'f"see posthog.warehouse.{x}"',
        'f"posthog.warehouse.{x} failed"',
        'f"posthog.warehouse_utils.{x}"',
        'f"posthog.warehouse/{x}"',
        '("warehouse", "util")',
    ],
)
def test_untouched(value: str) -> None:
    unchanged(f"x = {value}\n")
    unchanged(f"f({value})\n", "posthog/warehouse/util.py")


@pytest.mark.parametrize(
    "text",
    [
        '"""posthog.warehouse.util"""\n',
        'def f():\n    "posthog.warehouse.util"\n',
        'class A:\n    x = 1\n    "posthog.warehouse.util"\n',
        "__all__ = ['warehouse', 'util']\n",
        "urlpatterns = [path('warehouse/', x)]\n",
    ],
)
def test_docstrings_and_names_are_untouched(text: str) -> None:
    unchanged(text)


@pytest.mark.parametrize(
    "value",
    [
        '"posthog.warehouse"',
        "'posthog.warehouse'",
        '"posthog.warehouse.util"',
        '"posthog.warehouse.models.table.Table"',
        '"posthog.warehouse.models.table.Table.save"',
        '"posthog.warehouse.models.Table"',
        '"posthog.warehouse.util:main"',
        '"posthog.warehouse:app.main"',
        '"posthog.warehouse."',
        '"posthog.warehouse.*"',
        '"posthog.warehouse.tasks.*"',
        '"posthog.warehouse.%s"',
        '"posthog.warehouse.{}.x"',
        '"posthog.warehouse.{name}"',
        '"posthog.warehouse.%(name)s"',
        'r"posthog.warehouse.util"',
        'u"posthog.warehouse.util"',
        'R"posthog.warehouse.util"',
        '"""posthog.warehouse.util"""',
        "r'''posthog.warehouse.util'''",
        '"" "posthog.warehouse.util"',
        '"posthog.warehouse.util" ".f"',
        '("posthog.warehouse"  # why\n    ".util.f")',
        '"posthog.warehouse.util.\\x66"',
        'f"posthog.warehouse.{x}"',
        'f"posthog.warehouse.mod{x}"',
        'f"posthog.warehouse.util.{x!r:>{w}}.y"',
        'f"posthog.warehouse.util:{x}"',
        'F"posthog.warehouse.util"',
        'rf"posthog.warehouse.{x}"',
        'f"posthog.warehouse." f"{x}"',
        '"posthog.warehouse." f"{x}"',
        '{"posthog.warehouse.util": {"level": "INFO"}}',
        'import_string("posthog.warehouse.util.f")',
        'f"{import_string(\'posthog.warehouse.util\')}"',
    ],
)
@pytest.mark.parametrize("path", ["posthog/utils.py", "posthog/warehouse/util.py", "ee/migrations/0001_initial.py"])
def test_rewritten(value: str, path: str) -> None:
    text = f"é = 'é'; x = {value}  # posthog.warehouse\r\n"
    rewritten(text, f"é = 'é'; x = {value.replace('posthog.warehouse', NEW)}  # posthog.warehouse\r\n", path)


@pytest.mark.skipif(sys.version_info < (3, 12), reason="new grammar")
def test_nested_quotes() -> None:
    rewritten("f'{f('posthog.warehouse.util')}'\n", f"f'{{f('{NEW}.util')}}'\n")


@pytest.mark.parametrize(
    "text",
    [
        "@patch('posthog.warehouse.util.f')\ndef test(): ...\n",
        "def f(x: 'posthog.warehouse.util.T') -> 'posthog.warehouse.util.R': ...\n",
        "match x:\n    case 'posthog.warehouse.util':\n        pass\n",
        "def f(x='posthog.warehouse.util'): ...\n",
        "MIDDLEWARE = [\n    'django.x',\n    'posthog.warehouse.util.M',  # why\n]\n",
        "class Config(AppConfig):\n    name = 'posthog.warehouse'\n    label = 'warehouse'\n",
        "sys.modules['posthog.warehouse.util'] = x\n",
    ],
)
def test_places(text: str) -> None:
    rewritten(text, text.replace("posthog.warehouse", NEW))


@pytest.mark.parametrize(
    ("value", "reason"),
    [
        ('"posthog." "warehouse.util"', "in pieces or with escapes"),
        ('"p\\x6fsthog.warehouse.util"', "in pieces or with escapes"),
        ('f"posthog.warehouse{x}"', "goes on in an expression"),
    ],
)
def test_what_can_t_be_replaced_is_listed(value: str, reason: str) -> None:
    unchanged(f"x = {value}  # warehouse\n", doubtful=[reason])


def test_what_does_not_exist_is_listed() -> None:
    unchanged("x = 'posthog.warehouse.Gone'\n", moves=KNOWN, doubtful=["posthog.warehouse has no Gone"])
    unchanged("x = 'posthog.warehouse.com'\n", moves=KNOWN, doubtful=["posthog.warehouse has no com"])
    rewritten("x = 'posthog.warehouse.Thing.x'\n", f"x = '{NEW}.Thing.x'\n", moves=KNOWN)
    generated = moves_for({"posthog.warehouse": NEW}, "posthog/ posthog.utils")
    unchanged("x = 'posthog.warehouse.util'\n", moves=generated, doubtful=["no such module"])


def test_symbol_that_a_package_hands_on_exists() -> None:
    moves = moves_for(
        {"posthog.warehouse": NEW}, bindings={"posthog.warehouse": []}, remap={"posthog.warehouse": {"Thing": "posthog.warehouse.util"}}
    )
    rewritten("x = 'posthog.warehouse.Thing'\n", f"x = '{NEW}.Thing'\n", moves=moves)


def test_submodule_that_goes_elsewhere() -> None:
    text = "x = ['posthog.warehouse.special.f', 'posthog.warehouse.util.f', 'posthog.warehouse']\n"
    rewritten(text, f"x = ['common.special.f', '{NEW}.util.f', '{NEW}']\n", moves=SPECIAL)
    unchanged("x = f'posthog.warehouse.{y}'\n", moves=SPECIAL, doubtful=["may not go with its package"])
    unchanged("x = 'posthog.warehouse.%s'\n", moves=SPECIAL, doubtful=["may not go with its package"])
    rewritten("x = f'posthog.warehouse.special.{y}'\n", "x = f'common.special.{y}'\n", moves=SPECIAL)


def test_two_moves_at_once() -> None:
    swap = moves_for({"pkg.a": "pkg.b", "pkg.b": "pkg.a"}, "pkg/ pkg.a/ pkg.a.x pkg.b/ pkg.b.x pkg.c")
    rewritten("x = 'pkg.a.x', 'pkg.b.x.f'\n", "x = 'pkg.b.x', 'pkg.a.x.f'\n", "pkg/c.py", swap, again=False)


@pytest.mark.parametrize(
    "text",
    [
        "x = 'warehouse'\n",
        "x = 'warehouse.com'\n",
        "x = 'warehouse:8080'\n",
        "x = 'warehouse.*'\n",
        "x = f'warehouse.{y}'\n",
        "path('warehouse', view)\n",
        "TEMPLATES = ['warehouse']\n",
        "f(include, 'warehouse')\n",
    ],
)
def test_one_word_is_not_rewritten_by_its_looks(text: str) -> None:
    unchanged(text, "app.py", TOP)


@pytest.mark.parametrize(
    "text",
    [
        "import_module('warehouse')\n",
        "mock.patch('warehouse.Thing')\n",
        "path('x/', include('warehouse'))\n",
        "INSTALLED_APPS = ['django.x', 'warehouse']\n",
        "INSTALLED_APPS += ('warehouse',)\n",
        "x = 'warehouse.Thing'\n",
    ],
)
def test_one_word_where_a_path_is_expected_is_listed(text: str) -> None:
    unchanged(text, "app.py", TOP, doubtful=["warehouse"])


def test_a_dotted_path_below_one_word() -> None:
    rewritten("x = 'warehouse.models.X'\n", "x = 'products.wh.models.X'\n", "app.py", TOP)
    rewritten("x = 'warehouse.models'\n", "x = 'products.wh.models'\n", "app.py", TOP)


def test_strings_that_the_plan_keeps() -> None:
    moves = dataclasses.replace(KNOWN, keep=frozenset({"posthog.warehouse.tasks.sync", "posthog.warehouse.Gone"}))
    text = "x = 'posthog.warehouse.tasks.sync', 'posthog.warehouse.tasks.other', 'posthog.warehouse.Gone'\n"
    rewritten(text, text.replace("posthog.warehouse.tasks.other", f"{NEW}.tasks.other"), moves=moves)

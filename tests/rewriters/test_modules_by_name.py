from __future__ import annotations

import dataclasses

import pytest

from migration.engine.claims import may_hold
from migration.python.source_file import SourceFile
from migration.rewriters import OF_NAMES, modules_by_name
from tests.rewriters.alone import check
from tests.rewriters.tools import NEW, WAREHOUSE, moves_for


@pytest.mark.parametrize(
    "text",
    [
        "getattr(posthog, 'warehouse')\n",
        "import posthog\ngetattr(self, 'warehouse')\n",
        "import posthog\ngetattr(posthog, 'models')\n",
        "import posthog\ngetattr(posthog, name, 'x')\nx = 'warehouse'\n",
        "import posthog\ngetattr(posthog, 'the warehouse')\n",
        "import posthog.warehouse\ngetattr(posthog.warehouse, 'util')\n",
        "from operator import attrgetter\nattrgetter('warehouse.x')(row)\n",
        "from operator import attrgetter\nattrgetter('warehouse.x')\n",
        "x.modules['posthog'].warehouse\n",
        "sys.modules['ee'].warehouse\n",
        "sys.modules['posthog.warehouse'].util\n",
        "import_module('posthog.warehouse').util\n",
        "import_module('.warehouse', 'posthog').util\n",
        "__import__('posthog.warehouse', fromlist=['util']).util\n",
        "__import__('posthog', fromlist=['models']).x\nwarehouse = 1\n",
        "__import__('ee').warehouse\n",
        "__import__(name).warehouse\n",
        "m = __import__('posthog')\nm.models.warehouse\n",
        "m = __import__('ee')\nm.warehouse\n",
    ],
)
def test_untouched(text: str) -> None:
    check(modules_by_name, text)


@pytest.mark.parametrize(
    ("text", "function"),
    [
        ("import posthog\ngetattr(posthog, 'warehouse')\n", "getattr"),
        ("import posthog as p\nhasattr(p, 'warehouse')\n", "hasattr"),
        ("import posthog\nmock.patch.object(posthog, 'warehouse')\n", "object"),
        ("import posthog\nmock.patch.object(target=posthog, attribute='warehouse')\n", "object"),
        ("import posthog\nmonkeypatch.setattr(posthog, 'warehouse', x)\n", "setattr"),
        ("import posthog\nrgetattr(posthog, 'warehouse.util.f')\n", "rgetattr"),
        ("import posthog\nreduce(getattr, 'warehouse.util'.split('.'), posthog)\n", "reduce"),
        ("import posthog\nfrom operator import attrgetter\nattrgetter('warehouse.util')(posthog)\n", "attrgetter"),
        ("import posthog, operator\nf = operator.attrgetter('warehouse.util')\n", "attrgetter"),
        ("__import__('posthog', fromlist=['warehouse'])\n", "__import__"),
        ("__import__('posthog', globals(), locals(), ['warehouse'])\n", "__import__"),
        ("getattr(sys.modules['posthog'], 'warehouse')\n", "getattr"),
        ("getattr(importlib.import_module('posthog'), 'warehouse')\n", "getattr"),
        ("getattr(__import__('posthog.warehouse.util'), 'warehouse')\n", "getattr"),
        ("m = import_module('posthog')\ngetattr(m, 'warehouse')\n", "getattr"),
    ],
)
def test_modules_asked_for_in_a_string_are_listed(text: str, function: str) -> None:
    (reference,) = check(modules_by_name, text, left=[f"{function}: names in a string a module that moves away from posthog"])
    assert reference.old.startswith("posthog.warehouse") and reference.new.startswith(NEW)
    assert may_hold(SourceFile("posthog/utils.py", text.encode(), "posthog.utils"), WAREHOUSE, OF_NAMES)


@pytest.mark.parametrize(
    "text",
    [
        "sys.modules['posthog'].warehouse\n",
        "sys.modules['posthog'].warehouse = m\n",
        "sys.modules.get('posthog').warehouse.util.f()\n",
        "import_module('posthog').warehouse\n",
        "__import__('posthog').warehouse\n",
        "m = __import__('posthog.warehouse.util')\nm.warehouse.util.f()\n",
        "if m := import_module('posthog'):\n    m.warehouse.util\n",
        "self.m = import_module('posthog')\nself.m.warehouse.util\n",
    ],
)
def test_modules_asked_for_by_attributes_are_listed(text: str) -> None:
    check(modules_by_name, text, left=[f"reached through a module that is asked for by name: ask for {NEW}"])
    assert may_hold(SourceFile("posthog/utils.py", text.encode(), "posthog.utils"), WAREHOUSE, OF_NAMES)


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("__import__('posthog.warehouse.util').warehouse.util.f()\n", ".data_warehouse.backend.util.f()\n"),
        ("x = __import__('posthog.warehouse').warehouse\n", ".data_warehouse.backend\n"),
    ],
)
def test_what_leads_on_from_the_first_part(text: str, expected: str) -> None:
    before, mark, _ = text.partition(").")
    check(modules_by_name, text, before + ")" + expected, again=False)


def test_a_way_that_starts_elsewhere_is_listed() -> None:
    moves = moves_for({"posthog.warehouse": "wh"})
    check(modules_by_name, "__import__('posthog.warehouse').warehouse\n", moves=moves, left=["ask for wh"])
    check(modules_by_name, "__import__('posthog.warehouse.util').models.team\n", moves=moves, left=["ask for posthog.models.team"])


def test_a_name_that_the_package_binds_itself() -> None:
    moves = dataclasses.replace(WAREHOUSE, bindings={"posthog": frozenset({"warehouse"})})
    check(modules_by_name, "import posthog\ngetattr(posthog, 'warehouse')\n", moves=moves)

from __future__ import annotations

from dataclasses import replace

import pytest

from migration.python.mentions import import_statements, is_home, may_refer, mentions
from migration.python.source_file import SourceFile
from tests.rewriters.tools import WAREHOUSE, moves_for


def file(text: str, module: str = "ee.billing") -> SourceFile:
    return SourceFile(module.replace(".", "/") + ".py", text.encode(), module)


@pytest.mark.parametrize(
    "text",
    [
        "warehouse = 1\n",
        "from x import warehouse\n",
        "import data_warehouse\n",
        "x.warehouses\n",
        "from posthog import data_warehouse\n",
        "'/warehouse/'\n",
        "# the warehouse\n",
        "import posthog\nx = 'warehouse'\n",
        "getattr(self, 'warehouse')\n",
        "import posthog\ngetattr(posthog, 'warehouses')\n",
        "x.warehouse\n",
        "self.warehouse.name\n",
        "(x\n  .y.warehouse)\n",
        "'x.warehouse'\n",
        "from ee import x as p\np.y.warehouse\n",
        "x.  warehouse\n",
        "(x.  # why\n warehouse)\n",
        "import posthog.models as p\np.warehouse\n",
        "posthog_x.warehouse\n",
        "from my_posthog import (x, warehouse)\n",
        "from posthog import_x\nwarehouse\n",
        "from posthog.x import y\nx = 'warehouse\\n'\nétwarehouse = warehouseé = 1\n",
        "getattr(posthog, 'warehouse\\n')\n",
    ],
)
def test_can_not_refer(text: str) -> None:
    assert not may_refer(file(text), WAREHOUSE)


@pytest.mark.parametrize(
    "text",
    [
        "import posthog.warehouse\n",
        "posthog.warehouse\n",
        "posthog.  warehouse\n",
        "x().warehouse\n",
        "x[0].warehouse\n",
        "import posthog as p\np.warehouse\n",
        "import x, posthog\\\n    as p\np.warehouse\n",
        "from x import (\n    posthog  # why\n    as p,\n)\np.warehouse\n",
        "(posthog.  # why\n warehouse)\n",
        "(posthog  # why\n .warehouse)\n",
        "posthog. \\\n warehouse\n",
        "from.warehouse import x\n",
        "from .warehouse import x\n",
        "'posthog.' 'warehouse'\n",
        "'post' 'hog.warehouse'\n",
        "'posthog' '.warehouse'\n",
        "'post\\\nhog.warehouse'\n",
        "'p\\x6fsthog.warehouse'\n",
        "'posthog\\x2ewarehouse'\n",
        "'posthog\\056warehouse'\n",
        "r'posthog\\.warehouse'\n",
        "f'{x}.warehouse'\n",
        "import_module('.warehouse', package='posthog')\n",
        "\uff50osthog.warehouse\n",
        "from posthog import (\n    models,\n    warehouse,\n)\n",
        "from . import warehouse\n",
        "from .import warehouse\n",
        "from posthog \\\n    import warehouse\n",
        "from posthog\timport warehouse",
        "posthog.import_x\nfrom . \\\r\n  import warehouse\n",
        "import posthog\ngetattr(posthog, 'warehouse')\n",
        "'.'.join(['posthog', 'warehouse'])\n",
        "__import__('posthog', fromlist=['warehouse'])\n",
        "import posthog\npatch.object(posthog, \"warehouse\")\n",
    ],
)
def test_may_refer(text: str) -> None:
    assert may_refer(file(text), WAREHOUSE)


def test_a_file_that_moves_may_always_refer() -> None:
    assert may_refer(file("x = 1\n", "posthog.warehouse.util"), WAREHOUSE)
    assert is_home(file("", "posthog.warehouse"), WAREHOUSE)
    assert not is_home(file("", "posthog.warehouse_utils"), WAREHOUSE)


def test_a_module_that_becomes_a_package_is_at_home_everywhere() -> None:
    moves = replace(moves_for({}), files={"posthog/utils.py": "posthog/utils/__init__.py", "posthog/api/__init__.py": "posthog/api.py"})
    for path, module in (("posthog/utils.py", "posthog.utils"), ("posthog/api/__init__.py", "posthog.api")):
        source = SourceFile(path, b"from . import x\n", module)
        assert is_home(source, moves) and may_refer(source, moves)
    assert not is_home(file("from . import x\n"), moves)


def test_a_top_level_name_stands_alone() -> None:
    moves = moves_for({"warehouse": "products.wh"}, "warehouse/ app")
    assert may_refer(file("import warehouse\n"), moves)
    assert may_refer(file("x.warehouse\n"), moves)
    assert may_refer(file("warehouse"), moves)
    assert not may_refer(file("import data_warehouse, warehouses\n"), moves)


def test_lines() -> None:
    found = mentions(file("a\nb a\n\nba\n"), ["a"])
    assert found.lines == [1, 2, 4]
    assert found.within(2, 3)
    assert not found.within(3, 3)
    assert mentions(file("a\n"), []).lines == []


def test_import_statements_at_any_depth() -> None:
    text = (
        "import a\n@d(\n 1)\ndef f():\n    import b\nclass C:\n    if x: import c\n    else:\n        import d\n"
        "try:\n    import e\nexcept E:\n    import f\nelse:\n    import g\nfinally:\n    import h\n"
        "match x:\n    case 1:\n        import i\nwhile x:\n    import j\nasync def g():\n    async with x: import k\n"
    )
    found = import_statements(file(text), mentions(file(text), ["import"]))
    assert sorted(statement.names[0].name for statement in found) == list("abcdefghijk")

from __future__ import annotations

import dataclasses

import pytest

from tests.rewriters.tools import MONOLITH, NEW, WAREHOUSE, moves_for, rewritten, unchanged

SPECIAL = moves_for(
    {"posthog.warehouse": NEW, "posthog.warehouse.special": "common.special", "posthog.warehouse.stays": "posthog.warehouse.stays"},
    MONOLITH + "posthog.warehouse.special posthog.warehouse.stays common/",
)
CORE = moves_for(
    {"wagtail.core": "wagtail"},
    "wagtail/ wagtail.core/ wagtail.core.blocks/ wagtail.core.blocks.base wagtail.core.models wagtail.admin",
)
SWAP = moves_for({"pkg.a": "pkg.b", "pkg.b": "pkg.a"}, "pkg/ pkg.a/ pkg.a.x pkg.b/ pkg.b.x pkg.c")
CHAIN = moves_for({"pkg.a": "pkg.b", "pkg.b": "pkg.c"}, "pkg/ pkg.a/ pkg.a.x pkg.b/ pkg.b.x pkg.d")
TOP = moves_for({"warehouse": "products.wh"}, "warehouse/ warehouse.models warehouse.util app products/")


@pytest.mark.parametrize(
    "text",
    [
        "import posthog\n",
        "import posthog.models\n",
        "import posthog.warehouse_utils\n",
        "import posthog.warehouse_utils as warehouse\n",
        "import warehouse\n",
        "from posthog import models, utils\n",
        "from posthog import *\n",
        "from posthog import warehouse_utils\n",
        "from posthog.warehouse_utils import warehouse\n",
        "from posthog.models import warehouse\n",
        "from .models import warehouse\n",
        "from . import models\n",
        "from somewhere.posthog.warehouse import x\n",
        "from posthog.models.warehouse import x\n",
        "from __future__ import annotations\n",
        "x = 'import posthog.warehouse.util'\n",
        "# from posthog.warehouse import util\n",
        '"""\nfrom posthog.warehouse import util\n"""\n',
        "if warehouse:\n    pass\n",
    ],
)
def test_untouched(text: str) -> None:
    unchanged(text)


@pytest.mark.parametrize(
    ("text", "path"),
    [
        ("from . import util\n", "posthog/warehouse/__init__.py"),
        ("from .models import *\n", "posthog/warehouse/__init__.py"),
        ("from .models.table import Table\n", "posthog/warehouse/util.py"),
        ("from ..util import f\n", "posthog/warehouse/models/table.py"),
        ("from .. import util\n", "posthog/warehouse/models/table.py"),
        ("from . import (\n    table,  # first\n    join,\n)\n", "posthog/warehouse/models/__init__.py"),
        ("import os\nfrom posthog.models import team\n", "posthog/warehouse/util.py"),
    ],
)
def test_untouched_inside_the_moved_package(text: str, path: str) -> None:
    unchanged(text, path)


def test_symbol_hides_submodule_of_the_same_name() -> None:
    moves = moves_for({"pkg.thing": "new.thing"}, "pkg/ pkg.thing app", bindings={"pkg": ["thing"]})
    unchanged("from pkg import thing\n", "app.py", moves)
    rewritten("from pkg.thing import thing\n", "from new.thing import thing\n", "app.py", moves)


FROM = [
    ("from posthog.warehouse.models import Table\n", f"from {NEW}.models import Table\n"),
    ("from posthog.warehouse.models import Table as T\n", f"from {NEW}.models import Table as T\n"),
    ("from posthog.warehouse import util, models\n", f"from {NEW} import util, models\n"),
    ("from posthog.warehouse.models import *\n", f"from {NEW}.models import *\n"),
    ("from posthog.warehouse.gone import x\n", f"from {NEW}.gone import x\n"),
    ("from posthog.warehouse import (a, b)  # why\n", f"from {NEW} import (a, b)  # why\n"),
    (
        "from posthog.warehouse import (  # noqa\n    a,  # one\n    # two\n    b,\n)\n",
        f"from {NEW} import (  # noqa\n    a,  # one\n    # two\n    b,\n)\n",
    ),
    ("from posthog.warehouse import a, \\\n    b\n", f"from {NEW} import a, \\\n    b\n"),
    ("from \\\n    posthog.warehouse \\\n    import a\n", f"from \\\n    {NEW} \\\n    import a\n"),
    ("from posthog . warehouse import a\n", f"from {NEW} import a\n"),
    ("from  posthog.warehouse  import(a)\n", f"from  {NEW}  import(a)\n"),
    ("x = 1; from posthog.warehouse import a; y = 2\n", f"x = 1; from {NEW} import a; y = 2\n"),
    ("if x: from posthog.warehouse import a\n", f"if x: from {NEW} import a\n"),
    ("from posthog.warehouse import a\r\nb = 1\r\n", f"from {NEW} import a\r\nb = 1\r\n"),
    ("from posthog.warehouse import a", f"from {NEW} import a"),
    ("from posthog.warehouse import é\n", f"from {NEW} import é\n"),
    ("é = 1; from posthog.warehouse import a\n", f"é = 1; from {NEW} import a\n"),
    # the name stays bound
    ("from posthog import warehouse\n", "from products.data_warehouse import backend as warehouse\n"),
    ("from posthog import warehouse as w\n", "from products.data_warehouse import backend as w\n"),
    ("from posthog import warehouse as backend\n", "from products.data_warehouse import backend\n"),
    ("from posthog import warehouse  # noqa: F401\n", "from products.data_warehouse import backend as warehouse  # noqa: F401\n"),
    ("from posthog import (warehouse)\n", "from products.data_warehouse import (backend as warehouse)\n"),
    # relative, in a file that stays
    ("from .warehouse import util\n", f"from {NEW} import util\n"),
    ("from.warehouse import util\n", f"from {NEW} import util\n"),
    ("from . warehouse.models import(Table)\n", f"from {NEW}.models import(Table)\n"),
    ("from . import warehouse\n", "from products.data_warehouse import backend as warehouse\n"),
    ("from .import warehouse\n", "from products.data_warehouse import backend as warehouse\n"),
    # places
    (
        "try:\n    from posthog.warehouse import a\nexcept ImportError:\n    a = None\n",
        f"try:\n    from {NEW} import a\nexcept ImportError:\n    a = None\n",
    ),
    (
        "if TYPE_CHECKING:\n    from posthog.warehouse import a\nelse:\n    from posthog.warehouse import b\n",
        f"if TYPE_CHECKING:\n    from {NEW} import a\nelse:\n    from {NEW} import b\n",
    ),
    (
        "class A:\n    def f(self):\n        from posthog.warehouse import a\n        return a\n",
        f"class A:\n    def f(self):\n        from {NEW} import a\n        return a\n",
    ),
    (
        "match x:\n    case 1:\n        from posthog.warehouse import a\n",
        f"match x:\n    case 1:\n        from {NEW} import a\n",
    ),
    (
        "with x:\n    for y in z:\n        from posthog.warehouse import a\n    else:\n        from posthog.warehouse import b\n",
        f"with x:\n    for y in z:\n        from {NEW} import a\n    else:\n        from {NEW} import b\n",
    ),
    (
        "try:\n    pass\nexcept A:\n    from posthog.warehouse import a\nfinally:\n    from posthog.warehouse import b\n",
        f"try:\n    pass\nexcept A:\n    from {NEW} import a\nfinally:\n    from {NEW} import b\n",
    ),
]


@pytest.mark.parametrize(("text", "expected"), FROM)
def test_from_import(text: str, expected: str) -> None:
    rewritten(text, expected)
    if " ." not in text and "m." not in text:
        rewritten(text, expected, "ee/billing.py")
        rewritten(text, expected, "ee/billing.pyi")


@pytest.mark.parametrize(
    ("text", "expected", "path"),
    [
        ("from ..models import team\n", "from posthog.models import team\n", "posthog/warehouse/util.py"),
        ("from .. import utils\n", "from posthog import utils\n", "posthog/warehouse/util.py"),
        ("from ... import utils\n", "from posthog import utils\n", "posthog/warehouse/models/table.py"),
        ("from ...unknown.thing import x\n", "from posthog.unknown.thing import x\n", "posthog/warehouse/models/table.py"),
        ("from ..warehouse.util import x\n", "from .util import x\n", "posthog/warehouse/tasks.py"),
        ("from .. import warehouse\n", "from .. import backend as warehouse\n", "posthog/warehouse/util.py"),
        ("from .. import warehouse, models\n", "from .. import backend as warehouse\nfrom posthog import models\n", "posthog/warehouse/util.py"),
        ("from ..models import *\n", "from posthog.models import *\n", "posthog/warehouse/util.py"),
        ("from ...models import team\n", "from posthog.models import team\n", "posthog/warehouse/migrations/0001_initial.py"),
        ("from posthog.warehouse.util import f\n", f"from {NEW}.util import f\n", "posthog/warehouse/tasks.py"),
        ("from ..warehouse import util\n", f"from {NEW} import util\n", "posthog/migrations/0002_x.py"),
        ("from ...models import team\n", "from posthog.models import team\n", "posthog/warehouse/migrations/0002_x.py"),
        ("from . import warehouse, models\n", "from products.data_warehouse import backend as warehouse\nfrom . import models\n", "posthog/__init__.py"),
    ],
)
def test_relative_imports_of_files_that_move_or_stay(text: str, expected: str, path: str) -> None:
    rewritten(text, expected, path)


def test_relative_import_out_of_the_tree_is_listed() -> None:
    unchanged("from .... import x\n", "posthog/warehouse/util.py", doubtful=["no package that far up"])
    unchanged("from .x import warehouse\n", "bin/run-it/warehouse.py", doubtful=["no importable name"])
    unchanged("from .x import y\n", "bin/run-it/warehouse.py")


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("from posthog import warehouse, utils\n", "from products.data_warehouse import backend as warehouse\nfrom posthog import utils\n"),
        ("from posthog import utils, warehouse as w, models\n", "from posthog import utils, models\nfrom products.data_warehouse import backend as w\n"),
        ("x = 1; from posthog import utils, warehouse; y = 1\n", "x = 1; from posthog import utils; from products.data_warehouse import backend as warehouse; y = 1\n"),
        ("if x: from posthog import utils, warehouse  # noqa\n", "if x: from posthog import utils; from products.data_warehouse import backend as warehouse  # noqa\n"),
        ("from posthog import utils, warehouse; y = 1\n", "from posthog import utils\nfrom products.data_warehouse import backend as warehouse; y = 1\n"),
        ("from posthog import utils, warehouse  # noqa: F401\n", "from posthog import utils  # noqa: F401\nfrom products.data_warehouse import backend as warehouse  # noqa: F401\n"),
        ("from posthog import utils, warehouse  # both\n", "from posthog import utils\nfrom products.data_warehouse import backend as warehouse  # both\n"),
        ("def f():\n\tfrom posthog import utils, warehouse\n", "def f():\n\tfrom posthog import utils\n\tfrom products.data_warehouse import backend as warehouse\n"),
        ("if x: \\\n  from posthog import utils, warehouse\n", "if x: \\\n  from posthog import utils; from products.data_warehouse import backend as warehouse\n"),
        ("# no continuation \\\nfrom posthog import utils, warehouse\n", "# no continuation \\\nfrom posthog import utils\nfrom products.data_warehouse import backend as warehouse\n"),
        ("from posthog import utils, warehouse\r\n", "from posthog import utils\r\nfrom products.data_warehouse import backend as warehouse\r\n"),
        ("from posthog import utils, warehouse", "from posthog import utils\nfrom products.data_warehouse import backend as warehouse"),
        ("from posthog import utils, \\\n    warehouse, \\\n    models\n", "from posthog import utils, \\\n    models\nfrom products.data_warehouse import backend as warehouse\n"),
        ("from posthog import (utils, warehouse)\n", "from posthog import utils\nfrom products.data_warehouse import backend as warehouse\n"),
        (
            "from posthog import (\n    models,  # one\n    # on its own\n    warehouse,  # two\n    utils,\n)  # end\n",
            "from posthog import (\n    models,  # one\n    utils,\n)\nfrom products.data_warehouse import (\n    # on its own\n    backend as warehouse,  # two\n)  # end\n",
        ),
        (
            "from posthog import (  # noqa: F401\n    models, warehouse,\n    utils  # last\n    # closing\n)\n",
            "from posthog import (  # noqa: F401\n    models,\n    utils  # last\n    # closing\n)\nfrom products.data_warehouse import (  # noqa: F401\n    backend as warehouse\n)\n",
        ),
        (
            "from posthog import (\n    models,  # one\n    warehouse, utils,\n    )\n",
            "from posthog import (\n    models,  # one\n    utils,\n    )\nfrom products.data_warehouse import (\n    backend as warehouse,\n    )\n",
        ),
        (
            "from posthog import (models,  # one\n                     warehouse)\n",
            "from posthog import (models  # one\n)\nfrom products.data_warehouse import (\n                     backend as warehouse)\n",
        ),
        (
            "if x: from posthog import (\n    models,  # one\n    warehouse,\n)\n",
            "if x: from posthog import (\n    models,  # one\n); from products.data_warehouse import (\n    backend as warehouse,\n)\n",
        ),
        (
            "from posthog import (\r\n    models as m,\r\n    warehouse as w,\r\n)\r\n",
            "from posthog import (\r\n    models as m,\r\n)\r\nfrom products.data_warehouse import (\r\n    backend as w,\r\n)\r\n",
        ),
    ],
)
def test_one_statement_becomes_several(text: str, expected: str) -> None:
    rewritten(text, expected)


def test_names_of_one_package_that_go_to_three_places() -> None:
    rewritten(
        "from posthog.warehouse import (\n    Thing,\n    special,\n    stays,\n    util,\n)\n",
        f"from {NEW} import (\n    Thing,\n    util,\n)\nfrom common import (\n    special,\n)\nfrom posthog.warehouse import (\n    stays,\n)\n",
        moves=SPECIAL,
    )


@pytest.mark.parametrize(
    ("text", "expected", "path"),
    [
        ("from .util import f\n", f"from {NEW}.util import f\n", "posthog/warehouse/stays.py"),
        ("from .stays import f\n", "from posthog.warehouse.stays import f\n", "posthog/warehouse/util.py"),
        ("from . import stays, util\n", "from posthog.warehouse import stays\nfrom . import util\n", "posthog/warehouse/util.py"),
        ("from . import special\n", "from common import special\n", "posthog/warehouse/util.py"),
        ("from .special import f\n", "from common.special import f\n", "posthog/warehouse/util.py"),
        ("from .util import f\n", f"from {NEW}.util import f\n", "posthog/warehouse/special.py"),
    ],
)
def test_part_of_a_package_goes_elsewhere(text: str, expected: str, path: str) -> None:
    rewritten(text, expected, path, SPECIAL)


def test_what_stays_in_a_moved_package_is_untouched() -> None:
    unchanged("from posthog.warehouse.stays import f\nimport posthog.warehouse.stays\n", moves=SPECIAL)
    unchanged("from ..models import team\n", "posthog/warehouse/stays.py", SPECIAL)


@pytest.mark.parametrize(
    ("text", "expected", "path"),
    [
        ("from wagtail.core import blocks\n", "from wagtail import blocks\n", "wagtail/admin.py"),
        ("from wagtail.core.blocks import x\n", "from wagtail.blocks import x\n", "wagtail/admin.py"),
        ("from wagtail import core\n", "import wagtail as core\n", "wagtail/admin.py"),
        ("from . import core\n", "import wagtail as core\n", "wagtail/admin.py"),
        ("from .core import blocks\n", "from . import blocks\n", "wagtail/admin.py"),
        ("from .core.models import x\n", "from .models import x\n", "wagtail/admin.py"),
        ("from .core.models import x\n", "from .models import x\n", "wagtail/__init__.py"),
        ("from wagtail import admin, core\n", "from wagtail import admin\nimport wagtail as core\n", "wagtail/admin.py"),
        ("from wagtail import (\n    core,  # why\n)\n", "# why\nimport wagtail as core\n", "wagtail/admin.py"),
        ("from .. import admin\n", "from . import admin\n", "wagtail/core/models.py"),
        ("from ...core.models import x\n", "from ..models import x\n", "wagtail/core/blocks/base.py"),
        ("from ... import admin\n", "from .. import admin\n", "wagtail/core/blocks/base.py"),
        ("import wagtail.core.blocks\nwagtail.core.blocks.x\n", "import wagtail.blocks\nwagtail.blocks.x\n", "wagtail/admin.py"),
    ],
)
def test_package_merges_into_its_parent(text: str, expected: str, path: str) -> None:
    rewritten(text, expected, path, CORE)


def test_merge_in_one_line_with_a_comment_inside_is_listed() -> None:
    unchanged("if x: from wagtail import (\n    core,  # why\n)\n", "wagtail/admin.py", CORE, ["can't be split"])


@pytest.mark.parametrize(
    ("text", "expected", "moves", "path"),
    [
        ("from pkg.a import x\nfrom pkg.b import x as y\n", "from pkg.b import x\nfrom pkg.a import x as y\n", SWAP, "pkg/c.py"),
        ("from pkg import a, b\n", "from pkg import b as a, a as b\n", SWAP, "pkg/c.py"),
        ("from . import a, b as bb\n", "from . import b as a, a as bb\n", SWAP, "pkg/c.py"),
        ("import pkg.a.x\npkg.a.x.f(pkg.b)\n", "import pkg.b.x\npkg.b.x.f(pkg.a)\n", SWAP, "pkg/c.py"),
        ("from ..b import x\n", "from ..a import x\n", SWAP, "pkg/a/x.py"),
        ("from pkg.a import x\nfrom pkg.b import x as y\n", "from pkg.b import x\nfrom pkg.c import x as y\n", CHAIN, "pkg/d.py"),
        ("import pkg.a.x, pkg.b.x\npkg.a.x, pkg.b.x\n", "import pkg.b.x, pkg.c.x\npkg.b.x, pkg.c.x\n", CHAIN, "pkg/d.py"),
    ],
)
def test_two_moves_at_once(text: str, expected: str, moves: object, path: str) -> None:
    rewritten(text, expected, path, moves, again=False)  # type: ignore[arg-type]


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("import posthog.warehouse.util as u\n", f"import {NEW}.util as u\n"),
        ("import posthog.warehouse as warehouse, os\n", f"import {NEW} as warehouse, os\n"),
        ("import os, posthog . warehouse as w  # c\n", f"import os, {NEW} as w  # c\n"),
        ("import posthog.warehouse.gone.deep as u\n", f"import {NEW}.gone.deep as u\n"),
        ("import posthog.warehouse.util\n", f"import {NEW}.util\n"),
        ("if x: import posthog.warehouse.util\n", f"if x: import {NEW}.util\n"),
    ],
)
def test_plain_import(text: str, expected: str) -> None:
    rewritten(text, expected)


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("import warehouse\nwarehouse.models.x\n", "import products.wh as warehouse\nwarehouse.models.x\n"),
        ("import warehouse as w\n", "import products.wh as w\n"),
        ("import warehouse.models\nwarehouse.models.x\n", "import products.wh.models\nproducts.wh.models.x\n"),
        ("import warehouse.models\nprint(warehouse)\n", "import products.wh.models\nprint(products.wh)\n"),
        ("import warehouse, warehouse.models\nwarehouse.x\n", "import products.wh, products.wh.models\nproducts.wh.x\n"),
        ("from warehouse import models\n", "from products.wh import models\n"),
        ("import warehouse.models\nprint(locals())\n", "import products.wh as warehouse\nimport products.wh.models\nprint(locals())\n"),
    ],
)
def test_top_level_package(text: str, expected: str) -> None:
    rewritten(text, expected, "app.py", TOP)


def test_package_that_becomes_top_level() -> None:
    moves = moves_for({"posthog.warehouse": "warehouse"})
    rewritten("from posthog import utils, warehouse\n", "from posthog import utils\nimport warehouse\n", moves=moves)
    rewritten("from posthog.warehouse import util\n", "from warehouse import util\n", moves=moves)
    rewritten("import posthog.warehouse.util\nposthog.warehouse.util.f()\n", "import warehouse.util\nwarehouse.util.f()\n", moves=moves)
    rewritten("from ..models import team\n", "from posthog.models import team\n", "posthog/warehouse/util.py", moves)


def test_symbol_of_a_package_that_is_no_module_comes_from_where_it_is_defined() -> None:
    moves = moves_for({"a.b": "c.d"}, "a/ a.b.one x", remap={"a.b": {"Thing": "a.b.one"}})
    rewritten("from a.b import Thing\n", "from c.d.one import Thing\n", "x.py", moves)


REEXPORTS = {"posthog.warehouse.models": {"Table": "posthog.warehouse.models.table", "Join": "posthog.warehouse.models.join", "Team": "posthog.models.team"}}
THROUGH = dataclasses.replace(WAREHOUSE, remap=REEXPORTS)
CONCRETE = dataclasses.replace(THROUGH, concrete=True)


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("from new import backend as warehouse\n", "from posthog import warehouse\n"),
        ("from new import (\n    backend as warehouse,  # why\n)\n", "from posthog import (\n    warehouse,  # why\n)\n"),
        ("from new import backend as warehouse, x\n", "from posthog import warehouse\nfrom new import x\n"),
        ("from new import backend as w\n", "from posthog import warehouse as w\n"),
        ("from new import (backend as  # why\n    warehouse)\n", "from posthog import (warehouse as  # why\n    warehouse)\n"),
        ("from new.backend import util as util\n", "from posthog.warehouse import util as util\n"),
    ],
)
def test_an_alias_that_became_the_name_goes(text: str, expected: str) -> None:
    moves = moves_for({"new.backend": "posthog.warehouse"}, "new/ new.backend/ new.backend.util new.x posthog/ ee/ ee.x")
    rewritten(text, expected, "ee/x.py", moves)


def test_an_import_goes_through_the_package_as_before() -> None:
    rewritten("from posthog.warehouse.models import Table\n", f"from {NEW}.models import Table\n", moves=THROUGH)
    unchanged("from .models import Table, Join\n", "posthog/warehouse/util.py", THROUGH)


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("from posthog.warehouse.models import Table\n", f"from {NEW}.models.table import Table\n"),
        ("from posthog.warehouse.models import Table as T  # why\n", f"from {NEW}.models.table import Table as T  # why\n"),
        ("from posthog.warehouse.models import Team\n", "from posthog.models.team import Team\n"),
        (
            "from posthog.warehouse.models import (\n    Join,  # one\n    Table,\n    other,\n    join,\n)\n",
            f"from {NEW}.models.join import (\n    Join,  # one\n)\nfrom {NEW}.models.table import (\n    Table,\n)\nfrom {NEW}.models import (\n    other,\n    join,\n)\n",
        ),
        ("from posthog.warehouse.models import *\n", f"from {NEW}.models import *\n"),
        ("from posthog.warehouse import models\nmodels.Table\n", f"from {NEW} import models\nmodels.Table\n"),
        ("patch('posthog.warehouse.models.Table')\n", f"patch('{NEW}.models.Table')\n"),
    ],
)
def test_an_import_goes_to_the_module_that_defines_the_symbol(text: str, expected: str) -> None:
    rewritten(text, expected, moves=CONCRETE)


def test_relative_imports_go_there_too() -> None:
    rewritten("from .models import Table, x\n", "from .models.table import Table\nfrom .models import x\n", "posthog/warehouse/util.py", CONCRETE)
    rewritten("from . import Join\n", "from .join import Join\n", "posthog/warehouse/models/table.py", CONCRETE)
    unchanged("from .table import Table\n", "posthog/warehouse/models/__init__.py", CONCRETE)


def test_packages_that_stay_keep_their_imports() -> None:
    moves = dataclasses.replace(CONCRETE, remap={"posthog.models": {"Team": "posthog.models.team"}})
    unchanged("from posthog.models import Team\nfrom . import warehouse_utils\n", moves=moves)


def test_other_encodings_and_byte_order_marks_stay() -> None:
    latin = "# -*- coding: latin-1 -*-\né = 1; from posthog.warehouse import a  # é\n"
    rewritten(latin.encode("latin-1"), latin.replace("posthog.warehouse", NEW).encode("latin-1"))
    marked = "\ufefffrom posthog.warehouse import a  # é\n"
    rewritten(marked.encode(), marked.replace("posthog.warehouse", NEW).encode())


def test_old_line_ends_and_form_feeds_stay() -> None:
    text = b"x = 1\rfrom posthog import utils, warehouse\ry = 1\r"
    rewritten(text, text.replace(b"utils, warehouse", b"utils\rfrom products.data_warehouse import backend as warehouse"))
    rewritten(b"\x0cfrom posthog.warehouse import a\n", f"\x0cfrom {NEW} import a\n".encode())


def test_reference_says_what_it_means() -> None:
    (reference,) = rewritten("from .warehouse.models import x\n", f"from {NEW}.models import x\n")
    assert (reference.kind, reference.old, reference.new) == ("import", "posthog.warehouse.models", f"{NEW}.models")


def test_module_that_becomes_a_package_of_the_same_name() -> None:
    moves = dataclasses.replace(moves_for({}, "pkg/ pkg.thing pkg.helper x"), files={"pkg/thing.py": "pkg/thing/__init__.py"})
    text = "from . import helper\nfrom .helper import x\nfrom pkg import helper\nfrom .thing import y\n"
    expected = "from pkg import helper\nfrom pkg.helper import x\nfrom pkg import helper\nfrom . import y\n"
    rewritten(text, expected, "pkg/thing.py", moves, again=False)
    unchanged("from .thing import x\nfrom . import thing\n", "pkg/helper.py", moves)


def test_module_that_becomes_a_package() -> None:
    moves = moves_for({"pkg.thing": "new.thing", "pkg.helper": "new.helper"}, "pkg/ pkg.thing pkg.helper")
    moves = dataclasses.replace(moves, files={"pkg/thing.py": "new/thing/__init__.py", "pkg/helper.py": "new/helper.py"})
    rewritten("from .helper import x\n", "from new.helper import x\n", "pkg/thing.py", moves, again=False)
    unchanged("from .thing import x\n", "pkg/helper.py", moves)

from __future__ import annotations

import pytest

from tests.rewriters.tools import MONOLITH, NEW, moves_for, rewritten, unchanged

U = f"{NEW}.util"
SPECIAL = moves_for(
    {"posthog.warehouse": NEW, "posthog.warehouse.special": "common.special", "posthog.warehouse.stays": "posthog.warehouse.stays"},
    MONOLITH + "posthog.warehouse.special posthog.warehouse.stays common/",
)
WITHIN = moves_for({"posthog.warehouse": "posthog.products.warehouse"})


@pytest.mark.parametrize(
    "text",
    [
        "posthog.warehouse.util.f()\n",  # nothing binds posthog
        "import posthog\nposthog.models.team.f()\n",
        "import posthog\nposthog.warehouse_utils.f()\n",
        "import posthog\n\ndef f(posthog):\n    return posthog.warehouse.util\n",
        "import posthog\nx = lambda posthog: posthog.warehouse\n",
        "import posthog\nx = [posthog.warehouse for posthog in y]\n",
        "import posthog\nx.posthog.warehouse.util\n",
        "import posthog\nf(posthog=1).warehouse\n",
        "import posthog\n\nclass A:\n    posthog = 1\n    x = posthog.warehouse\n",
        "import posthog\n\ndef f():\n    for posthog in x:\n        posthog.warehouse\n",
        "import posthog\n\ndef f():\n    with x as posthog:\n        posthog.warehouse\n",
        "import posthog\n\ndef f():\n    try:\n        pass\n    except E as posthog:\n        posthog.warehouse\n",
        "import posthog\n\ndef f():\n    match x:\n        case {'a': posthog, **rest}:\n            posthog.warehouse\n",
        "import posthog\n\ndef f():\n    if (posthog := x):\n        posthog.warehouse\n",
        "import posthog\n\ndef f():\n    [posthog := y for y in x]\n    posthog.warehouse\n",
        "from posthog import models\nmodels.warehouse.util\n",
        "from somewhere import posthog\nposthog.warehouse.util\n",
        "import posthog as p\nposthog.warehouse.util\n",
        "import posthog\n# posthog.warehouse.util\n",
        "import posthog\nx = f'posthog.warehouse.util {posthog.models}'\n",
    ],
)
def test_untouched(text: str) -> None:
    unchanged(text)


def both(before: str, after: str = "") -> tuple[str, str]:
    """A file that imports ``posthog.warehouse.util`` by its full name, before and after."""
    after = after or before.replace("posthog.warehouse", NEW)
    return f"import posthog.warehouse.util\n{before}", f"import {U}\n{after}"


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        both("posthog.warehouse.util.f(posthog.warehouse.util.x)\n"),
        both("posthog.warehouse.VERSION\n"),
        both("posthog.warehouse.models.table.x\n"),
        both("@posthog.warehouse.util.d(1)\ndef f(a: posthog.warehouse.util.T = posthog.warehouse.util.x) -> posthog.warehouse.util.R: ...\n"),
        both("class A(posthog.warehouse.util.B, metaclass=posthog.warehouse.util.M):\n    x: posthog.warehouse.util.T\n    y = posthog.warehouse.util.y\n"),
        both("def f():\n    def g():\n        return posthog.warehouse.util.x\n"),
        both("class A:\n    posthog = 1\n    def f(self):\n        return posthog.warehouse.util.x\n"),
        both("x = [posthog.warehouse.util.f(posthog) for posthog in posthog.warehouse.util.y]\n",
             f"x = [posthog.warehouse.util.f(posthog) for posthog in {U}.y]\n"),
        both("x = lambda posthog=posthog.warehouse.util.y: posthog.warehouse\n", f"x = lambda posthog={U}.y: posthog.warehouse\n"),
        both("posthog.warehouse.util.x = 1\ndel posthog.warehouse.util.x\n"),
        both("posthog.warehouse.util.x += 1\nfor posthog.warehouse.util.x in y: pass\n"),
        both("posthog.warehouse.util.x: int = 1\n"),
        both("async def f():\n    async with posthog.warehouse.util.x as y:\n        await posthog.warehouse.util.z()\n"),
        both("match x:\n    case posthog.warehouse.util.A():\n        pass\n    case posthog.warehouse.util.B:\n        pass\n"),
        both("try:\n    pass\nexcept (posthog.warehouse.util.E, ValueError) as e:\n    raise posthog.warehouse.util.F from e\n"),
        both("x = (posthog\n     .warehouse\n     .util.f())\n", f"x = ({U}.f())\n"),
        both("x = posthog . warehouse \\\n    .util.f()\n", f"x = {U}.f()\n"),
        both("x = (posthog.warehouse).util.f()\n", f"x = {U}.f()\n"),
        both("x = (posthog  # one\n     .warehouse.util  # two\n     .f())\n", f"x = ({U}  # one\n       # two\n     .f())\n"),
        both("f'{posthog.warehouse.util.x} posthog.warehouse.util.x {posthog.warehouse.util.y!r:>{posthog.warehouse.util.w}}'\n",
             f"f'{{{U}.x}} posthog.warehouse.util.x {{{U}.y!r:>{{{U}.w}}}}'\n"),
        both("f'{posthog.warehouse.util.x=}'\n"),
        both("é = f'é{{posthog.warehouse.util}} { posthog.warehouse.util.x }' 'é' f\"{posthog.warehouse.util.y}\"\n",
             f"é = f'é{{{{posthog.warehouse.util}}}} {{ {U}.x }}' 'é' f\"{{{U}.y}}\"\n"),
        both('f"""\n{posthog.warehouse.util.x:\n>10} {\nposthog.warehouse.util.y}\n"""\n'),
        both("rf'\\{posthog.warehouse.util.x}' f'\\N{EM DASH}{posthog.warehouse.util.y}'\n"),
        both("f'{f\"{posthog.warehouse.util.x}\"}'\n"),
        both("f'{x[\"a:b\"]!s}{posthog.warehouse.util.x != 1}{posthog.warehouse.util.f(a==1)}'\n"),
        both("def f(x: 'list[posthog.warehouse.util.T] | None'): ...\n"),
        both("x: 'posthog.warehouse.util.T'\n"),
        ("import posthog\nx: 'list[posthog.warehouse.util.T, posthog.x]'\nfrom posthog import warehouse\n",
         f"import posthog\nimport {U}\nx: 'list[{U}.T, posthog.x]'\nfrom products.data_warehouse import backend as warehouse\n"),
        both("x: Optional['posthog.warehouse.util.T | None'] = None\n"),
        both("def f():\n    global posthog\n    return posthog.warehouse.util.x\n"),
        both("def f():\n    x = posthog.warehouse.util.x\n    return posthog.warehouse.util.y\n"),
        ("import posthog.warehouse.util, os\nposthog.warehouse.util.f()\n", f"import {U}, os\n{U}.f()\n"),
        ("import posthog.warehouse.util, posthog.warehouse.tasks\nposthog.warehouse.tasks.f()\n", f"import {U}, {NEW}.tasks\n{NEW}.tasks.f()\n"),
        (
            "def f():\n    import posthog.warehouse.util\n    return posthog.warehouse.util.f()\n",
            f"def f():\n    import {U}\n    return {U}.f()\n",
        ),
        (
            "class A:\n    import posthog.warehouse.util\n    x = posthog.warehouse.util.f()\n",
            f"class A:\n    import {U}\n    x = {U}.f()\n",
        ),
    ],
)  # fmt: skip
def test_import_and_its_uses(text: str, expected: str) -> None:
    rewritten(text, expected)


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        both("f'{posthog.warehouse.util.x['a']} {f'{posthog.warehouse.util.y}'}'\n"),
        both("f'{\n    posthog.warehouse.util.x  # why\n}'\n"),
        both("def f[posthog](x: posthog.warehouse.util) -> posthog.warehouse: ...\nposthog.warehouse.util.x\n",
             f"def f[posthog](x: posthog.warehouse.util) -> posthog.warehouse: ...\n{U}.x\n"),
        both("def f[T: posthog.warehouse.util.B](x: T = posthog.warehouse.util.y): ...\n"),
        both("type X[T] = posthog.warehouse.util.A[T]\n"),
        both("class A[posthog](posthog.warehouse):\n    x = posthog.warehouse\n", "class A[posthog](posthog.warehouse):\n    x = posthog.warehouse\n"),
    ],
)  # fmt: skip
def test_import_and_its_uses_in_newer_grammar(text: str, expected: str) -> None:
    rewritten(text, expected)


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("import posthog.warehouse.util\nposthog.models.x\n", f"import posthog\nimport {U}\nposthog.models.x\n"),
        ("import posthog.warehouse.util\nprint(posthog)\n", f"import posthog\nimport {U}\nprint(posthog)\n"),
        ("import posthog.warehouse.util  # noqa\nprint(posthog)\n", f"import posthog  # noqa\nimport {U}  # noqa\nprint(posthog)\n"),
        ("import posthog.warehouse.util\n__all__ = ['posthog']\n", f"import posthog\nimport {U}\n__all__ = ['posthog']\n"),
        ("import posthog.warehouse.util\n\ndef f():\n    return posthog.utils\n", f"import posthog\nimport {U}\n\ndef f():\n    return posthog.utils\n"),
        ("import posthog.warehouse.util\nx = globals()\n", f"import posthog\nimport {U}\nx = globals()\n"),
        ("import posthog.warehouse.util\neval('posthog')\n", f"import posthog\nimport {U}\neval('posthog')\n"),
        ("import posthog.warehouse.util\nvars(x)\n", f"import {U}\nvars(x)\n"),
        ("import posthog.warehouse.util\ndel posthog\n", f"import posthog\nimport {U}\ndel posthog\n"),
        ("import posthog.warehouse.util\nx: 'posthog.models.T'\n", f"import posthog\nimport {U}\nx: 'posthog.models.T'\n"),
        ("import posthog.warehouse.util\nx: Literal['posthog']\n", f"import {U}\nx: Literal['posthog']\n"),
        ("import posthog.warehouse.util\r\nposthog.x\r\n", f"import posthog\r\nimport {U}\r\nposthog.x\r\n"),
        ("if x: import posthog.warehouse.util\nposthog.x\n", f"if x: import posthog; import {U}\nposthog.x\n"),
        ("import posthog.warehouse.util, os\nposthog.x\n", f"import posthog, {U}, os\nposthog.x\n"),
        ("x = 1; import posthog.warehouse.util; posthog.x\n", f"x = 1; import posthog; import {U}; posthog.x\n"),
        # another import keeps it bound
        ("import posthog.models\nimport posthog.warehouse.util\nposthog.models.x\n", f"import posthog.models\nimport {U}\nposthog.models.x\n"),
        ("import posthog.warehouse.util\nimport posthog.x\nposthog.models.x\n", f"import {U}\nimport posthog.x\nposthog.models.x\n"),
        ("import posthog\nif x:\n    import posthog.warehouse.util\nposthog.x\n", f"import posthog\nif x:\n    import {U}\nposthog.x\n"),
        # but not surely, or too late, or not any more
        ("import posthog\nposthog = None\nimport posthog.warehouse.util\nposthog.x\n", f"import posthog\nposthog = None\nimport posthog\nimport {U}\nposthog.x\n"),
        ("import posthog\ndel posthog\nimport posthog.warehouse.util\nposthog.x\n", f"import posthog\ndel posthog\nimport posthog\nimport {U}\nposthog.x\n"),
        ("if x:\n    import posthog\nimport posthog.warehouse.util\nposthog.x\n", f"if x:\n    import posthog\nimport posthog\nimport {U}\nposthog.x\n"),
        ("import posthog.warehouse.util\nposthog.x\nimport posthog.models\n", f"import posthog\nimport {U}\nposthog.x\nimport posthog.models\n"),
        ("def f():\n    import posthog\nimport posthog.warehouse.util\nposthog.x\n", f"def f():\n    import posthog\nimport posthog\nimport {U}\nposthog.x\n"),
        (
            "if x:\n    import posthog.warehouse.util\nelse:\n    import posthog.warehouse.tasks\nposthog.x\n",
            f"if x:\n    import posthog\n    import {U}\nelse:\n    import posthog\n    import {NEW}.tasks\nposthog.x\n",
        ),
        (
            "import posthog.warehouse.util\nimport posthog.warehouse.tasks\nposthog.x\n",
            f"import posthog\nimport {U}\nimport {NEW}.tasks\nposthog.x\n",
        ),
        (
            "try:\n    import posthog.warehouse.util\nexcept ImportError:\n    posthog = None\nif posthog:\n    posthog.warehouse.util.f()\n",
            f"try:\n    import posthog\n    import {U}\nexcept ImportError:\n    posthog = None\nif posthog:\n    {U}.f()\n",
        ),
    ],
)
def test_what_else_was_bound_stays_bound(text: str, expected: str) -> None:
    rewritten(text, expected)


def test_parent_that_stays_is_still_loaded() -> None:
    moves = moves_for({"pkg.sub.one": "new.one"}, "pkg/ pkg.sub/ pkg.sub.one pkg.sub.two x")
    rewritten("import pkg.sub.one\npkg.sub.two.f(pkg.sub.x)\n", "import pkg.sub\nimport new.one\npkg.sub.two.f(pkg.sub.x)\n", "x.py", moves)
    rewritten("import pkg\nfrom pkg.sub.one import y\npkg.sub.x\n", "import pkg\nimport pkg.sub\nfrom new.one import y\npkg.sub.x\n", "x.py", moves)
    rewritten("import pkg\npkg.sub.x\n", "import pkg\nimport pkg.sub\npkg.sub.x\n", "pkg/sub/one.py", moves)
    unchanged("import pkg\npkg.sub.x\n", "x.py", moves)
    rewritten("import pkg.sub.one\npkg.x\n", "import pkg\nimport new.one\npkg.x\n", "x.py", moves)


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("import posthog\nposthog.warehouse.util.f()\n", f"import posthog\nimport {U}\n{U}.f()\n"),
        ("import posthog  # why\nposthog.warehouse.util.f()\n", f"import posthog  # why\nimport {U}\n{U}.f()\n"),
        ("import posthog  # noqa\r\nposthog.warehouse.util.f()\r\n", f"import posthog  # noqa\r\nimport {U}  # noqa\r\n{U}.f()\r\n"),
        ("import posthog; posthog.warehouse.util.f()", f"import posthog; import {U}; {U}.f()"),
        ("if x: import posthog  # why\nposthog.warehouse.util.f()\n", f"if x: import posthog; import {U}  # why\n{U}.f()\n"),
        ("def f(): import posthog; return posthog.warehouse.x\n", f"def f(): import posthog; import {NEW}; return {NEW}.x\n"),
        ("import posthog, os\nposthog.warehouse.util.f(posthog.warehouse.VERSION)\n", f"import posthog, os\nimport {U}\n{U}.f({NEW}.VERSION)\n"),
        ("import posthog\nposthog.warehouse.util.f(posthog.warehouse.models.x)\n", f"import posthog\nimport {NEW}.models\nimport {U}\n{U}.f({NEW}.models.x)\n"),
        (f"import posthog\nimport {U}\nposthog.warehouse.util.f()\n", f"import posthog\nimport {U}\n{U}.f()\n"),
        ("import posthog as p\np.warehouse.util.f(p.models)\n", f"import posthog as p\nimport {U}\n{U}.f(p.models)\n"),
    ],
)
def test_module_is_reached_through_a_parent_that_stays(text: str, expected: str) -> None:
    rewritten(text, expected)


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("from posthog import warehouse\nwarehouse.models.x\n", "from products.data_warehouse import backend as warehouse\nwarehouse.models.x\n"),
        ("import posthog.warehouse as w\nw.util.x\n", f"import {NEW} as w\nw.util.x\n"),
        (
            "from posthog import warehouse\nwarehouse.special.f(warehouse.util)\n",
            "from products.data_warehouse import backend as warehouse\nimport common.special\ncommon.special.f(warehouse.util)\n",
        ),
        ("import posthog.warehouse as w\nw.special.f()\n", f"import {NEW} as w\nimport common.special\ncommon.special.f()\n"),
        ("import posthog.warehouse as w\nw.stays.f()\n", f"import {NEW} as w\nimport posthog.warehouse.stays\nposthog.warehouse.stays.f()\n"),
        (
            "import posthog.warehouse.special\nposthog.warehouse.special.f(posthog.warehouse.util.x)\n",
            f"import common.special\nimport {NEW}.util\ncommon.special.f({NEW}.util.x)\n",
        ),
        (
            "import posthog.warehouse.special\nposthog.warehouse.special.f(posthog.warehouse.VERSION)\n",
            f"import common.special\nimport {NEW}\ncommon.special.f({NEW}.VERSION)\n",
        ),
        (
            "import posthog.warehouse.util\nposthog.warehouse.stays.f(posthog.warehouse.util.x)\n",
            f"import posthog\nimport {U}\nposthog.warehouse.stays.f({U}.x)\n",
        ),
    ],
)
def test_submodules_that_go_elsewhere(text: str, expected: str) -> None:
    rewritten(text, expected, moves=SPECIAL)


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        (
            "def f(products):\n    import posthog.warehouse.util\n    return posthog.warehouse.util.f(products)\n",
            f"def f(products):\n    import {U} as warehouse_util\n    return warehouse_util.f(products)\n",
        ),
        (
            "import posthog.warehouse.util\n\ndef f(products):\n    return posthog.warehouse.util.f(products)\n",
            f"import {U} as warehouse_util\n\ndef f(products):\n    return warehouse_util.f(products)\n",
        ),
        (
            "import posthog.warehouse.util\n\ndef f(products):\n    return products\n\nposthog.warehouse.util.f()\n",
            f"import {U}\n\ndef f(products):\n    return products\n\n{U}.f()\n",
        ),
        (
            "import posthog.warehouse.util\nproducts = [1]\nwarehouse_util = posthog.warehouse.util.f(products)\n",
            f"import {U} as posthog_warehouse_util\nproducts = [1]\nwarehouse_util = posthog_warehouse_util.f(products)\n",
        ),
        (
            "from shop import products\nimport posthog.warehouse.util, posthog.models\nposthog.warehouse.util.f(posthog.models, posthog.warehouse.x)\n",
            f"from shop import products\nimport {U} as warehouse_util, posthog.models\nimport {NEW} as posthog_warehouse\nwarehouse_util.f(posthog.models, posthog_warehouse.x)\n",
        ),
        (
            "import products.other.api\nimport posthog.warehouse.util\nposthog.warehouse.util.f(products.other.api)\n",
            f"import products.other.api\nimport {U}\n{U}.f(products.other.api)\n",
        ),
        (
            "products = 1\n\ndef f():\n    import posthog.warehouse.util\n    return products\n",
            f"products = 1\n\ndef f():\n    import {U} as warehouse_util\n    return products\n",
        ),
        (
            "import posthog\n\ndef f(products):\n    return posthog.warehouse.util.f(products)\n",
            f"import posthog\nimport {U} as warehouse_util\n\ndef f(products):\n    return warehouse_util.f(products)\n",
        ),
        (
            "import posthog.warehouse.util\n[posthog.warehouse.util.f(products) for products in x]\n",
            f"import {U} as warehouse_util\n[warehouse_util.f(products) for products in x]\n",
        ),
    ],
)
def test_new_top_name_means_something_else_there(text: str, expected: str) -> None:
    rewritten(text, expected)


@pytest.mark.parametrize(
    ("text", "doubtful"),
    [
        (
            "import posthog.warehouse.util\nposthog = f()\nposthog.warehouse.util.x\n",
            ["1: posthog.warehouse.util: posthog is bound", "3: posthog.warehouse.util"],
        ),
        (
            "try:\n    import posthog.warehouse.util\nexcept ImportError:\n    import fake as posthog\nposthog.warehouse.util.x\n",
            ["2: posthog.warehouse.util: posthog is bound", "5: posthog.warehouse.util"],
        ),
        (
            "def f():\n    global posthog\n    import posthog.warehouse.util\n",
            ["3: posthog.warehouse.util: posthog is bound"],
        ),
    ],
)
def test_undecidable_is_left_and_listed(text: str, doubtful: list[str]) -> None:
    unchanged(text, doubtful=doubtful)


def test_name_stays_where_the_top_name_stays() -> None:
    rewritten(
        "import posthog.warehouse.util\nposthog.warehouse.util.f(posthog, posthog.models)\n",
        "import posthog.products.warehouse.util\nposthog.products.warehouse.util.f(posthog, posthog.models)\n",
        moves=WITHIN,
    )


def test_uses_in_a_moved_file() -> None:
    rewritten(
        "import posthog.warehouse.util\nfrom ..models import team\nposthog.warehouse.util.f(team)\n",
        f"import {U}\nfrom posthog.models import team\n{U}.f(team)\n",
        "posthog/warehouse/tasks.py",
    )

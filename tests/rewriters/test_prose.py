from __future__ import annotations

from dataclasses import replace

import pytest

from migration.python.source_file import SourceFile
from migration.rewriters import prose
from tests.rewriters.alone import check
from tests.rewriters.text_tools import AWAY, HOME, IN_SRC, MOVES, TOP, python_rewritten, python_unchanged
from tests.rewriters.tools import NEW

OLD = "posthog.warehouse"


@pytest.mark.parametrize(
    "text",
    [
        "x = 'posthog.warehouse.util'\n",
        "x = 'posthog/warehouse/util.py'\n",
        "import posthog.warehouse.util\n",
        "from posthog.warehouse import util\n",
        "x = posthog.warehouse.util\n",
        "def f(x='posthog.warehouse.util'): ...\n",
        "b'posthog.warehouse'\n",
        "x = b'see posthog.warehouse.util'\n",
        "x = 'see posthog.warehouse' '_utils', 'see my.' 'posthog.warehouse', 'my-' 'posthog.warehouse fails'\n",
        "x = f'see posthog.warehouse{y}', f'see {y}posthog.warehouse.util', f'a {posthog.warehouse.util} b'\n",
        "x = 'SELECT posthog.warehouse.id FROM y', 'select posthog.warehouse.id from posthog.warehouse'\n",
        "x = 'WITH y AS (SELECT 1) SELECT posthog.warehouse.id, y.id FROM z'\n",
        "x = 'see my.posthog.warehouse, posthog.warehouse_utils, posthog.warehouse.io, https://x/posthog.warehouse'\n",
        "x = 'from posthog import utils, warehouse', 'all of posthog.warehouse*'\n",
        "b'see posthog.warehouse'\n",
        "x = 'SELECT posthog.warehouse.id FROM posthog.warehouse, posthog.warehouse WHERE posthog.warehouse.id = 1'\n",
        "x = '''\n  update posthog.warehouse\n  set a = posthog.warehouse.b\n'''\n",
        "x = f'{posthog.warehouse.util.f} is {posthog.warehouse.util!r:>{posthog.warehouse.util.n}}'\n",
        "x = 'see https://posthog.com/posthog.warehouse, me@posthog.warehouse or posthog.warehouse_utils'\n",
        "#!/code/posthog/warehouse/run.sh posthog.warehouse\n",
        "# -*- coding: utf-8 -*- posthog.warehouse\n",
        "# coding: utf-8 posthog.warehouse\n",
        "x = 1  # noqa: posthog.warehouse\n",
        "x = 1  # type: ignore[posthog.warehouse]\n",
        "x = 1  # pylint: disable=posthog.warehouse\n",
        "# mypy: disable-error-code=posthog.warehouse\n",
        "# isort: skip posthog.warehouse\n",
        "# the warehouse, posthog.warehouse_utils, my.posthog.warehouse, posthog.warehouse-x\n",
        "# https://posthog.com/posthog/warehouse, me@posthog.warehouse, posthog.warehouse.io\n",
        '"""The data warehouse: frontend/posthog/warehouse."""\n',
        '"""See https://x.y/#posthog.warehouse.util."""\n',
    ],
)
@pytest.mark.parametrize("path", ["posthog/utils.py", "posthog/warehouse/util.py", "bin/script.py"])
def test_untouched(text: str, path: str) -> None:
    python_unchanged(prose, text, path)


@pytest.mark.parametrize(
    "text",
    [
        "# posthog.warehouse\n",
        "#posthog.warehouse.util is é posthog/warehouse/util.py\r\nx = 1\r\n",
        "x = 1  # posthog.warehouse.\n",
        "x = 1  # posthog.warehouse",
        "x = '#'  # posthog.warehouse\n",
        "x = 'it''s'; y = \"#'\"  # posthog.warehouse\n",
        "x = f'{y}#'  # posthog.warehouse\n",
        "x = 1  # noqa: F401  # posthog.warehouse\n",
        "x = 1  # type: posthog.warehouse.models.table.Table\n",
        "x = [\n    1,  # posthog.warehouse\n    # posthog/warehouse\n]\n",
        "x = ('a'  # posthog.warehouse\n     'b')\n",
        "x = f(\n    # 'posthog.warehouse.util'\n)\n",
        "x = '# posthog.warehouse'\n",
        "x = '''\n# posthog.warehouse\n'''\n",
        "x = ('a'\n    '# posthog.warehouse')\n",
        "x = f'{y!r:#} # posthog.warehouse'\n",
        "x = f'''{y}\n# posthog.warehouse\n'''\n",
        "raise X('`posthog.warehouse` must be in INSTALLED_APPS')\n",
        "f('Ensure that %s extends posthog.warehouse.models.table.Table.' % x)\n",
        "x = \"<class 'posthog.warehouse.models.table.Table'>\"\n",
        "x = 'posthog.warehouse.util,posthog.utils'\n",
        "x = f'{y} is not in posthog.warehouse.{z} or posthog.warehouse: {y}'\n",
        "x = ('in posthog.warehouse.util, '\n     'not in\\nposthog.warehouse')\n",
        "DOC = r'''\n    :class:`~posthog.warehouse.models.table.Table`\n'''\n",
        "f('python -c \"import posthog.warehouse.util; posthog.warehouse.util.f()\"')\n",
        "# from posthog.warehouse.util import f\n",
        "# patch('posthog.warehouse.util.f')\n",
        "if x:\n    pass\n    # posthog.warehouse\n# posthog.warehouse\nelse:\n    pass\n",
        "from x import (\n    a,  # posthog.warehouse\n    b,\n)\n",
        "x = 1\n\f\n# posthog.warehouse\n",
        '"""posthog.warehouse"""\n',
        '"""Uses :class:`~posthog.warehouse.models.table.Table` and ``posthog.warehouse``."""\n',
        "'posthog.warehouse'\n",
        'r"""\\d posthog.warehouse\n\n>>> from posthog.warehouse import util\n>>> posthog.warehouse.util.f()\n"""\n',
        'def f():\n    """See posthog/warehouse/util.py (posthog.warehouse.util)."""\n',
        'class A:\n    x = 1\n    """posthog.warehouse.models."""\n',
        "async def f():\n    '''a\n    posthog.warehouse\n    '''\n    # posthog.warehouse\n",
        "match x:\n    case 1:  # posthog.warehouse\n        pass\n",
        "@d  # posthog.warehouse\nclass A:  # posthog.warehouse\n    pass\n",
    ],
)
@pytest.mark.parametrize("path", ["posthog/utils.py", "posthog/warehouse/util.py", "bin/script.py"])
def test_rewritten(text: str, path: str) -> None:
    references = python_rewritten(prose, text, text.replace(OLD, NEW).replace(HOME, AWAY), path)
    assert {reference.kind for reference in references} == {"prose"}


@pytest.mark.parametrize(
    "text",
    [
        "raise E('Subclasses of posthog.warehouse.util.A must have x')\n",
        "x = '# posthog.warehouse'\n",
        "x = '''\n# posthog.warehouse\n'''\n",
        "x = ('a'\n    '# posthog.warehouse.')\n",
        "x = f'{y!r:#} # posthog.warehouse'\n",
        "x = f'''{y}\n# posthog.warehouse.{z} posthog.warehouse.util.{z}\n'''\n",
        "x = 'A' \"of posthog.warehouse\" ', posthog.warehouse.util.f()'\n",
        "assert out == ' 3  posthog.warehouse.models.Table'\n",
        "assert log == ['ERROR:posthog.warehouse.util:it failed']\n",
        "assert repr(x) == \"<class 'posthog.warehouse.models.Table'>\"\n",
        "run([python, '-c', 'from posthog.warehouse.util import f; f()'])\n",
        "code = '''\nimport posthog.warehouse.models as m\nm.f()\n'''\n",
        "x = r'^posthog\\.warehouse\\.util'\n",
        "help = 'Run ./manage.py test posthog.warehouse.models'\n",
    ],
)
@pytest.mark.parametrize("path", ["posthog/utils.py", "posthog/warehouse/util.py"])
def test_messages(text: str, path: str) -> None:
    expected = text.replace(OLD, NEW).replace(r"posthog\.warehouse", NEW.replace(".", r"\."))
    references = python_rewritten(prose, text, expected, path)
    assert {reference.kind for reference in references} == {"prose"}


def test_code_in_a_string() -> None:
    text = 'x = "from posthog import warehouse; warehouse.f()"\n'
    expected = text.replace("posthog import warehouse", "products.data_warehouse import backend as warehouse")
    python_rewritten(prose, text, expected)


def test_a_label_in_a_message() -> None:
    """``warehouse.Table`` may be a model as well as a name of the module."""
    python_unchanged(prose, "x = 'the warehouse.Table of warehouse'\n", "app.py", TOP)
    text = "x = 'in warehouse.models.Table: no'\n"
    python_rewritten(prose, text, text.replace("warehouse", "products.wh"), "app.py", TOP)


def test_doctest_that_imports_the_module() -> None:
    text = '"""\n>>> from posthog import warehouse\n>>> warehouse.util\n"""\n'
    expected = text.replace("posthog import warehouse", "products.data_warehouse import backend as warehouse")
    python_rewritten(prose, text, expected)
    python_unchanged(prose, '"""\n>>> from posthog import utils, warehouse\n"""\n', doubtful=["not simple enough"])


def test_a_url_beside_a_name() -> None:
    text = "# posthog/warehouse/util.py, https://x.y/z?p=posthog/warehouse/util.py\n"
    python_rewritten(prose, text, text.replace(HOME, AWAY, 1))


def test_a_link_into_the_repo_is_listed() -> None:
    text = "# https://github.com/a/b/blob/main/posthog/warehouse/util.py\n"
    python_unchanged(prose, text, doubtful=["a link"])


def test_kept_by_the_plan() -> None:
    kept = replace(MOVES, keep=frozenset({"posthog.warehouse.tasks.sync"}))
    python_unchanged(prose, "# posthog.warehouse.tasks.sync\n", moves=kept, doubtful=["under keep"])


def test_comment_in_an_import_that_is_written_anew() -> None:
    text = "from posthog import (\n    utils,  # posthog.warehouse\n    warehouse,\n)\n"
    python_unchanged(prose, text)


def test_other_encodings() -> None:
    text = "# coding: latin-1\n# é posthog.warehouse\n"
    source = SourceFile("posthog/utils.py", text.encode("latin-1"), "posthog.utils")
    (found,) = prose.find(source, MOVES)
    assert source.data[found.start : found.end] == b"posthog.warehouse"


def test_a_file_that_is_named_from_a_root() -> None:
    text = '"""See shop/base/mail.py."""\n# and base/mail.py, shop/base/gone.py\nx = 1  # shop/base/a/x.xml\n'
    left = ["2: src/shop/base/mail.py: names src/shop/base/mail.py from src/shop/, by its looks"]
    check(prose, text, text.replace("shop/base/mail.py.", "shop/core/base/mail.py.").replace("shop/base/a", "shop/core/base/a"), "docs/conf.py", IN_SRC, left=left)
    check(prose, "# shop/base/mail.py\n", "# shop/core/base/mail.py\n", "src/x.py", IN_SRC)

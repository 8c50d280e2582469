from __future__ import annotations

from functools import partial

import pytest

from migration.core.moves import Moves
from migration.engine.claims import may_hold
from migration.engine.rewrite_python import rewrite
from migration.python.file_head import head_of, headed
from migration.python.source_file import SourceFile
from migration.rewriters import OF_NAMES

MOVES = Moves(
    {"shop": True, "shop.util": False, "shop.stock": True, "shop.stock.items": False, "till": False},
    {"shop.stock": "goods.stock", "shop.stock.items": "goods.stock.items"},
    {"shop.stock": "goods.stock"},
    files={"shop/stock/items.py": "goods/stock/items.py"},
    directories={"shop/stock": "goods/stock"},
    stars={"shop": frozenset({"stock"})},
)
WHOLE = "\n\nX = 'stock'\n"
"""A string behind the imports that has the whole file parsed, and means nothing."""


def seen(text: str, path: str = "till.py") -> int | None:
    """How many statements of a file are looked at; None for all of them."""
    source = SourceFile(path, text.encode(), path.removesuffix(".py").replace("/", ".").removesuffix(".__init__"))
    found = headed(source, MOVES, partial(may_hold, rewriters=OF_NAMES))
    assert found.data == source.data and found.path == path
    return None if found is source else len(found.tree.body)


# ---- what needs the whole file


@pytest.mark.parametrize("text", [
    "import shop as s\n\n\ndef f():\n    return s.stock.items\n",  # a name through which it is reached
    "import shop.stock.items\n\n\ndef f():\n    return shop.stock.items\n",
    "import shop.util\nimport shop.stock.items as i\n\n\ndef f():\n    return shop.stock\n",
    "from shop import *\nfrom shop.stock import items\n\n\ndef f():\n    return stock.items\n",
    "from shop.stock import items\n\n\ndef f():\n    from shop.stock import items\n",
    "from shop.stock import items\n\n\ndef f():\n    return 'shop.stock.items'\n",
    "from shop.stock import items\n\n\ndef f():  # see shop.stock.items\n    return 1\n",
    "from shop.stock import items\n\n\ndef f():\n    return 'shop/stock/items.py'\n",
    "from shop.stock import items\nimport shop as s\n\n\ndef f():\n    return getattr(s, 'stock')\n",
    "from shop.stock import items\nfrom till import roots\n\n\ndef f():\n    return roots('stock')\n",
    "from shop.stock import items\nif True:\n    from shop.stock import items as i\n",
    "from shop.stock import items; from shop.stock import items as i\n",
    "from shop.stock import \\\n    items\n",
    "from shop.stock import (items\n",
])  # fmt: skip
def test_the_whole_file(text: str) -> None:
    assert seen(text) is None


def test_what_moves_and_what_is_a_package() -> None:
    text = "from shop.stock import items\n\n\nprint(items)\n"
    assert seen(text) == 1
    assert seen(text, "shop/stock/items.py") is seen(text, "shop/__init__.py") is None


# ---- where the head ends


@pytest.mark.parametrize(("head", "rest"), [
    ("", ""),
    ("", "x = 1\nimport os\n"),
    ("#!/usr/bin/env python\n\n# -*- coding: utf-8 -*-\n", "x = 1\n"),
    ('"""What it is for.\n\nimport this\n"""\n\nimport os\n', "\x0cimport sys\n"),
    ("'''It''s \\''' quoted'''  # so\r\nimport os\r\n", "'''not one'''\r\n"),
    ("import os, sys  # two\nimport a.b as c\n", "import a; import b\n"),
    ("from . import a\nfrom ..b import (  # why\n    c as d,\n    # this one\n    e,\n)\n", "from f import \\\n    g\n"),
    ("from a import b", ""),
    ("import os\n\n    # indented\n", "from a import *\n"),
    ("import os\n", "try:\n    import a\nexcept ImportError:\n    pass\n"),
    ("import os\n", "'''import a\n'''\nimport b\n"),
    ("import os\n", "import été\n"),
    ("", "'''never ends\nimport a\n"),
    ("import os\n", "from a import (b\nimport c\n"),
    ("", "importlib = 1\n"),
    ("import a\n", "from_x = 1\n"),
])  # fmt: skip
def test_where_the_head_ends(head: str, rest: str) -> None:
    assert head_of((head + rest).encode()) == len(head.encode())


# ---- the same is found


@pytest.mark.parametrize("text", [
    "from shop.stock import items\n",
    "from shop import stock, util\n",
    "from shop import stock as s\n\n\ndef f():\n    return s.items\n",
    "import shop.stock.items as i\n\n\ndef f():\n    return i.Item\n",
    '"""See :mod:`shop.stock.items` and shop/stock/items.py."""\n\nfrom shop.stock.items import Item\n\n\nItem()\n',
    "# shop.stock is great\nfrom shop.stock.items import (  # all of it\n    Item,\n    Other as O,\n)\n\n\ndef f(): ...\n",
    "from shop.stock.items import Item\n\n\ndata_stock = Item('x#y')  # of the stock\n",
    "from shop.stock.items import Item\n\n\ndef stock(self):\n    return self.stock, stock\n",
])  # fmt: skip
def test_the_same_as_in_the_whole_file(text: str) -> None:
    assert seen(text) is not None and seen(text + WHOLE) is None
    part, whole = (rewrite(SourceFile("till.py", raw.encode(), "till"), MOVES) for raw in (text, text + WHOLE))
    assert part.raw is not None and whole.raw == part.raw + WHOLE.encode()
    assert (part.references, part.findings) == (whole.references, whole.findings)


def test_what_does_not_parse_behind_the_head_is_left_alone() -> None:
    done = rewrite(SourceFile("till.py", b"from shop.stock import items\nprint 1\n", "till"), MOVES)
    assert done.raw == b"from goods.stock import items\nprint 1\n"

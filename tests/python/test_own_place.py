from __future__ import annotations

import ast

import pytest

from migration.python.own_place import OwnPlace, inside
from migration.python.source_file import SourceFile


def value(text: str) -> str | None:
    """The value of the last expression of a file that lies in ``shop/core.py``."""
    source = SourceFile("shop/core.py", text.encode(), "shop.core")
    last = source.tree.body[-1]
    assert isinstance(last, ast.Expr)
    found = OwnPlace(source, source.path).value(last.value)
    return None if found is None else inside(found)


@pytest.mark.parametrize(
    "text", ["x", "Path('a')", "a = 1\na / 'b'", "a = b\nb = a\na", "Path(other.__file__)", "Path(__file__).parents[n]", "f('x')"]
)
def test_what_is_no_path_from_the_file(text: str) -> None:
    assert value(text) is None


@pytest.mark.parametrize(
    ("text", "path"),
    [
        ("__file__", "shop/core.py"),
        ("Path(__file__).parent", "shop"),
        ("Path(__file__).parents[1]", "."),
        ("HERE = Path(__file__).parent\nHERE / 'data' / 'x.txt'", "shop/data/x.txt"),
        ("os.path.join(os.path.dirname(__file__), os.pardir, 'x')", "x"),
        ("f'{os.path.dirname(__file__)}/x'", "shop/x"),
        ("Path(__file__).with_name('y.py')", "shop/y.py"),
        ("Path(__file__).parent.parent.parent", ".."),
    ],
)
def test_what_leads_on_from_the_file(text: str, path: str) -> None:
    assert value(text) == path

from __future__ import annotations

import ast

import pytest

from migration.engine.coverage.python_spots import is_item, offset_of, spot_of, strings_of
from migration.engine.coverage.spots import File


def strings(text: str) -> list[ast.Constant]:
    return list(strings_of(ast.parse(text)))


@pytest.mark.parametrize("text", ["x = r'a\\.b'\n", "x = 'a' 'b'\n", "x = '''a'''\n", "x = 'a\\n'\n"])
def test_strings_in_other_forms_have_their_line_only(text: str) -> None:
    assert [spot_of(text, one) for one in strings(text)] == [File(1)]


def test_nothing_has_no_strings() -> None:
    assert list(strings_of(None)) == []
    assert strings("x = 1\n") == []


def test_a_string_takes_more_beside_it() -> None:
    text = "ä = ['é', 'b']\n"
    first, second = strings(text)
    assert (spot_of(text, first).beside(["n"]), spot_of(text, second).beside(["n"])) == (
        "ä = ['é', 'n', 'b']\n", "ä = ['é', 'b', 'n']\n",
    )  # fmt: skip
    assert offset_of(text, 1, first.col_offset) == text.index("'é'")


def test_a_key_takes_its_value_along() -> None:
    text = "x = {'a': [1, 2]}\n"
    tree = ast.parse(text)
    (node,) = (one for one in ast.walk(tree) if isinstance(one, ast.Dict))
    key = node.keys[0]
    assert isinstance(key, ast.Constant)
    assert spot_of(text, key, node.values[0]).beside(["n"]) == "x = {'a': [1, 2], 'n': [1, 2]}\n"


def test_items_of_lists() -> None:
    tree = ast.parse("f('a', ['b'])\n")
    assert [is_item(tree, one) for one in sorted(strings_of(tree), key=lambda one: one.col_offset)] == [False, True]

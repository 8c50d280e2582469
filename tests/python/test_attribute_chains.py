"""What a name with its attributes is, and what is none."""

from __future__ import annotations

import ast

import pytest

from migration.python.attribute_chains import attributes, dotted_name, last_name


@pytest.mark.parametrize(("text", "dotted", "last"), [
    ("1", "", ""), ("f()", "", ""), ("a[0].b", "", "b"), ("f(x).b.c", "", "c"), ("a", "a", "a"), ("a.b", "a.b", "b"), ("a.b.c", "a.b.c", "c"),
])  # fmt: skip
def test_names(text: str, dotted: str, last: str) -> None:
    node = ast.parse(text, mode="eval").body
    assert (dotted_name(node), last_name(node)) == (dotted, last)


def test_nothing_has_no_name() -> None:
    assert (dotted_name(None), last_name(None), attributes(None)) == ("", "", ((), None))


@pytest.mark.parametrize(("text", "names", "root"), [("a.b.c", ("b", "c"), "a"), ("f(x).b", ("b",), "f(x)"), ("x", (), "x")])
def test_what_attributes_are_those_of(text: str, names: tuple[str, ...], root: str) -> None:
    found, of = attributes(ast.parse(text, mode="eval").body)
    assert (found, ast.unparse(of)) == (names, root)

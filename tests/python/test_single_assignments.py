from __future__ import annotations

import ast

import pytest

from migration.python.single_assignments import single_assignments


@pytest.mark.parametrize(
    "text",
    ["a = 1\na = 2", "for a in x: ...", "a: int", "a += 1", "a = 1\nfor a in x: ...", "x.a = 1", "a = 1\ndef f():\n    a = 2"],
)
def test_names_that_may_have_another_value(text: str) -> None:
    assert "a" not in single_assignments(ast.parse(text))


@pytest.mark.parametrize("text", ["a = 1", "a: int = 1", "def f():\n    a = 1", "a = b = 1", "a = 1\nb = 2\nb = 3"])
def test_names_that_have_one(text: str) -> None:
    assert ast.unparse(single_assignments(ast.parse(text))["a"]) == "1"

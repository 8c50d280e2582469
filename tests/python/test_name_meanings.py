"""What names mean by the imports of their file."""

from __future__ import annotations

import ast

import pytest

from migration.python.attribute_chains import dotted_name
from migration.python.name_meanings import imported, meanings
from migration.python.source_file import SourceFile


def names(text: str, module: str | None = "p.m", path: str = "p/m.py") -> dict[str, set[str]]:
    return {name: set(meant) for name, meant in imported(SourceFile(path, text.encode(), module)).items()}


@pytest.mark.parametrize("text", ["", "x = 1\n", "# import a\n", "'import a'\n", "important = 1\n", "from ..x import y\n"])
def test_what_imports_nothing(text: str) -> None:
    assert names(text) == {}


def test_a_relative_import_of_a_script_means_nothing_known() -> None:
    assert names("from .x import y\nimport z\n", None) == {"z": {"z"}}


BOUND = {
    "import a.b.c\n": {"a": {"a"}},
    "import a.b as c, d\n": {"c": {"a.b"}, "d": {"d"}},
    "from a.b import c, d as e\n": {"c": {"a.b.c"}, "e": {"a.b.d"}},
    "from . import x\nfrom .y import z\n": {"x": {"p.x"}, "z": {"p.y.z"}},
    "def f():\n    if x:\n        import a\n": {"a": {"a"}},
    "try:\n    from a import x\nexcept ImportError:\n    from b import x\n": {"x": {"a.x", "b.x"}},
}


@pytest.mark.parametrize(("text", "expected"), BOUND.items())
def test_what_imports_bind(text: str, expected: dict[str, set[str]]) -> None:
    assert names(text) == expected


@pytest.mark.parametrize(
    ("text", "written", "meant"),
    [
        ("f().a", "", set()),
        ("a[0].b", "", set()),
        ("1", "", set()),
        ("other.x", "other.x", {"other.x"}),
        ("a", "a", {"p.a"}),
        ("b.c.d", "b.c.d", {"q.c.d", "r.c.d"}),
    ],
)
def test_what_an_expression_means(text: str, written: str, meant: set[str]) -> None:
    node = ast.parse(text, mode="eval").body
    assert dotted_name(node) == written
    assert meanings(node, {"a": frozenset({"p.a"}), "b": frozenset({"q", "r"})}) == meant


def test_no_expression_means_nothing() -> None:
    assert meanings(None, {}) == frozenset()

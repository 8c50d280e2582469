"""What relative imports mean, and how names are written as such."""

from __future__ import annotations

import ast

import pytest

from migration.python import relative_imports
from migration.python.relative_imports import absolute_base
from migration.python.source_file import SourceFile


@pytest.mark.parametrize(("package", "level", "name", "found"), [
    ("a.b", 1, "c", "a.b.c"), ("a.b", 1, None, "a.b"), ("a.b", 2, "c", "a.c"), ("a.b", 2, None, "a"),
    ("a.b", 3, "c", None), ("", 1, "c", None), ("a", 2, None, None), ("a", 1, "b.c", "a.b.c"),
])
def test_resolve_relative(package: str, level: int, name: str | None, found: str | None) -> None:
    assert relative_imports.resolve_relative(package, level, name) == found


@pytest.mark.parametrize(("package", "target", "level", "found"), [
    ("a.b", "a.b.c", 1, ".c"), ("a.b", "a.b", 1, "."), ("a.b", "a.c", 1, None), ("a.b", "a.c", 2, "..c"), ("a.b", "a", 2, ".."),
    ("a.b", "x.b", 9, None), ("", "x", 9, None), ("a.b", "a.bc", 2, "..bc"), ("a.b.c", "a.x.y", 3, "...x.y"),
])
def test_relative_form(package: str, target: str, level: int, found: str | None) -> None:
    assert relative_imports.relative_form(package, target, level) == found
    if found is not None:
        dots = len(found) - len(found.lstrip("."))
        assert relative_imports.resolve_relative(package, dots, found[dots:] or None) == target


@pytest.mark.parametrize(
    ("text", "module", "expected"),
    [("from .a import b", None, None), ("from ..a import b", "ee.x", None), ("from .a import b", "ee.x", "ee.a"),
     ("from . import b", "ee.x", "ee"), ("from a.b import c", None, "a.b")],
)  # fmt: skip
def test_the_base_of_an_import(text: str, module: str | None, expected: str | None) -> None:
    source = SourceFile("ee/x.py", text.encode(), module)
    (statement,) = source.tree.body
    assert isinstance(statement, ast.ImportFrom)
    assert absolute_base(source, statement) == expected

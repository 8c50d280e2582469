"""Where fields, the statements of a Meta, and imports go; how it looks with a Meta alone: tests/rewriters/test_tables.py."""

from __future__ import annotations

import ast

import pytest

from migration.core.changes import Edit, apply_edits
from migration.django.class_body import appended, argument_given, imported, inserted
from migration.python.source_file import SourceFile


def after(text: str, fields: list[str], meta: list[str], base: int = -1) -> str | None:
    source = SourceFile("a.py", text.encode(), "a")
    (node,) = (one for one in source.tree.body if isinstance(one, ast.ClassDef))
    found = inserted(source, node, fields, meta, base)
    if found is None:
        return None
    new = apply_edits(source.data, [Edit(start, end, text.encode()) for start, end, text in found]).decode()
    ast.parse(new)
    return new


def test_nothing_is_inserted_where_nothing_is_needed() -> None:
    assert after("class A:\n    x = 1\n", [], []) == "class A:\n    x = 1\n"


@pytest.mark.parametrize("text", ["class A(B):\n    Meta = M\n", "class A(*B):\n    x = 1\n"])
def test_no_place_for_a_meta(text: str) -> None:
    assert after(text, ["f = 1"], ["t = 2"], 0) is None


META = "    class Meta:\n        t = 2\n        u = 3\n"


@pytest.mark.parametrize(
    ("text", "new"),
    [
        ("class A:\n    x = 1\n", f"class A:\n    f = 1\n    g = 1\n    x = 1\n\n{META}"),
        ('class A:\n    """A."""\n', f'class A:\n    """A."""\n\n    f = 1\n    g = 1\n\n{META}'),
        ('class A:\n    """A."""\n    x = 1\n', f'class A:\n    """A."""\n\n    f = 1\n    g = 1\n    x = 1\n\n{META}'),
        ("class A:\n    pass\n", f"class A:\n    f = 1\n    g = 1\n\n{META}"),
        ("class A: pass\n", f"class A:\n    f = 1\n    g = 1\n\n{META}"),
        ("class A: x = 1\n", f"class A:\n    f = 1\n    g = 1\n    x = 1\n\n{META}"),
        ("class A:\n    def m(self): ...\n", f"class A:\n    f = 1\n    g = 1\n\n{META}\n    def m(self): ...\n"),
        ("class A:\n    class Meta:\n        s = 1\n", "class A:\n    f = 1\n    g = 1\n    class Meta:\n        s = 1\n        t = 2\n        u = 3\n"),
        ("class A:\n    class Meta: pass\n", "class A:\n    f = 1\n    g = 1\n    class Meta: t = 2; u = 3\n"),
    ],
)  # fmt: skip
def test_fields_and_a_meta(text: str, new: str) -> None:
    assert after(text, ["f = 1", "g = 1"], ["t = 2", "u = 3"]) == new


@pytest.mark.parametrize(
    ("text", "new"), [("[]", "[a, b]"), ("()", "(a, b,)"), ("[x,]", "[x, a, b,]"), ("[\n    x,  # why\n]", "[\n    x, a, b,  # why\n]")]
)
def test_items_at_the_end_of_a_list(text: str, new: str) -> None:
    source = SourceFile("a.py", f"y = {text}\n".encode(), "a")
    (statement,) = source.tree.body
    assert isinstance(statement, ast.Assign) and isinstance(statement.value, (ast.List, ast.Tuple))
    start, end, words = appended(source, statement.value, ["a", "b"])
    edit = Edit(start, end, words.encode())
    assert apply_edits(source.data, [edit]).decode() == f"y = {new}\n"


NEEDED = ["from django.db import models", "import a.b"]


@pytest.mark.parametrize("text", ["from django.db import models\nimport a.b\n", "from django.contrib.gis.db import models\nimport a.b\n"])
def test_imports_that_are_there(text: str) -> None:
    assert imported(SourceFile("a.py", text.encode(), "a"), NEEDED) is None


@pytest.mark.parametrize(
    ("text", "new"),
    [
        ("import os\n\nx = 1\n", "import os\nfrom django.db import models\nimport a.b\n\nx = 1\n"),
        ("from django.db import models as m\nimport a.b\n", "from django.db import models as m\nimport a.b\nfrom django.db import models\n"),
        ("x = 1\n", "from django.db import models\nimport a.b\n\nx = 1\n"),
    ],
)
def test_imports_that_are_missing(text: str, new: str) -> None:
    source = SourceFile("a.py", text.encode(), "a")
    edit = imported(source, NEEDED)
    assert edit is not None and apply_edits(source.data, [Edit(edit[0], edit[1], edit[2].encode())]).decode() == new


@pytest.mark.parametrize(
    ("call", "new"),
    [
        ("f()", "f(m={'t': 'x'})"),
        ("f(a, *b)", "f(a, *b, m={'t': 'x'})"),
        ("f(m={})", "f(m={'t': 'x'})"),
        ("f(m={'s': 1}, n=2)", "f(m={'t': 'x', 's': 1}, n=2)"),
    ],
)
def test_an_argument_of_a_call(call: str, new: str) -> None:
    source = SourceFile("a.py", f"{call}\n".encode(), "a")
    (statement,) = source.tree.body
    assert isinstance(statement, ast.Expr) and isinstance(statement.value, ast.Call)
    start, end, text = argument_given(source, statement.value, "m", "m={'t': 'x'}")
    assert apply_edits(source.data, [Edit(start, end, text.encode())]).decode() == f"{new}\n"

from __future__ import annotations

import ast
import sys

import pytest

from migration.python.newer.tree import tree_of
from tests.python.newer.tools import newer, same


@pytest.mark.parametrize(
    "text",
    [
        "a; b;  # why", "(a)", "pass", "del a", "del a, b.c, d[e]", "del (a, b)", "del (a)", "del [a, b]", "a = b = c",
        "a, b = c", "(a, b) = c", "[a, *b] = c", "a, (b, c) = d", "a.b = c[d] = e", "a += b", "a.b **= c", "a @= b",
        "a: b", "a: b = c", "a.b: c = d", "a[b]: 'c'", "assert a", "assert a, b", "raise", "raise a",
        "raise a from b", "global a, b", "import a", "import a.b.c as d, e", "import a . b", "from a import b",
        "from a.b import (c as d,\n  e,  # why\n)", "from . import a", "from .. a import b", "from ...a.b import *",
        "if a: b", "if a:\n    b\nelif c:\n    d\nelif e: f\nelse:\n    g", "if a:\n    b\nelse:\n    if c: d",
        "while a: b\nelse: c", "for a in b: c", "for a, b in c, d:\n    e\nelse:\n    f", "for (a) in *b, c: d",
        "with a: b", "with a as b, c: d", "with (a as b, c as (d, e)): f", "with (a): b", "with (a, b): c",
        "with (a, b) as c: d", "with a as b.c: d", "try: a\nfinally: b", "try: a\nexcept: b",
        "try: a\nexcept b as c:\n    d\nexcept (e, f): g\nelse: h\nfinally: i", "try: a\nexcept* b as c: d\nexcept* e: f",
        "def f(): pass", "def f(a, /, b: c = 1, *d: e, f: g = 2, **h: i) -> j: k", "def f(*, a): b", "def f(*a: *b): c",
        "@a\n@b.c(d)\ndef f():\n    'doc'\n    return a", "@a\nclass A(b, *c, d=e, **f):\n    x = 1\n\n    def g(self): ...",
        "class A: pass", "class A(): pass", "class A(B): pass", "@(a)\n\n# why\ndef f(): ...",
        "def f():\n    nonlocal_ = 1\n    def g():\n        nonlocal nonlocal_\n",
        "async def f():\n    async with a as b: c\n    async for d in e: f\n    else: g", "return", "while a:\n    break\n    continue",
        "match a:\n    case b: c",
    ],
)  # fmt: skip
def test_statements_are_as_python_reads_them(text: str) -> None:
    same(f"{text}\n")


def test_type_parameters_are_children_of_what_has_them() -> None:
    function, kind, alias = newer("def f[T: a](): b\nclass A[*T]: b\ntype X[**P] = c\n").body
    for node, name in ((function, "T"), (kind, "T"), (alias, "P")):
        (param,) = [child for child in ast.iter_child_nodes(node) if type(child).__name__ in ("TypeVar", "TypeVarTuple", "ParamSpec")]
        assert param.name == name  # type: ignore[attr-defined]
    assert isinstance(function, ast.FunctionDef) and isinstance(kind, ast.ClassDef)
    assert type(alias).__name__ == "TypeAlias"


def test_what_needs_no_newer_class_has_none() -> None:
    tree = tree_of(b"type X = a\ndef f(): b\nclass A: c\n")
    assert tree is not None
    assert [type(node) for node in tree.body[1:]] == [ast.FunctionDef, ast.ClassDef]
    if sys.version_info >= (3, 12):
        assert type(tree.body[0]) is ast.TypeAlias

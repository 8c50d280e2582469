from __future__ import annotations

import ast
from pathlib import Path

import pytest

from migration.python.newer.tree import tree_of
from tests.python.newer.tools import names, newer, same

HERE = Path(__file__).parents[3]


@pytest.mark.parametrize(
    "text",
    ["def\n", "x = (\n", "print 'x'\n", "x = 0777\n", "f(**a, *b)\n", "def f():\n  return 1\n x\n", "x = f'{'\n"],
)
def test_what_nobody_can_read(text: str) -> None:
    assert tree_of(text.encode()) is None


def test_nesting_that_no_python_allows_is_not_even_tried() -> None:
    assert tree_of(b"x = " + b"(" * 5000 + b")" * 5000 + b"\n") is None


@pytest.mark.parametrize("text", ["f'{a!s  }'; b\n", "x = 1\ry = 2\r"])
def test_what_libcst_would_not_print_as_it_was_is_not_trusted(text: str) -> None:
    assert tree_of(text.encode()) is None


@pytest.mark.parametrize("path", ["dodo.py", "migration/engine/proof.py", "migration/python/scopes.py", "tests/tools.py"])
def test_whole_files_are_as_python_reads_them(path: str) -> None:
    same((HERE / path).read_text(encoding="utf-8"))


@pytest.mark.parametrize("end", ["\n", "\r\n"])
def test_line_ends_and_bytes(end: str) -> None:
    same(end.join(["é = 'é'; x = é.y", "'''é", "é'''; z", "def f(ä: 'ö' = ü):", "\tü # ß", "\tß", ""]))


@pytest.mark.parametrize("text", ["", "\n", "# only\n", "x", "if x:\n    y  # why\n# end"])
def test_ends_of_files(text: str) -> None:
    same(text)


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("f'{a['b']}{f'{c}'}'\n", "a c"),
        ("f'''{\n    é.a  # it's }\n}''' ; b\n", "é b"),
        ("def f[T: a, *Ts, **P](x: b) -> c: d\n", "a b c d"),
        ("class A[T: (a, b) = c, *Ts = *d, **P = [e]](f): g\n", None),
        ("async def f[T](x): await x\n", "x"),
        ("type X[T] = a[T] | b\n", "X a T b"),
        ("match x:\n    case A.b() if f'{a['c']}': d\n", None),
        ("try: f'{a['b']}'\nexcept* c.d as e: g\n", None),
    ],
)
def test_newer_grammar(text: str, expected: str | None) -> None:
    tree = newer(text)
    if expected is not None:
        assert sorted(names(tree)) == sorted(expected.split())


def test_grammar_newer_than_any_interpreter_that_runs_this() -> None:
    tree = tree_of(b"try: a\nexcept B, C: d\nx = t'{e.f} {g!r}'\nlazy import h.i\nlazy from j import k\n")
    assert tree is not None
    assert sorted(names(tree)) == ["B", "C", "a", "d", "e", "g", "x"]
    plain, relative = tree.body[-2:]
    assert isinstance(plain, ast.Import) and isinstance(relative, ast.ImportFrom)
    assert (plain.col_offset, relative.col_offset) == (5, 5)

"""One more string in a list or tuple: nothing else changes, and it looks like its neighbours."""

from __future__ import annotations

import ast

import pytest

from migration.core.changes import apply_edits
from migration.django.settings.list_display import insert, sorted_run
from migration.python.source_file import SourceFile


def display(text: str) -> tuple[SourceFile, ast.List | ast.Tuple]:
    """The file and the display that its last statement assigns."""
    source = SourceFile("conf.py", text.encode(), "conf")
    last = source.tree.body[-1]
    assert isinstance(last, ast.Assign) and isinstance(last.value, (ast.List, ast.Tuple))
    return source, last.value


def inserted(text: str, index: int, before: bool) -> str:
    """The file with ``n`` put in: it parses, and its entries are the old ones and the new one."""
    source, node = display(text)
    new = apply_edits(source.data, insert(source, node, index, "n", before)).decode()
    entries = [ast.dump(element) for element in node.elts]
    entries.insert(index + (not before) if entries else 0, ast.dump(ast.Constant("n")))
    assert [ast.dump(element) for element in display(new)[1].elts] == entries
    return new


@pytest.mark.parametrize("text, index", [
    ('A = ["p.b", "p.a"]', 0),  # not sorted
    ('A = ["p.a"]', 0),  # alone
    ('A = ["x.a", "y.b"]', 0),  # two of other packages may be sorted by chance
    ('A = ["p.a", *MORE, "p.b"]', 0),
    ('A = [\n    "p.a",\n\n    "p.b",\n]', 0),
    ('A = [\n    "p.a",\n    # second part\n    "p.b",\n]', 1),
    ('A = ["p.a", "x.b", "p.c"]', 0),
])
def test_no_sorted_run(text: str, index: int) -> None:
    assert runs(text, index) is None


@pytest.mark.parametrize("text, index, run", [
    ('A = ["p.a", "p.B", "p.c"]', 1, [0, 1, 2]),
    ('A = ["x", "p.a",  # why\n "p.b"]', 1, [1, 2]),
    ('A = ["a", "b", "p.c"]', 0, [0, 1, 2]),
    ('A = [\n"p.z",\n\n"p.a",\n"p.b"]', 2, [1, 2]),
])
def test_sorted_runs(text: str, index: int, run: list[int]) -> None:
    assert runs(text, index) == run


def runs(text: str, index: int) -> list[int] | None:
    source, node = display(text)
    texts = {at: e.value for at, e in enumerate(node.elts) if isinstance(e, ast.Constant)}
    return sorted_run(source, node, index, texts, "p.new")  # type: ignore[arg-type]


@pytest.mark.parametrize("text, index, before, new", [
    ("A = []", 0, False, 'A = ["n"]'),
    ("A = ()", 0, False, 'A = ("n",)'),
    ("B = 'x'\nA = [ ]\n", 0, True, "B = 'x'\nA = ['n']\n"),
    ("A = [\n    # none yet\n]\n", 0, False, 'A = [\n    # none yet\n    "n",\n]\n'),
    ("A = ['a']", 0, False, "A = ['a', 'n']"),
    ("A = ['a']", 0, True, "A = ['n', 'a']"),
    ("A = ('a',)", 0, False, "A = ('a', 'n')"),
    ("A = 'a', 'b'\n", 1, False, "A = 'a', 'b', 'n'\n"),
    ("A = ('a'), ('b')\n", 1, False, "A = ('a'), ('b'), 'n'\n"),
    ("A = ['a','b']", 0, False, "A = ['a','n','b']"),
    ("A = [f(), ('a'), 'b']", 1, True, "A = [f(), 'n', ('a'), 'b']"),
    ("A = [\n    'a',  # a, (why)\n    'b'\n]\n", 0, False, "A = [\n    'a',  # a, (why)\n    'n',\n    'b'\n]\n"),
    ("A = [\n    'a',\n    'b'  # last\n]\n", 1, False, "A = [\n    'a',\n    'b',  # last\n    'n'\n]\n"),
    ("A = [\r\n\t'a',\r\n\t'b',\r\n]\r\n", 1, False, "A = [\r\n\t'a',\r\n\t'b',\r\n\t'n',\r\n]\r\n"),
    ("A = [\n    'a',\n    'b',\n]\n", 0, True, "A = [\n    'n',\n    'a',\n    'b',\n]\n"),
    ("A = [\n    'a'\n  , 'b'\n]\n", 1, False, "A = [\n    'a'\n  , 'b'\n  , 'n'\n]\n"),
    ("ü = 'ä'; A = [ 'ö' , \"b\" ]", 1, True, "ü = 'ä'; A = [ 'ö' , \"n\", \"b\" ]"),
])
def test_insert(text: str, index: int, before: bool, new: str) -> None:
    assert inserted(text, index, before) == new

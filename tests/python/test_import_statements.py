"""The parts of import statements are found in the bytes, and one statement becomes several."""

from __future__ import annotations

import ast

import pytest

from migration.python.import_statements import (
    CantSplit,
    Destination,
    indent_of,
    line_end,
    module_span,
    module_text,
    name_span,
    pragma_after,
    separator,
    split,
)
from migration.python.source_file import SourceFile


def parsed(text: str) -> tuple[SourceFile, ast.ImportFrom]:
    """A file and the first ``from`` import in it."""
    source = SourceFile("a.py", text.encode(), "a")
    return source, next(node for node in ast.walk(source.tree) if isinstance(node, ast.ImportFrom))


def split_up(text: str, parents: str) -> str:
    """The file with its import split: a parent for each name, ``/leaf`` behind it where that changes."""
    source, statement = parsed(text)
    places = [place.partition("/") for place in parents.split(" ")]
    names = [
        Destination(alias, parent.strip("-"), leaf or alias.name)
        for alias, (parent, _, leaf) in zip(statement.names, places, strict=True)
    ]
    start, end = source.span(statement)
    new = source.data[:start].decode() + split(source, statement, names) + source.data[end:].decode()
    ast.parse(new)
    return new


MODULES = {
    "from a.b import c": "a.b",
    "from  a . b\\\n  import c": "a . b",
    "from.import c": ".",
    "from . . b import(c)": ". . b",
    "from ...b import c": "...b",
    "if x: from é import c": "é",
}


@pytest.mark.parametrize(("text", "expected"), MODULES.items())
def test_the_module_is_found(text: str, expected: str) -> None:
    source, statement = parsed(text)
    start, end = module_span(source, statement)
    assert source.data[start:end].decode() == expected
    assert module_text(source, (start, end), "n.b") == (" n.b " if text == "from.import c" else "n.b")
    start, end = name_span(source, statement.names[0])
    assert source.data[start:end] == b"c"


def test_what_stands_around_a_statement() -> None:
    source, statement = parsed("x = 1; from a import b  # noqa: F401\r\nif x:\r\n    y\r\n")
    start, end = source.span(statement)
    assert (indent_of(source, start), separator(source, start), line_end(source, start)) == (None, "; ", "\r\n")
    assert pragma_after(source, end) == "  # noqa: F401"
    start = source.data.index(b"y")
    assert (indent_of(source, start), separator(source, start)) == ("    ", "\r\n    ")
    assert indent_of(SourceFile("a.py", b"x = \\\n  y", None), 8) is None


SPLITS = {
    "one parent": ("from a import (b, c)  # why\n", "n n", "from n import b, c  # why\n"),
    "two parents": ("from a import b, c as d\n", "n a", "from n import b\nfrom a import c as d\n"),
    "another leaf": ("from a import b\n", "n/c", "from n import c as b\n"),
    "a top-level module": ("from a import b, c\n", "-/x a", "import x as b\nfrom a import c\n"),
    "indented": ("if 1:\r\n  from a import b, c\r\n", "n a", "if 1:\r\n  from n import b\r\n  from a import c\r\n"),
    "behind another": ("x; from a import b, c\n", "n a", "x; from n import b; from a import c\n"),
    "a pragma": ("from a import b, c  # noqa\n", "n a", "from n import b  # noqa\nfrom a import c  # noqa\n"),
    "comments": (
        "from a import (\n    b,  # one\n    # two\n    c,\n)\n", "n a",
        "from n import (\n    b,  # one\n)\nfrom a import (\n    # two\n    c,\n)\n",
    ),
}  # fmt: skip


@pytest.mark.parametrize(("text", "parents", "expected"), SPLITS.values(), ids=SPLITS)
def test_a_statement_becomes_several(text: str, parents: str, expected: str) -> None:
    assert split_up(text, parents) == expected


def test_no_comment_is_lost() -> None:
    with pytest.raises(CantSplit):
        split_up("x; from a import (b,  # one\n    c)\n", "-/x a")

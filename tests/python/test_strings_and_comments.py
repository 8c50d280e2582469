"""Strings, docstrings and comments of a Python file are told from each other, and from code."""

from __future__ import annotations

import pytest

from migration.python.mentions import mentions
from migration.python.source_file import SourceFile, UnreadableSource
from migration.python.strings_and_comments import comments, texts


def found_texts(text: str) -> list[tuple[str, bool, str]]:
    """Each string that touches a line with an ``X``: as written, whether a docstring, and its call."""
    source = SourceFile("a.py", text.encode(), "a")
    found = [
        ("".join(source.data[piece.start : piece.end].decode() for piece in one.pieces(source)), one.is_doc, one.call)
        for one in texts(source, mentions(source, ["X"]))
    ]
    return sorted(found)


def found_comments(text: str) -> list[str]:
    source = SourceFile("a.py", text.encode(), "a")
    return [source.data[start:end].decode() for start, end in comments(source, mentions(source, ["X"]))]


NO_TEXT = ("", "X = 1\n", "import X\n", "x = 'other'\n", "1  # 'X'\n", "x = 'a'\nX\n")


@pytest.mark.parametrize("text", NO_TEXT)
def test_no_strings(text: str) -> None:
    assert found_texts(text) == []


@pytest.mark.parametrize(
    ("text", "is_doc", "call"),
    [
        ("x = {}", False, ""),
        ("{}", True, ""),
        ("def f():\n    {}", True, ""),
        ("f({}, 1)", False, "f"),
        ("a.f({})", False, "f"),
        ("f(1, {})", False, ""),
        ("f()({})", False, ""),
    ],
)
@pytest.mark.parametrize("string", ["'X'", "'''a\nX'''", "'X' 'y'"])
def test_strings(text: str, string: str, is_doc: bool, call: str) -> None:
    assert found_texts(text.format(string)) == [(string.replace(" ", ""), is_doc, call)]


def test_bytes_and_f_strings() -> None:
    assert [call for _, _, call in found_texts("f(b'X', f'{g(1)} X')\n")] == ["f", ""]
    assert len(found_texts("f'{g(\"X\")}'\n")) == 2


NO_COMMENT = ("X = '# X'\n", "x = '''\n# X\n'''\n", "X\n# other\n", "f'{a}# X'\n")


@pytest.mark.parametrize("text", NO_COMMENT)
def test_no_comments(text: str) -> None:
    assert found_comments(text) == []


COMMENTS = {
    "# X": ["# X"],
    "a = 1  # see X # twice\r\nb": ["# see X # twice"],
    "x = '# X'  # y": ["# y"],
    "f(  # X\n    '#',  # X\n)\n": ["# X", "# X"],
    "é = 'é'  # X é\n": ["# X é"],
}


@pytest.mark.parametrize(("text", "expected"), COMMENTS.items())
def test_comments(text: str, expected: list[str]) -> None:
    assert found_comments(text) == expected


def test_what_can_not_be_parsed() -> None:
    with pytest.raises(UnreadableSource):
        found_texts("'X\n")

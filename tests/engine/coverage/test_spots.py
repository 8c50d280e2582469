from __future__ import annotations

import pytest

from migration.engine.coverage.spots import File, Style, TextSpot


def spot(text: str, word: str, style: Style, **more: object) -> TextSpot:
    start = text.index(word)
    return TextSpot(text, start, start + len(word), style, **more)  # type: ignore[arg-type]


def test_nothing_stands_beside_a_file_or_the_one_value_of_a_key() -> None:
    assert (File().line, File().beside(["x"]), File().replaced("x")) == (0, None, None)
    assert spot("a = old\n", "old", "only").beside(["x"]) is None
    assert spot("a: [[old]]\n- - old", "old", "item").beside(["a\nb"]) is None
    assert spot("- - old\n", "old", "block").beside(["x"]) is None


@pytest.mark.parametrize(("text", "style", "new"), [
    ("a = ['old', 'z']\n", "item", "a = ['old', 'n1', 'n2', 'z']\n"),
    ("a = [\n  'old',  # why\n]\n", "item", "a = [\n  'old',  # why\n  'n1',\n  'n2',\n]\n"),
    ("a = [\n  'old'\n]\n", "item", "a = [\n  'old',\n  'n1',\n  'n2'\n]\n"),
    ("a = [\r\n  'old'\r\n]\r\n", "item", "a = [\r\n  'old',\r\n  'n1',\r\n  'n2'\r\n]\r\n"),
    ("old rest\nz\n", "line", "old rest\nn1 rest\nn2 rest\nz\n"),
    ("x\nold rest", "line", "x\nold rest\nn1 rest\nn2 rest"),
    ("a = b old c\n", "words", "a = b old n1 n2 c\n"),
    ("a =\n  b,\n  old,\n  c\n", "lines", "a =\n  b,\n  old,\n  n1,\n  n2,\n  c\n"),
    ("a = old\n  b\n", "lines", "a = old\n    n1\n    n2\n  b\n"),
    ("a:\n  - 'old'  # why\n  - z\n", "block", "a:\n  - 'old'\n  - 'n1'\n  - 'n2'  # why\n  - z\n"),
    ("a = 'old'\n", "list", "a = ['old', 'n1', 'n2']\n"),
])  # fmt: skip
def test_more_entries_beside_one(text: str, style: Style, new: str) -> None:
    assert spot(text, "old", style).beside(["n1", "n2"]) == new


def test_words_parted_by_commas_keep_their_blanks() -> None:
    assert spot("a = b, old\n", "old", "words", comma=True).beside(["n"]) == "a = b, old, n\n"
    assert spot("a = b,old\n", "old", "words", comma=True).beside(["n"]) == "a = b,old,n\n"


def test_a_pair_keeps_its_value() -> None:
    text = "{\n  'old': [1],\n}\n"
    assert spot(text, "old", "pair", pair_end=text.index("]") + 1).beside(["n"]) == "{\n  'old': [1],\n  'n': [1],\n}\n"


def test_its_line_and_another_in_its_place() -> None:
    at = spot("x\na = old\n", "old", "only")
    assert (at.line, at.replaced("new")) == (2, "x\na = new\n")

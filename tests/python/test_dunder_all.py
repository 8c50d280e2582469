"""The names in an expression for ``__all__``, as far as they are written out."""

from __future__ import annotations

import ast

import pytest

from migration.python.dunder_all import AllRef, all_parts

VALUES = {name: ast.parse(text, mode="eval").body for name, text in {
    "NAMES": "['a', 'b']",
    "BLOCKS": "[Text, Image]",
    "TABLE": "{'a': '.x', 'b': '.y'}",
    "LOOP": "LOOP",
}.items()}  # fmt: skip


def parts(text: str) -> list[str | AllRef] | None:
    return all_parts(ast.parse(text, mode="eval").body, VALUES)


COMPUTED = (
    *("f()", "[f()]", "[1]", "['a'] + f()", "[x for x in y]", "[x.__name__ for x in BLOCKS if x]", "LOOP"),
    *("[x.__name__ for y in BLOCKS]", "[x.__name__ for x in f()]", "['a', *f()]", "['a'] * 2", "a if b else c"),
)


@pytest.mark.parametrize("text", COMPUTED)
def test_what_is_computed(text: str) -> None:
    assert parts(text) is None


WRITTEN: dict[str, list[str | AllRef]] = {
    "[]": [],
    "['a', 'b']": ["a", "b"],
    "('a',)": ["a"],
    "['a'] + ['b']": ["a", "b"],
    "[*NAMES, 'c']": ["a", "b", "c"],
    "sorted(NAMES)": ["a", "b"],
    "list(TABLE.keys())": ["a", "b"],
    "TABLE": ["a", "b"],
    "[Table.__name__]": ["Table"],
    "[x.__name__ for x in BLOCKS]": ["Text", "Image"],
    "__all__ + ['a']": ["a"],
    "other.__all__": [AllRef("other")],
    "['a'] + p.other.__all__ + x_all": ["a", AllRef("p.other"), AllRef("x_all")],
}


@pytest.mark.parametrize(("text", "expected"), WRITTEN.items())
def test_what_is_written_out(text: str, expected: list[str | AllRef]) -> None:
    assert parts(text) == expected

"""A new string looks like the one it replaces, or like its neighbours."""

from __future__ import annotations

import ast

import pytest

from migration.python.quotes import beside, replacing, usual


@pytest.mark.parametrize(("written", "expected"), [
    (b"'a'", "'n'"), (b'"a"', '"n"'), (b"r'''a'''", "r'''n'''"), (b'U"a"', 'U"n"'), (b"'a' \"b\"", "'n'"), (b"x", '"n"'),
])  # fmt: skip
def test_what_is_replaced_keeps_its_form(written: bytes, expected: str) -> None:
    assert replacing(written, "n") == expected


@pytest.mark.parametrize(("written", "expected"), [
    (b"'a'", "'n'"), (b'"a"', '"n"'), (b"r'''a'''", "'n'"), (b"'a' \"b\"", '"n"'), (b"", '"n"'), (b"'\"'", "'n'"),
])  # fmt: skip
def test_a_neighbour_gives_its_quotes(written: bytes, expected: str) -> None:
    assert beside(written, "n") == expected


@pytest.mark.parametrize(("data", "expected"), [
    (b"", '"n"'), (b"x = 'a', \"b\"", '"n"'), (b"x = 'a', b'b', \"c\"", "'n'"), (b"'''it's'''\nx = \"a\"\n", '"n"'),
])  # fmt: skip
def test_most_of_a_file_s_literals_decide(data: bytes, expected: str) -> None:
    assert usual(data, "n") == expected


@pytest.mark.parametrize("value", ['"shop"."item"', "it's", "a\\b", "a\nb", "é"])
@pytest.mark.parametrize("write", [replacing, beside, usual])
@pytest.mark.parametrize("like", [b"'a'", b'"a"'])
def test_whatever_is_written_means_the_value(write, like: bytes, value: str) -> None:  # type: ignore[no-untyped-def]
    assert ast.literal_eval(write(like, value)) == value

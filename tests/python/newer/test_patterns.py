from __future__ import annotations

import pytest

from tests.python.newer.tools import same


@pytest.mark.parametrize(
    "text",
    [
        "_", "a", "(a)", "1", "-1", "1 + 2j", "'a' 'b'", "None", "(True)", "a.b", "(a.b)", "((a.b))", "a as b", "(a as b)", "1 | 2",
        "(1 | a.b) as c", "[a, b]", "[]", "(a, b)", "()", "(a,)", "a, b", "a,", "a, *b", "[*_]", "*a, ", "{}", "{'a': b}",
        "{a.b: c, **d}", "{None: a, -1: b,}", "A()", "a.B(c, d=e)", "A(b,)", "A(b=(c))", "A([x, *_], {'k': v}) if f(x)",
        "a if b", "(a | b)", "[1 | 2, (c as d)]", "(1)",
    ],
)  # fmt: skip
def test_patterns_are_as_python_reads_them(text: str) -> None:
    same(f"match x, y:\n    case {text}:\n        z\n")

from __future__ import annotations

import pytest

from tests.python.newer.tools import same


@pytest.mark.parametrize(
    "text",
    [
        "None, True, False, ...", "1, 0x1f, 1_0, 1.5e3, 2j", "-1", "not a", "+-~a", "a + b * c ** d // e % f @ g",
        "a << b >> c | d & e ^ f", "a and b and c or d or e", "a and (b and c)", "(a or b) or c", "not a or b",
        "a < b <= c == d != e > f >= g", "a in b, a not in b, a is b, a is not b", "a if b else c if d else e",
        "(a := b)", "[a := b, c]", "lambda: 0", "lambda a, /, b=1, *c, d, e=2, **f: a", "lambda *, a: a",
        "a.b.c", "(a).b", "((a.b)).c", "(a\n .b  # why\n .c)", "a[b]", "a[b, c]", "a[b,]", "a[(b), (c)]", "a[(b, c)]",
        "a[:]", "a[b:c:d]", "a[1:, ::2]", "a[b][c]", "a[*b]", "a[b, *c]", "a[(b)]", "a[b:(c)]",
        "a()", "a(b, *c, d=e, **f)", "a(*b, c)", "a(b,)", "a((b))", "a(b for b in c)", "a((b for b in c))",
        "a (  b for b in c )", "a(b)(c).d(e)", "(a)(b)", "a(b=(c))", "a(b for b in c)(d for d in e)",
        "()", "(a,)", "a,", "(a, b)", "((a, b))", "(a), (b)", "[]", "[a, *b]", "{a}", "{*a, b}", "{}", "{a: b, **c}",
        "*a, b", "(*a,)", "*(a), b", "[a for a in b]", "{a for a in b if c if d}", "{a: b for a, b in c}",
        "(a for a in b for c in d if e)", "[a for (a) in (b)]", "((a for a in b))", "[[a] for a in b for [c, d] in e]",
    ],
)  # fmt: skip
def test_expressions_are_as_python_reads_them(text: str) -> None:
    same(f"x = {text}\n")


def test_what_only_functions_hold() -> None:
    same("async def f():\n    x = await a\n    y = yield\n    z = yield a, b\n    [a async for a in b]\n    await (a)\n")
    same("def f():\n    x = yield from a\n    yield (b)\n    (yield)\n")

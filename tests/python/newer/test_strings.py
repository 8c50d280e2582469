from __future__ import annotations

import ast

import pytest

from tests.python.newer.tools import newer, same


@pytest.mark.parametrize(
    "text",
    [
        "'a'", "b'a\\x00'", "u'a'", "U'a'", "r'\\a'", "Rb'\\a'", "'a' \"b\"", "('a'\n 'b'  # why\n 'c')", "b'a' b'b'",
        "'''a\nb'''", "'\\u00e9'", "u'a' 'b'", "'\\d'",
        "f''", "f'a'", "'a' f'b'", "f'a' 'b' f'{c}' 'd'", "f'{a}{b}'", "f'{{{a}}}'", "f'{a!r}'", "f'{a:>{w}}'",
        "f'{a:{w}.{p}}'", "f'{a=}'", "f'{a = }'", "f'{a=!s}'", "f'{a=:>4}'", "rf'\\d{a}'", "f'\\n{a}\\t'",
        "f'\\N{DIGIT ONE}{a}'", "f'\\N{DIGIT ONE}}}'", "f'''{a}\n'{b}'\"'''", "f'{(a, b)}{a, b}'", "f'{(yield)}'",
        "f'{lambda_(x)}{[y for y in z]}'", "u'a' f'{b}'", "f\"{a!r:^{w}} it's\"", "fr'{a}\\{b}'", "f'\\{a}'",
    ],
)  # fmt: skip
def test_literals_are_as_python_reads_them(text: str) -> None:
    same(f"x = {text}\n")


def test_every_expression_has_its_place() -> None:
    text = "é = f'{a['b']} {c:{d}}' 'x' f'{f'{e}'}'\n"
    node = next(node for node in ast.walk(newer(text)) if isinstance(node, ast.JoinedStr))
    assert getattr(node, "placed", False)

from __future__ import annotations

import ast

import pytest

from migration.python.assembled_strings import assembled, constants, spread
from migration.python.source_file import SourceFile

KNOWN = {"BASE": "posthog", "EMPTY": ""}


@pytest.mark.parametrize("value", ["name", "name + '.x'", "1", "b'posthog'", "f'{name}.x'", "'%d' % 1", "'{x}.y'.format(x=1)", "f('a')", "'' + ''"])
def test_what_has_no_known_beginning(value: str) -> None:
    assert assembled(ast.parse(value, mode="eval").body, KNOWN) is None


@pytest.mark.parametrize(
    ("value", "text", "is_open"),
    [
        ("'a'", "a", False),
        ("'a' + '.b'", "a.b", False),
        ("'a' + '' + ('.b' + '.c')", "a.b.c", False),
        ("'a.' + name + '.b'", "a.", True),
        ("BASE + EMPTY + '.b'", "posthog.b", False),
        ("f'{BASE}.b'", "posthog.b", False),
        ("f'{BASE}.{name}.b'", "posthog.", True),
        ("f'{BASE!r}.b' + 'c'", None, True),
        ("f'a.{BASE:>9}'", "a.", True),
        ("'%s.b' % 'a'", "a.b", False),
        ("'%s.%s' % ('a', BASE)", "a.posthog", False),
        ("'{}.{}'.format(BASE, 'b')", "posthog.b", False),
        ("'a.{}'.format(name)", "a.", True),
        ("'.'.join([BASE, 'b', *more])", "posthog.b.", True),
        ("'.'.join((BASE, 'b'))", "posthog.b", False),
        ("'a' + 1", "a", True),
    ],
)
def test_what_is_put_together(value: str, text: str | None, is_open: bool) -> None:
    found = assembled(ast.parse(value, mode="eval").body, KNOWN)
    assert (found and (found.text, found.open)) == (text and (text, is_open))


@pytest.mark.parametrize("value", ["'%s' % ('a', 'b')", "'%(x)s' % 'a'", "'{0}'.format('a')", "'%s' % 'a' % 'b'", "'{}{'.format('a')"])
def test_templates_that_are_not_simply_filled(value: str) -> None:
    assert assembled(ast.parse(value, mode="eval").body, KNOWN) is None


def test_names_that_are_bound_once() -> None:
    text = "A = 'a'\nB: str = 'b'\nC = 'c'\nC = 'd'\nD = 'd'\ndef f(D): ...\nE = 'e'\nimport E\nF = 1\nG = 'g'\nfor G in x: pass\nH = I = 'h'\n"
    assert constants(SourceFile("a.py", text.encode(), "a")) == {"A": "a", "B": "b", "H": "h", "I": "h"}


@pytest.mark.parametrize(
    ("value", "old", "new", "expected"),
    [
        ("'a.' 'b.x'", "a.b", "c.d.e", "'c.' 'd.e.x'"),
        ("'a' '.' 'b'", "a.b", "c.d", "'c' '.' 'd'"),
        ("'é' 'a/'  'b'", "éa/b", "x/y", None),
        ("'a/'  'b/x.sql'", "a/b", "c/d/e", "'c/'  'd/e/x.sql'"),
        ("'a.b'  '.x'", "a.b", "a.c", "'a.c'  '.x'"),
        ("'a.' 'b.x'", "a.b", "c", None),
        ("'a.bo' 'ok'", "a.book", "c.book", None),
        ("'a\\x2e' 'b'", "a.b", "c.d", None),
    ],
)
def test_a_name_spread_over_literals(value: str, old: str, new: str, expected: str | None) -> None:
    source = SourceFile("a.py", value.encode(), "a")
    literal = ast.parse(value, mode="eval").body
    assert isinstance(literal, ast.Constant)
    edits = spread(source, [literal], old, new)
    data = source.data
    for start, end, text in reversed(edits or ()):
        data = data[:start] + text.encode() + data[end:]
    assert (edits if edits is None else data.decode()) == expected

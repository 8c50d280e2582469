"""The scopes are checked against Python's own: ``symtable`` for what is local, and by running code."""

from __future__ import annotations

import pytest

from migration.python.scopes import Scopes, scopes_of
from migration.python.source_file import SourceFile


def scopes(text: str, *names: str) -> Scopes:
    return scopes_of(SourceFile("m.py", text.encode(), "m"), names or ("a",))


def meanings(text: str, name: str = "a") -> list[str]:
    """For each use of a name in the order of the text: the kind of the scope that binds it."""
    found = [use for use in scopes(text, name).uses if use.name == name and use.node]
    found.sort(key=lambda use: (use.node.lineno, use.node.col_offset) if use.node else (0, 0))
    return [scope.kind if (scope := use.scope.resolve(name)) else "builtin" for use in found]


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("a\n", ["builtin"]),
        ("a = 1\na\n", ["module"]),
        ("import a.b\na.b\n", ["module"]),
        ("import a.b as c\na\n", ["builtin"]),
        ("from x import y as a\na\n", ["module"]),
        ("from x import *\na\n", ["builtin"]),
        ("def a(): a\n", ["module"]),
        ("class a: a\n", ["module"]),
        ("a = 1\ndef f():\n    a\n", ["module"]),
        ("a = 1\ndef f():\n    a\n    a = 2\n", ["function"]),
        ("a = 1\ndef f():\n    global a\n    a = 2\n    a\n", ["module"]),
        ("def f():\n    global a\n    a = 2\n    a\na\n", ["module", "module"]),
        ("def f():\n    a = 1\n    def g():\n        nonlocal a\n        a = 2\n        a\n    a\n", ["function", "function"]),
        ("a = 1\ndef f():\n    a = 1\n    def g():\n        global a\n        a\n", ["module"]),
        ("def f():\n    del a\n    a\n", ["function"]),
        ("def f(a, b=a): a\n", ["builtin", "function"]),
        ("def f(*a): a\n", ["function"]),
        ("def f(**a): a\n", ["function"]),
        ("def f(a, /): a\n", ["function"]),
        ("def f(*, a=a): a\n", ["builtin", "function"]),
        ("@a\ndef f(a): ...\n", ["builtin"]),
        ("def f(a: a) -> a: ...\n", ["builtin", "builtin"]),
        ("f = lambda a=a: a\n", ["builtin", "function"]),
        ("class A(a):\n    a = 1\n    a\n    def f(self): a\n", ["builtin", "class", "builtin"]),
        ("class A:\n    a = 1\n    x = [a for _ in a]\n", ["builtin", "class"]),
        ("class A:\n    a = 1\n    class B:\n        a\n", ["builtin"]),
        ("class A:\n    a = 1\n    f = lambda self: a\n", ["builtin"]),
        ("[a for a in a]\n", ["comprehension", "builtin"]),
        ("[b for b in c for a in a]\n", ["comprehension"]),
        ("{a: b for a in x if a}\na\n", ["comprehension", "comprehension", "builtin"]),
        ("(a for b in x)\n", ["builtin"]),
        ("def f():\n    [(a := b) for b in x]\n    a\n", ["function"]),
        ("[(a := b) for b in x]\na\n", ["module"]),
        ("def f():\n    for a in x: a\n", ["function"]),
        ("def f():\n    with x as (a, b): a\n", ["function"]),
        ("def f():\n    try: ...\n    except E as a: a\n", ["function"]),
        ("def f():\n    match x:\n        case [a, *b]: a\n", ["function"]),
        ("def f():\n    match x:\n        case [*a]: a\n", ["function"]),
        ("def f():\n    match x:\n        case {**a}: a\n", ["function"]),
        ("def f():\n    match x:\n        case a.B(): a\n", ["builtin", "builtin"]),
        ("def f():\n    a: int\n    a\n", ["function"]),
        ("def f():\n    x: a = 1\n", ["builtin"]),
        ("def f():\n    a += 1\n    a\n", ["function"]),
        ("def f():\n    a[0] = 1\n    a.b = 2\n", ["builtin", "builtin"]),
        ("x = f'{a} {[a for a in a]!r:{a}}'\n", ["builtin", "comprehension", "builtin", "builtin"]),
        ("async def f():\n    async for a in x: a\n", ["function"]),
        ("x.a\nf(a=1)\n'a'\n", []),
        ("def f(x: 'a | None'): ...\n", ["builtin"]),
    ],
)
def test_what_a_use_means(text: str, expected: list[str]) -> None:
    assert meanings(text) == expected


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("def f[a](x: a) -> a: a\n", ["type", "type", "type"]),
        ("def f[T: a](x=a): a\n", ["builtin", "builtin", "builtin"]),
        ("class A[a](a): a\na\n", ["type", "type", "builtin"]),
        ("class A:\n    a = 1\n    def f[T: a](self): a\n", ["class", "builtin"]),
        ("type a = x\na\n", ["module"]),
        ("type X[a] = a\n", ["type"]),
        ("class A:\n    a = 1\n    type X = a\n", ["class"]),
        ("f'{a['a']}'\n", ["builtin"]),
    ],
)
def test_type_parameters(text: str, expected: list[str]) -> None:
    assert meanings(text) == expected


def test_chains_hold_the_attributes_from_the_inside() -> None:
    (use,) = scopes("a.b.c().d\n").uses
    assert use.parts == ("b", "c")
    (use,) = scopes("(a\n .b).c = 1\n").uses
    assert use.parts == ("b", "c")


def test_bindings_say_how() -> None:
    text = "import a.b\nfrom x import a\na = None\na: int\na = 1\ndel a\n"
    bindings = scopes(text).all[0].bindings["a"]
    assert [binding.how for binding in bindings] == ["import", "import", "none", "none", "other", "del"]


def test_global_sends_a_binding_to_the_module() -> None:
    found = scopes("def f():\n    global a\n    import a.b\n")
    (binding,) = found.all[0].bindings["a"]
    assert binding.redirected
    assert "a" not in found.all[1].bindings


@pytest.mark.parametrize("text", ["globals()\n", "def f(): return locals()\n", "eval('a')\n", "exec(x)\n", "vars()\n"])
def test_names_are_read_dynamically(text: str) -> None:
    assert scopes(text).dynamic


@pytest.mark.parametrize("text", ["vars(x)\n", "dir(x)\n", "x.eval('a')\n", "globals\n"])
def test_names_are_not_read_dynamically(text: str) -> None:
    assert not scopes(text).dynamic


def test_names_in_text() -> None:
    assert [use.node for use in scopes("__all__ = ['a', 'b']\n").uses] == [None]
    assert [use.parts for use in scopes("x: 'a.b.c'\n").uses] == [("b", "c")]
    assert scopes("x: Literal['a']\n").uses == ()
    assert scopes("x = 'a'\n").uses == ()


def test_places_are_paths_through_blocks() -> None:
    found = scopes("import a\nif x:\n    pass\n    import a\n")
    places = [[index for _, index in binding.place] for binding in found.all[0].bindings["a"]]
    assert places == [[0], [1, 1]]

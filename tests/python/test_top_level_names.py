"""What the top level of a module binds is read from its statements alone."""

from __future__ import annotations

import pytest

from migration.python.source_file import SourceFile, UnreadableSource
from migration.python.top_level_names import Star, Surface, surface


def read(text: str, path: str = "p/__init__.py", module: str = "p") -> Surface:
    return surface(SourceFile(path, text.encode(), module))


def told(text: str) -> str:
    """The events in short: ``name=kind:module:name``, ``-name`` for ``del``, ``*module``, ``?`` for type checkers."""
    found = []
    for event in read(text).events:
        if isinstance(event, Star):
            found.append("*" + event.module + "?" * event.typing)
        elif event[1] is None:
            found.append("-" + event[0])
        else:
            own = event[1]
            place = ":".join(filter(None, [own.kind, own.module, own.name])).replace("definition", "")
            found.append(f"{event[0]}={place}" + "?" * own.typing)
    return " ".join(found)


NOTHING = {
    "an empty file": "",
    "expressions": "f(x)\n'text'\n",
    "names inside functions": "print(lambda x: (y := 1))\n",
    "a script's own part": "if __name__ == '__main__':\n    x = 1\n",
    "attributes": "a.b = 1\nc[0] = 2\n",
}


@pytest.mark.parametrize("text", NOTHING.values(), ids=NOTHING)
def test_what_binds_nothing(text: str) -> None:
    found = read(text)
    assert (found.events, found.submodules, found.all_steps, found.dynamic) == ((), frozenset(), (), ())


BOUND = {
    "definitions": ("def f(): ...\nasync def g(): ...\nclass C:\n    x = 1\n", "f= g= C="),
    "assignments": ("a = b, c = 1, 2\nd: int\ne += 1\n", "a= b= c= d= e="),
    "aliases": ("x = t.Table\ny = y.z\n", "x=alias:t.Table y="),
    "imports": ("import a.b, c.d as e\nfrom . import f\nfrom .g import h as i", "a=module:a e=module:c.d f=import:p:f i=import:p.g:h"),
    "stars": ("from .a import *\nfrom b import *\n", "*p.a *b"),
    "beyond the top": ("from ..x import y\n", "y="),
    "a fallback": ("try:\n    import a\nexcept ImportError:\n    a = b = None\n", "a=module:a b="),
    "type checkers": ("if TYPE_CHECKING:\n    from a import b\nelse:\n    c = 1\n", "b=import:a:b? c="),
    "for both": ("if t.TYPE_CHECKING:\n    from a import b\nelse:\n    b = 1\n", "b=import:a:b"),
    "blocks": ("for i in x:\n    j = 1\nwith a as k:\n    l = 1\nwhile x:\n    m = 1\n", "i= j= k= l= m="),
    "late": ("def f():\n    global g\nif (w := 1):\n    pass\nmatch w:\n    case [n, *o]: pass\n", "f= g= w= n= o="),
    "del": ("a = 1\ndel a\n", "a= -a"),
    "globals()": ("globals()['a'] = 1\n", "a="),
}  # fmt: skip


@pytest.mark.parametrize(("text", "expected"), BOUND.values(), ids=BOUND)
def test_what_is_bound(text: str, expected: str) -> None:
    assert told(text).split() == expected.split()


def test_a_type_alias_is_bound() -> None:
    assert told("type A = int\n") == "A="


def test_submodules_that_a_package_loads_itself() -> None:
    text = "from .a.b import x\nimport p.c, q.d\nfrom . import e\n"
    assert read(text).submodules == {"a", "c"}
    assert read(text, "p.py").submodules == frozenset()


OPEN = ("globals().update(x)\n", "exec(x)\n", "__getattr__ = make()\n", "import sys\nsys.modules[__name__] = X()\n")


@pytest.mark.parametrize("text", OPEN)
def test_what_may_bind_more(text: str) -> None:
    assert [line for line, _ in read(text).dynamic] == [text.count("\n")]


def test_the_steps_of_all() -> None:
    steps = read("__all__ = ['a']\n__all__ += b.__all__\n__all__.append('c')\n__all__.remove('a')\n__all__.pop(0)\n")
    assert [step.how for step in steps.all_steps] == ["set", "add", "add", "remove", "add"]
    assert steps.all_steps[-1].parts is None


def test_what_can_not_be_parsed() -> None:
    with pytest.raises(UnreadableSource):
        read("def\n")

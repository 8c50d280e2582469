"""Imports that find nothing are found; those that can't be known, or were lost before, are not."""

from __future__ import annotations

import contextlib
from collections.abc import Mapping

import pytest

from migration.core.moves import Moves
from migration.python.dangling_imports import Dangling, dangling, imported_names, new_dangling, sure_names, unresolved
from migration.python.source_file import SourceFile, UnreadableSource
from tests.python.test_exports import tree_of

TREE = {
    "p/__init__.py": "from .a import *\nfrom os import path\n",
    "p/a.py": "import sys\n\n\nclass Alpha:\n    beta = 1\n\n\ndef gamma():\n    pass\n",
    "p/sub/__init__.py": "",
    "p/sub/deep.py": "from __future__ import annotations\n\nX: int = 1\n",
    "p/space/inner.py": "Y = 1\n",
    "p/outside.py": "from os import *\n",
    "p/computed.py": "def __getattr__(name):\n    return make(name)\n",
    "p/broken.py": "x = (\n",
    "p/all.py": '__all__ = ["a", "sub"]\na = b = 1\n',
    "p/vendored.py": "import sys\n__path__ = []\n",
    "free/one.py": "Z = 1\n",
    "p/stub.pyi": "S: int\n",
    "p/lazy.py": "T = {'Late': 'p.a'}\n\ndef __getattr__(name):\n    if name in T:\n        return load(T[name], name)\n    raise AttributeError(name)\n",
}


def found(text: str, files: Mapping[str, str] = TREE, path: str = "p/here.py") -> list[Dangling]:
    """What dangles in one file; the look at its names alone, without parsing, must not miss that it does."""
    files = {**files, path: text}
    read, modules = tree_of(files)
    module = path.removesuffix(".py").replace("/", ".").removesuffix(".__init__")
    source = SourceFile(path, text.encode(), module)
    result = dangling([source], read, modules)
    with contextlib.suppress(UnreadableSource):
        lacking = unresolved(imported_names(source), read, modules)
        assert {item.name for item in result} <= {name for pair in lacking for name in (pair[0], ".".join(pair))}
    return result


@pytest.mark.parametrize(
    "text",
    [
        "import os.path, nothing.at.all\nfrom nothing import x\n",
        "import p, p.a, p.sub.deep as d\nimport p.space.inner\n",
        "from p import a, sub, Alpha, gamma, sys, path, here\n",
        "from p import (\n    Alpha as A,  # a\n    gamma,\n)\n",
        "from . import a\nfrom .a import Alpha\nfrom .sub.deep import X, annotations\nfrom .space import inner\n",
        "from .a import __name__, __doc__\nfrom p import __path__\n",
        "from .outside import getcwd, anything\n",
        "from .computed import anything\n",
        "from .broken import anything\nfrom .broken import *\n",
        "from .all import a, b\n",
        "from .vendored import moves\nfrom .vendored.moves import queue\nimport p.vendored.moves\n",
        "from .stub import S\n",
        # a namespace package at the top may have portions elsewhere
        "import free.two\nfrom free import three\nfrom free.four import x\nfrom free.one import Z\n",
        "from .a import *\n",
        "x = (\n",
        "try:\n    import nothing\nexcept ImportError:\n    nothing = None\n",
    ],
)
def test_everything_resolves(text: str) -> None:
    assert found(text) == []


LOST = {
    "import p.nope\n": ["p.nope"],
    "import p.a.Alpha\n": ["p.a.Alpha"],
    "import p.a, p.b as c, p.c\n": ["p.b", "p.c"],
    "from p import nope\n": ["p.nope"],
    "from p.nope import x, y\n": ["p.nope"],
    "from p.nope import *\n": ["p.nope"],
    "from .nope.deeper import x\n": ["p.nope.deeper"],
    "from . import a, nope\n": ["p.nope"],
    "from .a import Alpha, Beta\n": ["p.a.Beta"],
    "from .a import beta\n": ["p.a.beta"],
    "from .sub import nope\n": ["p.sub.nope"],
    "from .space import nope\nimport p.space.nope\n": ["p.space.nope", "p.space.nope"],
    "from .free.one import W\nfrom free.one import W\n": ["p.free.one", "free.one.W"],
    "from ..x import y\n": ["..x"],
    "from ... import y\n": ["..."],
    "from .all import c\n": ["p.all.c"],
    "if x:\n    def f():\n        class C:\n            try:\n                pass\n"
    "            except E:\n                from .a import nope1\n            else:\n                from .a import nope2\n"
    "            finally:\n                from .a import nope3\nelse:\n    with y:\n        from .a import nope4\n": [
        "p.a.nope1",
        "p.a.nope2",
        "p.a.nope3",
        "p.a.nope4",
    ],
    "match x:\n    case 1:\n        from .a import nope\n": ["p.a.nope"],
    "from p import Alpha; from p import nope; import p.nope\n": ["p.nope", "p.nope"],
}


@pytest.mark.parametrize("text", LOST)
def test_what_is_lost(text: str) -> None:
    assert [item.name for item in found(text)] == LOST[text]


def test_dots_count_from_the_package() -> None:
    assert found("from .a import Alpha\nfrom . import a\n", path="p/__init__.py") == []
    assert found("from ..a import Alpha\nfrom .deep import X\n", path="p/sub/here.py") == []
    assert [item.name for item in found("from .a import Alpha\n", path="p/sub/here.py")] == ["p.sub.a"]


def test_dots_in_a_script_mean_nothing() -> None:
    read, modules = tree_of(TREE)
    script = SourceFile("bin/run-it.py", b"from .x import y\nfrom p import nope\n", None)
    assert [item.name for item in dangling([script], read, modules)] == ["p.nope"]


@pytest.mark.parametrize(
    ("text", "nearest"),
    [
        ("from .a import Alfa\n", "p.a.Alpha"),
        ("from p import subb\n", "p.sub"),
        ("from p.deep import X\n", "p.sub.deep"),
        ("import p.sub.inner\n", "p.space.inner"),
        ("from .a import zzzzzz\n", ""),
        ("from p import Alpah\n", "p.Alpha"),  # brought by a star
        ("from .lazy import Lat\n", "p.lazy.Late"),  # given by __getattr__
    ],
)
def test_the_nearest_name(text: str, nearest: str) -> None:
    assert [item.nearest for item in found(text)] == [nearest]


def test_a_line_says_it_all() -> None:
    (item,) = found("x = 1\nfrom .a import (\n    Alpha,\n    Alfa,  # odd\n)\n")
    assert (
        str(item) == "p/here.py:2: from .a import Alpha, Alfa: there is no p.a.Alfa; did you mean p.a.Alpha?"
    )


def test_only_modules_that_may_have_lost_a_name_are_read() -> None:
    read, modules = tree_of(TREE)
    asked = []

    def counted(module: str) -> SourceFile | None:
        asked.append(module)
        return read(module)

    text = b"from p.a import nope\nfrom p.sub.deep import nope\nfrom p.nope import x\n"
    files = [SourceFile("x.py", text, "x")]
    names = [item.name for item in dangling(files, counted, modules, lambda module: module == "p.a")]
    assert names == ["p.a.nope", "p.nope"] and "p.sub.deep" not in asked
    asked.clear()
    dangling(files * 3, counted, modules)
    assert len(asked) == len(set(asked))


def test_only_what_a_move_broke_counts() -> None:
    moves = Moves({"p": True, "p.a": False, "q": False}, {"p.a": "n.a"}, {"p.a": "n.a"})
    old = {"p/a.py": "n/a.py"}

    def lost(path: str, name: str) -> Dangling:
        return Dangling(path, 1, "import", name)

    before = [lost("p/a.py", "p.a.x"), lost("p/a.py", "opt"), lost("q.py", "p.a.y")]
    after = [
        lost("n/a.py", "n.a.x"),  # lost before, renamed with its module
        lost("n/a.py", "opt"),
        lost("q.py", "p.a.y"),  # lost before, and left as it was
    ]
    assert new_dangling(before, after, moves, old) == []
    fresh = [lost("q.py", "n.a.y"), lost("q.py", "n.a.z"), lost("other.py", "n.a.x"), lost("n/a.py", "opt")]
    assert new_dangling(before, [*after, *fresh], moves, old) == fresh


@pytest.mark.parametrize(
    ("text", "names"),
    [
        ("", set()),
        ("X = 1\nfrom p import f\nimport g\n", set()),
        ("if x:\n    def f(): pass\nelse:\n    class C: pass\n", set()),
        ("class C:\n    def f(self): pass\n\nasync def g(): pass\n@d\ndef h():\n    def i(): pass\n", {"C", "g", "h"}),
        ("def f(): pass\n\ndel f\n", set()),
        ("def f(): pass\ntry:\n    if x:\n        del f\nfinally:\n    pass\n", set()),
        ("def f():\n    del x\n", {"f"}),
    ],
)
def test_names_that_are_there_for_certain(text: str, names: set[str]) -> None:
    source = SourceFile("p/new.py", text.encode(), "p.new")
    assert sure_names(source) == frozenset(), "nothing is parsed for it"
    assert source.tree is not None
    assert sure_names(source) == names
    read, modules = tree_of({**TREE, "p/new.py": text})
    assert not unresolved([("p.new", name) for name in names], read, modules)

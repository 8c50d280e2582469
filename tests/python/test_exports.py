"""Names of a package are followed to where they are defined, without importing anything."""

from __future__ import annotations

import importlib
import sys
from collections.abc import Container, Mapping
from pathlib import Path

import pytest

from migration.core.names import is_package_file, module_of, prefixes
from migration.python.exports import Exports, exports, symbol_remap, symbols_of
from migration.python.namespaces import Namespaces, Read
from migration.python.source_file import SourceFile, UnreadableSource


def tree_of(files: Mapping[str, str]) -> tuple[Read, dict[str, bool]]:
    """A reader of the files (path -> text) and the modules of the tree, namespace packages included."""
    sources: dict[str, SourceFile] = {}
    modules: dict[str, bool] = {}
    for path, text in files.items():
        module = module_of(path, ["."])
        assert module is not None
        sources[module] = SourceFile(path, text.encode(), module)
        for name in prefixes(module):
            modules[name] = modules.get(name, False) or name != module or is_package_file(path)
    return sources.get, modules


def exports_of(files: Mapping[str, str], module: str = "p") -> Exports:
    read, modules = tree_of(files)
    return exports(module, read, modules)


def origins(files: Mapping[str, str], module: str = "p") -> dict[str, str]:
    """name -> ``module:symbol`` (``module`` alone for a module)."""
    found = exports_of(files, module).names
    return {name: f"{e.module}:{e.symbol}" if e.symbol else e.module for name, e in found.items()}


TABLE = "class Table:\n    pass\n\n\nclass _Hidden:\n    pass\n\n\ndef helper():\n    pass\n"

NOT_RE_EXPORTED = {
    "its own definitions": {
        "p/__init__.py": "class A: ...\ndef b(): ...\nc = 1\nd: int = 2\nasync def e(): ...\n"
    },
    "names from outside": {"p/__init__.py": "import os\nfrom typing import Any\nimport a.b as c\n"},
    "submodules": {"p/__init__.py": "from . import table\nimport p.table\nt = table\n", "p/table.py": TABLE},
    "another name": {"p/__init__.py": "from .table import Table as T\n", "p/table.py": TABLE},
    "an alias of an own name": {"p/__init__.py": "class A: ...\nB = A\n"},
    "attributes of classes": {
        "p/__init__.py": "from . import table\nx = table.Table.objects\n",
        "p/table.py": TABLE,
    },
    "private names by a star": {
        "p/__init__.py": "from .table import *\ndel Table, helper\n",
        "p/table.py": TABLE,
    },
    "what only type checkers get from a star": {
        "p/__init__.py": "from .a import *\n",
        "p/a.py": "from typing import TYPE_CHECKING as T\nimport typing\nif typing.TYPE_CHECKING:\n    from .b import B\n",
        "p/b.py": "class B: ...\n",
    },
    "a script's part": {
        "p/__init__.py": 'if __name__ == "__main__":\n    from .table import Table\n',
        "p/table.py": TABLE,
    },
    "deleted": {"p/__init__.py": "from .table import Table\ndel Table\n", "p/table.py": TABLE},
    "redefined": {"p/__init__.py": "from .table import Table\nclass Table: ...\n", "p/table.py": TABLE},
    "a level that leaves the top": {"p/__init__.py": "from ..x import y\n"},
}


@pytest.mark.parametrize("name", NOT_RE_EXPORTED)
def test_is_no_re_export(name: str) -> None:
    read, modules = tree_of(NOT_RE_EXPORTED[name])
    assert symbol_remap(["p"], read, modules) == ({}, [])
    assert symbol_remap(["p"], read) == ({}, [])


RE_EXPORTED: dict[str, tuple[dict[str, str], dict[str, str]]] = {
    "relative, private too": (
        {"p/__init__.py": "from .table import Table, _Hidden\n", "p/table.py": TABLE},
        {"Table": "p.table", "_Hidden": "p.table"},
    ),
    "absolute, in parentheses": (
        {
            "p/__init__.py": "from p.table import (\n    Table,  # t\n    helper as helper,\n)\n",
            "p/table.py": TABLE,
        },
        {"Table": "p.table", "helper": "p.table"},
    ),
    "through several modules, over a change of name": (
        {
            "p/__init__.py": "from .b import T, Table\n",
            "p/b.py": "from .c import Table as T\nfrom .c import Table\n",
            "p/c/__init__.py": "from .d import *\n",
            "p/c/d.py": TABLE,
        },
        {"T": "p.b", "Table": "p.c.d"},
    ),
    "from above and beside": (
        {"q/__init__.py": "", "q/p/__init__.py": "from ..x import X\n", "q/x.py": "X = 1\n"},
        {"X": "q.x"},
    ),
    "star": (
        {"p/__init__.py": "from .table import *\n", "p/table.py": TABLE},
        {"Table": "p.table", "helper": "p.table"},
    ),
    "star of stars, in a circle": (
        {
            "p/__init__.py": "from .a import *\n",
            "p/a.py": "from .b import *\nA = 1\n",
            "p/b.py": "B = 1\nfrom .a import *\nfrom . import *\n",
        },
        {"A": "p.a", "B": "p.b"},
    ),
    "star with __all__": (
        {"p/__init__.py": "from .a import *\n", "p/a.py": '__all__ = ["_x", "y"]\n_x = y = z = 1\n'},
        {"_x": "p.a", "y": "p.a"},
    ),
    "star with __all__ put together": (
        {
            "p/__init__.py": "from .a import *\n",
            "p/a.py": "def w(): ...\nfrom . import b\nfrom .b import *\nfrom .c import *\nfrom .c import __all__ as more\n"
            '__all__ = ["x"] + list(b.__all__)\n__all__ += [*more, w.__name__]\n__all__.append("y")\n'
            '__all__.extend(["z", "u"])\n__all__.remove("u")\nimport p.d\n__all__ += p.d.__all__\n'
            "from p.d import *\nx = y = z = u = hidden = 1\n",
            "p/b.py": '_NAMES = ["b1"]\n__all__ = sorted(_NAMES)\nb1 = b2 = 1\n',
            "p/c.py": "class C: ...\n\n\n__all__ = [one.__name__ for one in (C,)]\n",
            "p/d.py": '__all__: list[str] = ["d1"]\nd1 = d2 = 1\n',
        },
        {
            **dict.fromkeys(["x", "y", "z", "w"], "p.a"),
            "b1": "p.b",
            "C": "p.c",
            "d1": "p.d",
        },
    ),
    "__all__ in either of two branches": (
        {
            "p/__init__.py": "from .a import *\n",
            "p/a.py": 'try:\n    import nope\n    __all__ = ["x"]\nexcept ImportError:\n    __all__ = []\nx = 1\n',
        },
        {"x": "p.a"},
    ),
    "assignment": (
        {
            "p/__init__.py": "from . import table\nfrom .table import helper as h\nimport p.table as t\n"
            "Table = table.Table\nhelper = h\n_Hidden: type = t._Hidden\n",
            "p/table.py": TABLE,
        },
        {"Table": "p.table", "helper": "p.table", "_Hidden": "p.table"},
    ),
    "try, if, TYPE_CHECKING, with, for": (
        {
            "p/__init__.py": "try:\n    from .table import Table\nexcept ImportError:\n    Table = None\n"
            "if TYPE_CHECKING:\n    from .table import _Hidden\nelse:\n    _Hidden = None\n"
            "with x:\n    from .table import helper\nhelper2 = None\nif x:\n    from .b import helper2\n",
            "p/table.py": TABLE,
            "p/b.py": "def helper2(): ...\n",
        },
        {"Table": "p.table", "_Hidden": "p.table", "helper": "p.table", "helper2": "p.b"},
    ),
    "a symbol named as its module": (
        {"p/__init__.py": "from .table import table\n", "p/table.py": "def table(): ...\n"},
        {"table": "p.table"},
    ),
    "the last one wins": (
        {
            "p/__init__.py": "from .table import Table\nfrom .b import *\nfrom .c import x\n",
            "p/table.py": TABLE,
            "p/b.py": "Table = x = 1\n",
            "p/c.py": "x = 1\n",
        },
        {"Table": "p.b", "x": "p.c"},
    ),
    "from a namespace package": (
        {"p/__init__.py": "from .n import m\nfrom .n.m import X\n", "p/n/m.py": "X = 1\n"},
        {"X": "p.n.m"},
    ),
    "global, walrus and the like define": (
        {
            "p/__init__.py": "from .a import g, w, d, m\n",
            "p/a.py": "def f(x=(d := 1)):\n    global g\n    g = 1\n    hidden = (h := 2)\n"
            "f()\nif (w := [1]):\n    pass\nmatch w:\n    case [m]:\n        pass\n",
        },
        {"g": "p.a", "w": "p.a", "d": "p.a", "m": "p.a"},
    ),
}


@pytest.mark.parametrize("name", RE_EXPORTED)
def test_is_re_exported(name: str) -> None:
    files, expected = RE_EXPORTED[name]
    read, modules = tree_of(files)
    package = next(path for path in ("p", "q.p") if path in modules)
    remap, findings = symbol_remap([package], read, modules)
    assert remap == {package: expected} and findings == []
    assert list(remap[package]) == sorted(expected)


UNKNOWN = {
    "a star from outside": ({"p/__init__.py": "from os import *\n"}, "p/__init__.py:1"),
    "a star from a star from outside": (
        {"p/__init__.py": "from .a import *\n", "p/a.py": "\nfrom os import *\n"},
        "p/a.py:2",
    ),
    "a star from a file that can't be parsed": (
        {"p/__init__.py": "from .a import *\n", "p/a.py": "\nx = (\n"},
        "p/a.py:2",
    ),
    "__all__ computed": ({"p/__init__.py": "x = 1\n__all__ = [n for n in dir()]\n"}, "p/__init__.py:2"),
    "__all__ of something outside": (
        {"p/__init__.py": "import os\n__all__ = os.__all__\n"},
        "p/__init__.py:2",
    ),
    "globals().update": ({"p/__init__.py": "globals().update(x=1)\n"}, "p/__init__.py:1"),
    "globals() in a function": (
        {"p/__init__.py": "def f(n):\n    globals()[n] = 1\nf('x')\n"},
        "p/__init__.py:2",
    ),
    "another module in its place": (
        {"p/__init__.py": "import sys\nsys.modules[__name__] = X()\n"},
        "p/__init__.py:2",
    ),
    "setattr": ({"p/__init__.py": "import sys\nsetattr(sys.modules[__name__], n, 1)\n"}, "p/__init__.py:2"),
    "exec": ({"p/__init__.py": "exec(open('x').read())\n"}, "p/__init__.py:1"),
    "__getattr__ that computes": (
        {"p/__init__.py": "def __getattr__(name):\n    return make(name)\n"},
        "p/__init__.py:2",
    ),
    "__getattr__ that is made": (
        {"p/__init__.py": "import lazy\n__getattr__, __dir__, __all__ = lazy.attach(__name__)\n"},
        "p/__init__.py:2",
    ),
}


@pytest.mark.parametrize("name", UNKNOWN)
def test_what_cannot_be_known_is_said(name: str) -> None:
    files, place = UNKNOWN[name]
    read, modules = tree_of(files)
    _, findings = symbol_remap(["p"], read, modules)
    assert {str(finding).partition(": ")[0] for finding in findings} == {place}
    assert all(finding.remedy for finding in findings)
    found = exports("p", read, modules)
    assert found.open or "__all__" in findings[0].message


@pytest.mark.parametrize(
    "text",
    [
        "globals()['x'] = 1\n",
        "y = globals().get('x')\nx = 1\n",
        "import sys\nx = getattr(sys.modules[__name__], 'y', 1)\n",
        "def f():\n    exec('a = 1')\n    locals().update(b=1)\nx = 1\n",
    ],
)
def test_what_looks_dynamic_and_is_not(text: str) -> None:
    found = exports_of({"p.py": text})
    assert "x" in found.names and not found.open and not found.findings


def test_an_export_says_how_it_came() -> None:
    files = {
        "p/__init__.py": "from . import table\nfrom .table import Table\nfrom .b import *\nX = table.Table\nimport os\n",
        "p/table.py": TABLE,
        "p/b.py": "B = 1\n",
    }
    names = exports_of(files).names
    assert {name: export.via for name, export in names.items()} == {
        "B": "star",
        "Table": "import",
        "X": "alias",
        "os": "import",
        "table": "import",
    }
    assert names["table"].is_submodule and names["table"].is_module
    assert names["os"].is_module and not names["os"].is_submodule and not names["os"].in_tree
    assert names["X"].symbol == "Table" and names["X"].line == 4
    assert names["Table"].chain == (("p", "Table"), ("p.table", "Table"))


def test_a_name_that_is_not_there_ends_where_it_was_looked_for() -> None:
    assert origins({"p/__init__.py": "from .a import Nope\n", "p/a.py": ""}) == {"Nope": "p.a:Nope"}
    assert origins({"p/__init__.py": "from . import p\n"}) == {"p": "p:p"}
    assert origins({"p.py": "from q import x\n", "q.py": "from p import x\n"}) == {"x": "q:x"}
    assert origins({"p.py": "x = y\ny = x\nz = str\n"}) == {"x": "p:y", "y": "p:x", "z": "p:z"}


def test_a_module_that_cannot_be_parsed() -> None:
    with pytest.raises(UnreadableSource):
        exports_of({"p/__init__.py": "x = (\n"})
    read, modules = tree_of({"p/__init__.py": "x = (\n"})
    remap, findings = symbol_remap(["p"], read, modules)
    assert remap == {} and [finding.line for finding in findings] == [1]


def test_only_what_is_asked_for_is_read() -> None:
    read, modules = tree_of(
        {"p/__init__.py": "from .a import A\nimport p.c\n", "p/a.py": "A = 1\n", "p/c.py": ""}
    )
    asked: list[str] = []

    def counted(module: str) -> SourceFile | None:
        asked.append(module)
        return read(module)

    namespaces = Namespaces(counted, modules)
    assert namespaces.has("p", "A") and namespaces.has("p", "c") and not namespaces.has("p", "B")
    assert asked == ["p"]


# Circular stars and TYPE_CHECKING bind more, or other things, for a reader than in one run.
RUNNABLE = [name for name in RE_EXPORTED if "circle" not in name and "TYPE_CHECKING" not in name]


@pytest.mark.parametrize("name", RUNNABLE)
def test_python_agrees(name: str, tmp_path: Path) -> None:
    """What runs is the truth: the same names, each the same object as at the place we say."""
    files = {
        path: text.replace("import nope\n", "import os\n") for path, text in RE_EXPORTED[name][0].items()
    }
    for path, text in files.items():
        (tmp_path / path).parent.mkdir(parents=True, exist_ok=True)
        (tmp_path / path).write_text(text)
    read, modules = tree_of(files)
    sys.path.insert(0, str(tmp_path))
    importlib.invalidate_caches()
    try:
        package = next(path for path in ("p", "q.p") if path in modules)
        real = importlib.import_module(package)
        for bound, export in exports(package, read, modules).names.items():
            there = importlib.import_module(export.module)
            assert getattr(real, bound) is (getattr(there, export.symbol) if export.symbol else there)
        for module in modules:
            star: dict[str, object] = {}
            exec(f"from {module} import *", star)
            submodules = {n for n in star if f"{module}.{n}" in modules}
            assert (
                set(star) - {"__builtins__"} - submodules
                == set(exports(module, read, modules).star) - submodules
            )
    finally:
        sys.path.remove(str(tmp_path))
        for module in [m for m in sys.modules if m.partition(".")[0] in ("p", "q")]:
            del sys.modules[module]


@pytest.mark.parametrize(("call", "computed"), [
    ("sort()", False), ("reverse()", False), ("append('b')", False),
    ("insert(0, 'b')", True), ("clear()", True), ("pop()", True),
])
def test_calls_that_change_dunder_all(call: str, computed: bool) -> None:
    read, modules = tree_of({"p/__init__.py": f"__all__ = ['a']\n__all__.{call}\na = b = 1\n"})
    assert exports("p", read, modules).open is computed


def test_names_that_a_module_may_bind() -> None:
    def symbols(text: str) -> Container[str] | None:
        return symbols_of(SourceFile("a.py", text.encode(), "a"))

    bound = symbols("def f(x): return x1.data\n")
    assert bound is not None and all(name in bound for name in ("f", "x", "x1", "data"))
    assert not any(name in bound for name in ("ret", "turn", "dat", "x1.", "é", "g"))
    assert symbols("from x import *\n") is None
    assert symbols("globals()['x'] = 1\n") is None
    assert symbols("def __getattr__(name): ...\n") is None
    assert symbols("def my_exec(x): ...\n") is not None

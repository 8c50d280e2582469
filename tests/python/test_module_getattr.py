"""``__getattr__`` of a module: what it gives is read off, or it is said that it can't be."""

from __future__ import annotations

import pytest

from migration.python.namespaces import Namespaces
from tests.python.test_exports import exports_of, tree_of

OTHERS = {
    "p/a.py": "A = A2 = b = 1\n",
    "p/b.py": "B = B2 = 1\n",
    "p/sub/__init__.py": "",
    "p/sub/c.py": "C = 1\n",
}


def given(text: str) -> dict[str, str] | None:
    """name -> ``module:symbol`` of what ``p.__getattr__`` gives; None where that can't be known."""
    found = exports_of({"p/__init__.py": text, **OTHERS})
    lazy = {
        n: e for n, e in found.names.items() if e.via == "lazy" or (e.via == "definition" and n.isupper())
    }
    names = {name: f"{e.module}:{e.symbol}" if e.symbol else e.module for name, e in lazy.items()}
    return (
        None if found.open else {name: origin for name, origin in names.items() if not name.startswith("_")}
    )


GIVEN = {
    "nothing": ("def __getattr__(name):\n    raise AttributeError(name)\n", {}),
    "if, elif, else": (
        'def __getattr__(name):\n    if name == "A":\n        from .a import A\n        return A\n'
        '    elif "B" == name:\n        from p import b\n        return b.B\n'
        "    else:\n        raise AttributeError(name)\n",
        {"A": "p.a:A", "B": "p.b:B"},
    ),
    "another name, several names": (
        'def __getattr__(name):\n    if name == "X":\n        from .a import A as found\n        globals()[name] = found\n'
        '        return found\n    if name in ("A", "A2") or name == "b":\n        import p.a\n        return getattr(p.a, name)\n'
        "    raise AttributeError\n",
        {"X": "p.a:A", "A": "p.a:A", "A2": "p.a:A2", "b": "p.a:b"},
    ),
    "import_module": (
        "import importlib\n\ndef __getattr__(name: str) -> object:\n"
        '    if name in {"A"}:\n        module = importlib.import_module(".a", __name__)\n        return getattr(module, name)\n'
        '    if name == "B":\n        return getattr(importlib.import_module("p.b"), "B2")\n'
        "    raise AttributeError(name)\n",
        {"A": "p.a:A", "B": "p.b:B2"},
    ),
    "submodules": (
        'from importlib import import_module\n\ndef __getattr__(name):\n    if name in ["sub"]:\n'
        '        return import_module("." + name, __name__)\n    if name == "c":\n'
        '        return import_module(f"{__name__}.sub.{name}")\n    raise AttributeError(name)\n',
        {"sub": "p.sub", "c": "p.sub.c"},
    ),
    "match": (
        'def __getattr__(name):\n    match name:\n        case "A" | "A2":\n            from . import a\n'
        '            return getattr(a, name)\n        case "B":\n            from .b import B\n            return B\n'
        "    raise AttributeError(name)\n",
        {"A": "p.a:A", "A2": "p.a:A2", "B": "p.b:B"},
    ),
    "not in": (
        'NAMES = ["A", "A2"]\n\ndef __getattr__(name):\n    if name not in NAMES:\n        raise AttributeError(name)\n'
        "    from . import a\n    return getattr(a, name)\n",
        {"A": "p.a:A", "A2": "p.a:A2", "NAMES": "p:NAMES"},
    ),
    "made here": (
        'def __getattr__(name):\n    if name == "OLD":\n        warn()\n        return make()\n    raise AttributeError(name)\n',
        {"OLD": "p:OLD"},
    ),
    "table of modules": (
        '_LAZY = {"A": ".a", "B": "p.b", "C": "sub.c", "b": ".b", "os": "os.path"}\n\ndef __getattr__(name):\n'
        "    if name in _LAZY:\n        return getattr(import_module(_LAZY[name], __package__), name)\n"
        "    raise AttributeError(name)\n",
        {"A": "p.a:A", "B": "p.b:B", "C": "p.sub.c:C", "b": "p.b", "os": "os.path:os"},
    ),
    "table of pairs and of paths": (
        '_LAZY: dict[str, object] = {"A": (".a", "A2"), "B": ".b:B2", "C": "p.sub.c.C", "D": ("p.b", "B")}\n\n'
        "def __getattr__(name):\n    try:\n        module, attribute = _LAZY[name]\n    except KeyError:\n"
        "        raise AttributeError(name) from None\n    return getattr(import_module(module), attribute)\n",
        {"A": "p.a:A2", "B": "p.b:B2", "C": "p.sub.c:C", "D": "p.b:B"},
    ),
    "table of names by module, turned round": (
        '_STRUCTURE = {"a": ["A", "A2"], "sub.c": ["C"], ".b": ("B", "B2")}\n'
        "_WHERE = {name: module for module, names in _STRUCTURE.items() for name in names}\n\n"
        "def __getattr__(name):\n    if (module := _WHERE.get(name)) is not None:\n"
        '        return getattr(import_module(f".{module}", __name__), name)\n    raise AttributeError(name)\n',
        {"A": "p.a:A", "A2": "p.a:A2", "B": "p.b:B", "B2": "p.b:B2", "C": "p.sub.c:C"},
    ),
    "tables put together": (
        'from types import MappingProxyType\n_ONE = {"A": ".a"}\n_TWO = MappingProxyType({**_ONE, "B": ".b"} )\n'
        '_THREE = _TWO | dict(C=".sub.c")\n\ndef __getattr__(name):\n'
        "    return getattr(import_module(_THREE[name], __package__), name)\n",
        {"A": "p.a:A", "B": "p.b:B", "C": "p.sub.c:C"},
    ),
    "a table of its own": (
        'def __getattr__(name):\n    table = {"A": ".a"}\n    return getattr(import_module(table[name], __package__), name)\n',
        {"A": "p.a:A"},
    ),
    "a table of other things": ('X = {"A": 1}\n\ndef __getattr__(name):\n    return X[name]\n', None),
    "computed": ("def __getattr__(name):\n    return make(name)\n", None),
    "no parameter": ("def __getattr__(*names):\n    return 1\n", None),
    "by the start of the name": (
        'def __getattr__(name):\n    if name.startswith("X"):\n        return 1\n    raise AttributeError\n',
        None,
    ),
}


@pytest.mark.parametrize("name", GIVEN)
def test_given(name: str) -> None:
    text, expected = GIVEN[name]
    assert given(text) == expected


def test_all_others_are_asked_of_another_module() -> None:
    text = "def __getattr__(name):\n    from . import a\n    return getattr(a, name)\n"
    namespaces = Namespaces(*tree_of({"p/__init__.py": text, **OTHERS}))
    assert namespaces.has("p", "A") and not namespaces.has("p", "C")


def test_a_star_brings_lazy_names_only_through_all() -> None:
    text = '__all__ = ["A"]\n\ndef __getattr__(name):\n    if name == "A":\n        from .a import A\n        return A\n'
    for head, expected in ((text, ["A"]), (text.partition("\n")[2], [])):
        found = exports_of({"q/__init__.py": "from p import *\n", "p/__init__.py": head, **OTHERS}, "q")
        assert [name for name in found.names if name.isupper()] == expected
        assert not expected or found.names["A"].module == "p.a"

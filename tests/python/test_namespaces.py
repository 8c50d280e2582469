"""Names are followed through the modules of a tree, each read only if it is asked for."""

from __future__ import annotations

import pytest

from migration.python.namespaces import Namespaces
from migration.python.source_file import SourceFile
from tests.python.test_exports import tree_of

TREE = {
    "p/__init__.py": (
        "from .table import *\nfrom .table import Table as T\nfrom . import join\n"
        "import os\nfrom outside import thing\nAlias = join.Join\n"
    ),
    "p/table.py": "__all__ = ['Table', 'late']\nclass Table: ...\nlate = 1\nclass Other: ...\n_own = 2\n",
    "p/join.py": "class Join: ...\n_hidden = 1\nif TYPE_CHECKING:\n    from x import y\n",
    "p/lazy.py": "def __getattr__(name):\n    if name == 'Table':\n        from p.table import Table\n        return Table\n    raise AttributeError\n",
    "p/open.py": "globals().update(f())\n",
    "p/one.py": "from .two import *\na = 1\n",
    "p/two.py": "from .one import *\nb = 2\n",
    "p/far.py": "from outside import *\n",
    "p/bad.py": "def\n",
    "p/path.py": "__path__ = []\n",
    "n/inner.py": "x = 1\n",
}  # fmt: skip
READ, MODULES = tree_of(TREE)


@pytest.fixture
def spaces() -> Namespaces:
    return Namespaces(READ, MODULES)


NOT_THERE = (("p", "Other"), ("p", "_own"), ("p", "nothing"), ("p.table", "T"), ("p.lazy", "x"), ("n", "x"))


@pytest.mark.parametrize(("module", "name"), NOT_THERE)
def test_what_a_module_does_not_bind(spaces: Namespaces, module: str, name: str) -> None:
    assert spaces.export(module, name) is None
    assert not spaces.has(module, name)


THERE = {
    ("p", "Table"): ("p.table", "Table", "star", True),
    ("p", "T"): ("p.table", "Table", "import", True),
    ("p", "join"): ("p.join", "", "import", True),
    ("p", "Alias"): ("p.join", "Join", "alias", True),
    ("p", "os"): ("os", "", "import", False),
    ("p", "thing"): ("outside", "thing", "import", False),
    ("p.join", "Join"): ("p.join", "Join", "definition", True),
    ("p.lazy", "Table"): ("p.table", "Table", "lazy", True),
    ("p.two", "a"): ("p.one", "a", "star", True),
}


@pytest.mark.parametrize(("place", "expected"), THERE.items())
def test_names_are_followed(spaces: Namespaces, place: tuple[str, str], expected: tuple[str, str, str, bool]) -> None:
    found = spaces.export(*place)
    assert found is not None and spaces.has(*place)
    assert (found.module, found.symbol, found.via, found.in_tree) == expected
    assert found.is_submodule == (place == ("p", "join")) and found.is_module == (not expected[1])


def test_what_a_star_brings(spaces: Namespaces) -> None:
    assert spaces.star_names("p.table") == (("Table", "late"), False)
    assert spaces.star_names("p.join") == (("Join",), False)
    assert spaces.star_names("p.two") == (("a", "b"), False)
    assert spaces.star_names("outside") == ((), True)
    assert spaces.names("p.one") == {"a", "b"}


def test_what_is_open_or_has_no_names(spaces: Namespaces) -> None:
    opened = ["n", "outside", "p", "p.bad", "p.far", "p.open"]
    assert [name for name in sorted([*MODULES, "outside"]) if spaces.is_open(name)] == opened[1:2] + opened[3:]
    assert spaces.has("p.open", "anything") and spaces.has("p.join", "__name__")
    assert [name for name in MODULES if spaces.is_namespace(name)] == ["n"]
    assert [name for name in MODULES if spaces.has_own_path(name)] == ["p.path"]
    error = spaces.error("p.bad")
    assert error is not None and error.line == 1
    assert spaces.known("p.bad") and not spaces.known("p.none")


def test_a_path_of_its_own_is_seen_without_parsing_what_can_t_have_one() -> None:
    tree = {
        "p/gives.py": "__all__ = ['__path__']\n__path__ = []\n",
        "p/brought.py": "from .gives import \\\n    *\n",
        "p/none.py": "def half(:\n",
    }
    read, modules = tree_of(tree)
    spaces = Namespaces(read, modules)
    assert [name for name in modules if spaces.has_own_path(name)] == ["p.gives", "p.brought"]
    assert "p.none" not in spaces._surfaces


@pytest.mark.parametrize(("module", "part"), {"p.bad": "parsed", "p.far": "outside", "p.open": "read off"}.items())
def test_what_can_not_be_resolved_is_said(spaces: Namespaces, module: str, part: str) -> None:
    (finding,) = spaces.findings(module)
    assert part in finding.message and finding.line == 1 and finding.remedy


def test_only_what_is_asked_for_is_read() -> None:
    asked: list[str] = []

    def read(name: str) -> SourceFile | None:
        asked.append(name)
        return READ(name)

    spaces = Namespaces(read, MODULES)
    assert spaces.export("p.table", "Table") and spaces.export("p.table", "late")
    assert asked == ["p.table"]

from __future__ import annotations

from pathlib import Path

import pytest

from migration.core.changes import ChangeSet, Rename, Write
from migration.repo.tree.project import Project, module_index, source_path
from migration.repo.tree.source_roots import find_roots
from migration.repo.tree.tool_settings import settings_of
from migration.repo.tree.tree import Tree
from tests.tools import Content, Link, put


def tree(where: Path, *paths: str, **files: Content) -> Tree:
    put(where, dict.fromkeys(paths, ""))
    put(where, files)
    modes = dict.fromkeys([*paths, *files], "100644")
    return Tree(where, modes)


# ---- trees

def test_changes_leave_the_first_tree_and_the_disk_alone(tmp_path: Path) -> None:
    put(tmp_path, {"a": "1", "b": "2", "to": Link("a")})
    before = Tree(tmp_path, {"b": "100755", "a": "100644", "to": "120000"})
    after = before.changed(ChangeSet((Rename("a", "b"), Rename("b", "c")), (), (Write("b", b"w"), Write("a", b"n", create=True, mode="100755"))))
    assert {path: (after.modes[path], after.read(path)) for path in after} == {
        "a": ("100755", b"n"), "b": ("100644", b"w"), "c": ("100755", b"2"), "to": ("120000", b"a")}
    assert {path: before.read(path) for path in before} == {"a": b"1", "b": b"2", "to": b"a"}
    again = after.changed(ChangeSet((Rename("c", "d"), Rename("b", "e")), ("a",)))
    assert {path: again.read(path) for path in again} == {"d": b"2", "e": b"w", "to": b"a"}
    assert (tmp_path / "a").read_text() == "1"


def test_what_a_tree_holds(tmp_path: Path) -> None:
    found = Tree(tmp_path, {"x/y/a": "100644", "x.y": "120000", "m": "160000", "x/b": "100755"})
    assert list(found) == ["m", "x.y", "x/b", "x/y/a"] and len(found) == 4
    assert found.under("x") == ["x/b", "x/y/a"] and found.under(".") == list(found)
    assert found.directories == {".", "x", "x/y"}
    assert [found.is_regular(path) for path in found] == [False, False, True, True]


# ---- modules

@pytest.mark.parametrize(("paths", "roots", "modules"), [
    (["a/b/c.py"], (".",), {"a": True, "a.b": True, "a.b.c": False}),
    (["a/__init__.py", "a/b.py"], (".",), {"a": True, "a.b": False}),
    (["a.py", "a/__init__.py"], (".",), {"a": True}),
    (["a.py", "a/x.py"], (".",), {"a": False, "a.x": False}),
    (["src/a.py", "b.py", "x-y/c.py", "d.txt"], (".", "src"), {"a": False, "b": False}),
    (["a.pyi", "a.py"], (".",), {"a": False}),
])
def test_module_index(tmp_path: Path, paths: list[str], roots: tuple[str, ...], modules: dict[str, bool]) -> None:
    assert module_index(tree(tmp_path, *paths), roots) == modules


@pytest.mark.parametrize(("paths", "module", "found"), [
    (["a/b/__init__.py"], "a.b", (".", "a/b")), (["a/b.py"], "a.b", (".", "a/b.py")), (["a/b/c.txt"], "a.b", (".", "a/b")),
    (["a/b.py", "a/b/c.html"], "a.b", (".", "a/b.py")), (["a/b.py", "a/b/__init__.py"], "a.b", (".", "a/b")),
    (["src/a/b.py"], "a.b", ("src", "src/a/b.py")), (["a/bc.py"], "a.b", None), ([], "a", None),
])
def test_source_path(tmp_path: Path, paths: list[str], module: str, found: tuple[str, str] | None) -> None:
    assert source_path(tree(tmp_path, *paths), (".", "src"), module) == found


def test_a_project(tmp_path: Path) -> None:
    before = tree(tmp_path, "a/__init__.py", "src/b.pyi", "src/ns/c.py")
    project = Project(tmp_path, (".", "src"), before, before.changed(ChangeSet((Rename("src/ns/c.py", "d.py"),))), lambda _: [])
    assert [project.path_of(module) for module in ("a", "b", "ns.c", "ns", "x")] == ["a/__init__.py", "src/b.pyi", "src/ns/c.py", None, None]
    assert project.path_of("d", project.before) == "d.py"
    assert project.source("a/__init__.py").module == "a"
    assert project.source("d.py", project.before).module == "d"


# ---- roots and settings

@pytest.mark.parametrize(("paths", "config", "roots"), [
    (["a.py"], "", (".",)), (["src/a.py"], "", (".", "src")), (["src/__init__.py"], "", (".",)), (["src"], "", (".",)),
    (["lib/a.py", "python/b.py"], "", (".", "lib", "python")),
    (["x/a.py"], '[tool.setuptools.packages.find]\nwhere = ["x"]\n', (".", "x")),
    (["x/a.py"], '[tool.setuptools]\npackage-dir = {"" = "./x/"}\n', (".", "x")),
    (["x/y/a.py"], '[tool.pytest.ini_options]\npythonpath = [".", "x/y", "gone", "../out", "/abs"]\n', (".", "x/y")),
    (["x/a.py"], '[tool.mypy]\nmypy_path = "x"\n', (".", "x")),
    (["x/a.py"], "not toml", (".",)), (["x/a.py"], "tool = 3\n", (".",)), (["x/a.py"], "[tool]\nmypy = 3\nsetuptools = []\n", (".",)),
    (["x/a.py"], b"\xff", (".",)),
    (["x/__init__.py", "y/a.py"], '[tool.phased-migration]\nroots = ["y", "x", "gone"]\n', (".", "y", "x")),
    (["x/__init__.py"], '[tool.mypy]\nmypy_path = "x"\n', (".",)), (["x/a.py"], '[tool.phased-migration]\nroots = "x"\n', (".", "x")),
])
def test_roots(tmp_path: Path, paths: list[str], config: Content, roots: tuple[str, ...]) -> None:
    put(tmp_path, {"pyproject.toml": config})
    assert find_roots(Tree(tmp_path, dict.fromkeys([*paths, "pyproject.toml"], "100644"))) == roots


def test_roots_that_other_files_name(tmp_path: Path) -> None:
    manage = "os.environ.setdefault('DJANGO_SETTINGS_MODULE', 'conf.settings')\n"
    files: dict[str, Content] = {"setup.cfg": "[options]\npackage_dir =\n    = source\n", "tox.ini": "[pytest]\npythonpath = a b\n"}
    files |= {"web/manage.py": manage, "web/conf/settings.py": "", "source/x.py": "", "a/x.py": ""}
    put(tmp_path, files)
    assert find_roots(Tree(tmp_path, dict.fromkeys(files, "100644"))) == (".", "source", "a", "web")


@pytest.mark.parametrize(("config", "table"), [
    ("", {}), ("tool = 3", {}), ("[tool]\nphased-migration = 3", {}), ("[tool.phased-migration]\ntest = ['x']", {"test": ["x"]}),
])
def test_settings(tmp_path: Path, config: str, table: dict[str, object]) -> None:
    put(tmp_path, {"pyproject.toml": config})
    assert settings_of(Tree(tmp_path, {"pyproject.toml": "100644"})) == table
    assert settings_of(Tree(tmp_path, {})) == {}


def test_a_reader_gives_each_module_once(tmp_path: Path) -> None:
    tree = Tree(tmp_path, {"a/__init__.py": "100644", "a/b.py": "100644"}, {"a/__init__.py": b"", "a/b.py": b"x = 1\n"})
    project = Project(tmp_path, (".",), tree, tree, lambda needles: [])
    read = project.reader()
    assert read("a.gone") is None
    source = read("a.b")
    assert source is not None and (source.path, source.raw, source.module) == ("a/b.py", b"x = 1\n", "a.b")
    assert read("a.b") is source
    empty = Tree(tmp_path, {})
    assert project.reader(empty)("a.b") is None

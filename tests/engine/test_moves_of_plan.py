from __future__ import annotations

from pathlib import Path

from migration.core.moves import Moves
from migration.engine.moves_of_plan import moves_of
from migration.plan.plan import Plan
from migration.repo.tree.project import Project
from migration.repo.tree.tree import Tree
from tests.tools import put


def moves(where: Path, files: dict[str, str], file_moves: dict[str, str], module_moves: dict[str, str]) -> Moves:
    put(where, files)
    tree = Tree(where, dict.fromkeys(files, "100644"))
    return moves_of(Plan("shop", "a", "b", file_moves, module_moves), Project(where, (".",), tree, tree, lambda _: []))


def test_what_stays_stays(tmp_path: Path) -> None:
    found = moves(tmp_path, {"a/b.py": "", "a/c.py": "", "d.txt": ""}, {"d.txt": "e.txt"}, {"a": "a"})
    assert found.moved == found.packages == {}
    assert found.modules == {"a": True, "a.b": False, "a.c": False}


def test_modules_follow_their_files(tmp_path: Path) -> None:
    files = {"a/s/__init__.py": "", "a/s/x.py": "", "a/s/x.pyi": "", "a/s/data.txt": "", "a/s/n-o.py": "", "a/t.py": ""}
    found = moves(tmp_path, files, {path: path.replace("a/s", "p/s") for path in files if "/s/" in path}, {"a.s": "p.s"})
    assert found.moved == {"a.s": "p.s", "a.s.x": "p.s.x"}
    assert found.packages == {"a.s": "p.s"}
    assert found.new_name("a.s.x.f") == "p.s.x.f" and found.new_name("a.t.f") == "a.t.f"


def test_namespace_packages_follow_the_longest_prefix(tmp_path: Path) -> None:
    files = {"a/s/n/x.py": "", "a/s/m/y.py": ""}
    to = {"a/s/n/x.py": "p/n/x.py", "a/s/m/y.py": "q/y.py"}
    found = moves(tmp_path, files, to, {"a.s": "p", "a.s.m": "q"})
    assert found.moved == {"a.s": "p", "a.s.n": "p.n", "a.s.n.x": "p.n.x", "a.s.m": "q", "a.s.m.y": "q.y"}


def test_a_module_that_does_not_follow_its_package(tmp_path: Path) -> None:
    files = {"a/s/__init__.py": "from a.s.x import f\ng = 1\n", "a/s/x.py": "f = 1\n", "a/s/y.py": ""}
    to = {"a/s/__init__.py": "p/__init__.py", "a/s/x.py": "p/x.py", "a/s/y.py": "q/z.py"}
    found = moves(tmp_path, files, to, {"a.s": "p"})
    assert found.moved == {"a.s": "p", "a.s.x": "p.x", "a.s.y": "q.z"}
    assert found.packages == {"a.s": "p", "a.s.y": "q.z"}
    assert found.bindings["a.s"] == {"f", "g"}


def test_modules_below_a_root_that_is_a_package_have_two_names(tmp_path: Path) -> None:
    files = {"studio/__init__.py": "", "studio/core/__init__.py": "", "studio/core/x.py": "", "studio/tasks.py": ""}
    put(tmp_path, files)
    tree = Tree(tmp_path, dict.fromkeys(files, "100644"))
    project = Project(tmp_path, (".", "studio"), tree, tree, lambda _: [])
    assert project.modules == {
        **{"core": True, "core.x": False, "tasks": False},
        **{"studio": True, "studio.core": True, "studio.core.x": False, "studio.tasks": False},
    }
    inside = {path: path.replace("core/", "base/core/") for path in files if "/core/" in path}
    found = moves_of(Plan("shop", "core", "base.core", inside, {"core": "base.core"}), project)
    assert found.packages == {"core": "base.core", "studio.core": "studio.base.core"}
    assert found.new_name("studio.core.x.f") == "studio.base.core.x.f" and found.new_name("core.x") == "base.core.x"
    away = {path: path.replace("studio/core/", "lib/core/") for path in inside}
    found = moves_of(Plan("shop", "core", "lib.core", away, {"core": "lib.core"}), project)
    assert found.packages == {"core": "lib.core", "studio.core": "lib.core"}


def test_submodules_that_a_star_may_have_brought(tmp_path: Path) -> None:
    to = {"a/s.py": "p/s.py", "a/t.py": "p/t.py", "a/_u.py": "p/_u.py"}

    def stars(init: str) -> dict[str, frozenset[str]]:
        return dict(moves(tmp_path, {"a/__init__.py": init, **dict.fromkeys(to, "f = 1\n")}, to, {"a.s": "p.s"}).stars)

    assert stars("") == stars("from a.s import f\n") == stars("import a.s, a.t\n") == {"a": {"s", "t"}}
    assert stars("from . import s\nt = 1\n") == stars("__all__ = ['f']\nfrom .s import f\n") == {}
    assert stars("__all__ = ['s', 'f']\nfrom .s import f\n") == {"a": {"s"}}


def test_directories_that_move(tmp_path: Path) -> None:
    files = {f"a/s/{name}": "" for name in ("x.txt", "t/admin/a/m/y.html", "t/z.html", "u/1.txt", "u/2.txt", "v/1.txt")}
    to = {path: path.replace("a/s", "p/s") for path in files}
    to |= {"a/s/t/admin/a/m/y.html": "p/s/t/admin/n/m/y.html", "a/s/u/2.txt": "p/s/w/2.txt"}
    found = moves(tmp_path, {**files, "a/r.txt": ""}, to, {})
    admin = {"a/s/t/admin/a": "p/s/t/admin/n", "a/s/t/admin/a/m": "p/s/t/admin/n/m"}
    assert found.directories == {"a/s": "p/s", "a/s/t": "p/s/t", "a/s/v": "p/s/v", **admin}
    assert found.new_path("a/s/t/admin") == "p/s/t/admin"
    away = moves(tmp_path, files, {**to, "a/s/v/1.txt": "q/1.txt"}, {})
    assert away.directories == {"a/s/t": "p/s/t", "a/s/v": "q", **admin}


def test_chains_and_swapped_places(tmp_path: Path) -> None:
    found = moves(tmp_path, {"a.py": "", "b.py": ""}, {"a.py": "b.py", "b.py": "c.py"}, {"a": "b", "b": "c"})
    assert found.moved == {"a": "b", "b": "c"}
    assert (found.new_name("a.f"), found.new_name("b.f")) == ("b.f", "c.f")

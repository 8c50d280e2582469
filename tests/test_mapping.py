from __future__ import annotations

from pathlib import Path

import pytest

from migration.errors import PlanError
from migration.mapping import check_plan, moves_of
from migration.plan import Plan
from migration.project import Project, Tree
from migration.references import Moves
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


def test_chains_and_swapped_places(tmp_path: Path) -> None:
    found = moves(tmp_path, {"a.py": "", "b.py": ""}, {"a.py": "b.py", "b.py": "c.py"}, {"a": "b", "b": "c"})
    assert found.moved == {"a": "b", "b": "c"}
    assert (found.new_name("a.f"), found.new_name("b.f")) == ("b.f", "c.f")


def test_a_plan_that_does_not_fit_the_tree(tmp_path: Path) -> None:
    tree = Tree(tmp_path, {"a.py": "100644", "link": "120000", "module": "160000"})
    check_plan(Plan("p", "a", "b", {"a.py": "b.py", "link": "linked"}, {}), tree)
    with pytest.raises(PlanError) as error:
        check_plan(Plan("p", "a", "b", {"x.py": "b.py", "a.py": "link/a.py", "y": "module/sub/y"}, {}), tree)
    assert len(error.value.details) == 4


@pytest.mark.parametrize("moved", ["a/s/forms/__init__.py", "a/s/forms/x.py"])
def test_a_package_and_a_module_of_one_name(tmp_path: Path, moved: str) -> None:
    there = Tree(tmp_path, dict.fromkeys(["a/forms.py", moved, "b.py", "b/x.py", "c.py"], "100644"))
    with pytest.raises(PlanError, match=r"a/forms\.py and the package a/forms/ would be one module"):
        check_plan(Plan("p", "a.s", "a", {moved: moved.replace("a/s", "a")}, {}), there)
    # What the tree had before is its own affair, and so are files that are not Python.
    check_plan(Plan("p", "b", "b", {"c.py": "d.py"}, {}), there)
    check_plan(Plan("p", "c", "e", {"c.py": "x.py", "a/forms.py": "a/s/data.py"}, {}), there)

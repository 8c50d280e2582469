from __future__ import annotations

from pathlib import Path

import pytest

from migration.core.errors import PlanError
from migration.plan.fits_tree import check_plan, shared_names
from migration.plan.plan import App, Model, Plan
from migration.repo.tree.tree import Tree


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


@pytest.mark.parametrize("package", ["__init__.py", "x.py"])
def test_a_package_and_a_module_of_one_name_may_move_as_they_are(tmp_path: Path, package: str) -> None:
    moves = {"a/s/forms.py": "b/forms.py", f"a/s/forms/{package}": f"b/forms/{package}"}
    tree = Tree(tmp_path, dict.fromkeys([*moves, "b/forms/other.py", "c/forms/__init__.py"], "100644"))
    check_plan(Plan("p", "a.s", "b", moves, {}), tree)
    assert shared_names(Plan("p", "a.s", "b", moves, {}), tree) == ["a/s/forms.py"]
    assert shared_names(Plan("p", "a", "b", {"b/forms/other.py": "d.py"}, {}), tree) == []
    # Where another of the two would be found afterwards, it is no move.
    others = {"a/s/forms.py": "b/forms.py", f"a/s/forms/{package}": "d/y.py"}
    there = Tree(tmp_path, dict.fromkeys([*others, "b/forms/z.py" if package != "x.py" else "b/forms/__init__.py"], "100644"))
    with pytest.raises(PlanError, match=r"b/forms\.py and the package b/forms/ would be one module"):
        check_plan(Plan("p", "a.s", "b", others, {}), there)


def test_models_whose_file_does_not_move(tmp_path: Path) -> None:
    tree = Tree(tmp_path, dict.fromkeys(["a/b/m.py", "a/b/n.py"], "100644"))
    models = tuple(Model(name, f"a.b.{name.lower()}", "t") for name in "MNX")
    app = App("extraction", "a", "b", models=models)
    with pytest.raises(PlanError) as error:
        check_plan(Plan("p", "a.b", "c", {"a/b/m.py": "c/m.py"}, {}, app=app), tree)
    assert error.value.details == (
        "app.models: N: a/b/n.py, which defines it, is not in file_moves: add it there, or take the model out",
        "app.models: X: there is no module a.b.x",
    )

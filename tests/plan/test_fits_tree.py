from __future__ import annotations

from pathlib import Path

import pytest

from migration.core.errors import PlanError
from migration.plan.fits_tree import check_plan
from migration.plan.plan import App, Model, Plan
from migration.repo.tree.project import Tree


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

"""Which files are looked into."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import pytest

from migration.engine import candidates
from migration.engine.moves_of_plan import moves_of
from migration.plan.plan import Plan
from tests.phases.test_update_imports import BACKEND, SHOP, after_move, plan_of, project_of, run, written
from tests.tools import Content, make_repo


def looked_into(repo: Path, plan: Plan | None = None) -> list[str]:
    project = project_of(repo)
    plan = plan or plan_of(project, "shop.stock", "products.stock.backend")
    project = after_move(plan, project)
    return candidates.candidates(plan, project, moves_of(plan, project))


@pytest.mark.parametrize(("files", "expected"), [
    pytest.param({}, [], id="moved files always"),
    pytest.param({"shop/use.py": "import shop.stock\n"}, ["shop/use.py"], id="a file that names it"),
    pytest.param({"use": "shop.stock", "use.pyi": "import shop.stock\n"}, ["use", "use.pyi"], id="stubs and other files"),
    pytest.param({"shop/stock/data.txt": ""}, ["shop/stock/data.txt"], id="moved files that are no Python"),
    pytest.param({"tox.ini": "", "x.ini": ""}, ["tox.ini"], id="files for patterns"),
    pytest.param({"products/stock/backend/__init__.py": "from .items import Item\n"}, [], id="an identical target"),
])
def test_candidates(tmp_path: Path, files: dict[str, Content], expected: list[str]) -> None:
    always = ["shop/stock/__init__.py", "shop/stock/items.py"]
    assert looked_into(make_repo(tmp_path / "repo", {**SHOP, **files})) == sorted([*always, *expected])


def test_what_stays_of_a_package_is_looked_into(tmp_path: Path) -> None:
    """It may refer to what moves by dots and a name that is nowhere else."""
    files = {
        **SHOP,
        "shop/stock/near.py": "from . import items\n",
        "shop/stock/deep/__init__.py": "",
        "shop/stock/deep/er/__init__.py": "",
        "shop/stock/deep/er/far.py": "from ... import items\nfrom ...items import Item\n",
    }
    repo = make_repo(tmp_path / "repo", files)
    plan = replace(
        plan_of(project_of(repo), "shop.stock", "pay"), file_moves={"shop/stock/items.py": "pay/items.py"},
    )
    assert written(run(repo, plan)) == {
        "shop/stock/__init__.py": "from pay.items import Item\n",
        "shop/stock/near.py": "from pay import items\n",
        "shop/stock/deep/er/far.py": "from pay import items\nfrom pay.items import Item\n",
    }


def test_a_file_at_the_target_speaks_for_itself(tmp_path: Path) -> None:
    """The empty ``__init__.py`` that merges into it has left nothing of its own place."""
    repo = make_repo(tmp_path / "repo", {
        "wag/__init__.py": "from .version import V\nfrom .core import utils\nfrom . import gone\n",
        "wag/version.py": "V = 1\n",
        "wag/core/__init__.py": "",
        "wag/core/utils.py": "from .. import V\n",
        "wag/core/version.py.txt": "",
    })
    plan = plan_of(project_of(repo), "wag.core", "wag")
    assert looked_into(repo, plan) == ["wag/__init__.py", "wag/core/utils.py", "wag/core/version.py.txt"]
    assert written(run(repo, plan)) == {
        "wag/__init__.py": "from .version import V\nfrom . import utils\nfrom . import gone\n",
        "wag/utils.py": "from . import V\n",
    }
    assert set(written(run(repo, plan, only="wag/__init__.py"))) == {"wag/__init__.py"}


def test_a_file_that_merges_into_an_empty_one_takes_its_place(tmp_path: Path) -> None:
    files = {**SHOP, "shop/stock/__init__.py": "from ..money import RATE\n", f"{BACKEND}/__init__.py": ""}
    assert written(run(make_repo(tmp_path / "repo", files))) == {f"{BACKEND}/__init__.py": "from shop.money import RATE\n"}

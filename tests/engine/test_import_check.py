"""Every import leads somewhere after the move."""

from __future__ import annotations

import tracemalloc
from dataclasses import replace
from pathlib import Path

import pytest

from migration.core.errors import PhaseError
from migration.engine.import_check import check_tree
from tests.engine.test_residue import BEFORE, PLAN, moved, project
from tests.phases.test_update_imports import BACKEND, SHOP, plan_of, project_of, run, written
from tests.tools import Content, make_repo


def test_an_import_that_would_dangle(tmp_path: Path) -> None:
    """A module that moves to where Python can't find it."""
    files: dict[str, Content] = {**SHOP, "a.py": "import x\nfrom shop.stock.items import Item\nfrom shop.stock import nothing\n"}
    repo = make_repo(tmp_path / "repo", files)
    plan = plan_of(project_of(repo), "shop.stock", "products.stock.backend")
    plan = replace(plan, file_moves={**plan.file_moves, "shop/stock/items.py": f"{BACKEND}/items.txt"})
    with pytest.raises(PhaseError, match=r"2 import\(s\) that resolved before would dangle; nothing was written") as error:
        run(repo, plan)
    assert [line.partition(": there is no ")[0] for line in error.value.details] == [
        "a.py:2: from shop.stock.items import Item",
        f"{BACKEND}/__init__.py:1: from shop.stock.items import Item",
    ]
    assert "file_moves" in error.value.remedy


def test_an_import_whose_name_a_function_declares_global(tmp_path: Path) -> None:
    text = "def load():\n    global shop\n    import shop.stock.items\n    return shop.stock.items.Item\n"
    other = "\n\ndef more():\n    import shop\n    return shop\n"
    repo = make_repo(tmp_path / "repo", {**SHOP, "a.py": text + other})
    with pytest.raises(PhaseError) as error:
        run(repo)
    (line,) = error.value.details
    assert line.startswith("a.py:3: import shop.stock.items") and "`global shop` makes one name of it" in line
    assert "at the top of the module" in error.value.remedy


def test_the_check_holds_one_tree_at_a_time(tmp_path: Path) -> None:
    """Imports that found nothing before either make it parse every file that holds one."""
    numbers = ", ".join(map(str, range(1_000)))
    text = f"from shop.stock.items import Item, nothing\nNUMBERS = [{numbers}]\n"
    peaks = []
    for count in (1, 12):
        repo = make_repo(tmp_path / str(count) / "repo", {**SHOP, **{f"m{number}.py": text for number in range(count)}})
        tracemalloc.start()
        assert len(written(run(repo))) == count
        peaks.append(tracemalloc.get_traced_memory()[1])
        tracemalloc.stop()
    assert peaks[1] < 2 * peaks[0]


def test_a_target_whose_name_is_another_package_s_already(tmp_path: Path) -> None:
    """A template of a project holds a package of its own, which is none of the tree."""
    files: dict[str, Content] = {
        **SHOP,
        "shop/template/search/__init__.py": "",
        "shop/template/search/views.py": "import search.forms\nfrom search.items import Item\nfrom search import Item\n",
    }
    repo = make_repo(tmp_path / "repo", files)
    with pytest.raises(PhaseError, match=r"1 import\(s\) that resolved before would dangle") as error:
        run(repo, plan_of(project_of(repo), "shop.stock", "search"))
    assert list(error.value.details) == [
        "shop/template/search/views.py:1: import search.forms: there is no search.forms; did you mean search.items?"
        " (search is no module of the tree before the move; shop.stock would take its name)"
    ]
    assert "give another target, or list the file under exclude" in error.value.remedy
    run(repo, plan_of(project_of(repo), "shop.stock", "search", exclude=("shop/template/*",)))


def test_the_whole_tree_resolves() -> None:
    before = {**BEFORE, "posthog/far.py": "from posthog.warehouse.models import Table\nfrom posthog.utils import none\n"}
    good = moved({"posthog/far.py": "from products.dw.models import Table\nfrom posthog.utils import none\n"})
    assert check_tree(PLAN, project(good, before)) == []
    bad = moved({"posthog/far.py": "from posthog.warehouse.models import Table\nfrom posthog.utils import none\n"})
    assert [item.name for item in check_tree(PLAN, project(bad, before))] == ["posthog.warehouse.models"]
    # Nobody remembers the tree before: only what names the old place counts.
    assert [item.name for item in check_tree(PLAN, project(bad, bad))] == ["posthog.warehouse.models"]
    lost = moved({"products/dw/models.py": "", "posthog/far.py": "from products.dw.models import Table\n"})
    assert [item.name for item in check_tree(PLAN, project(lost, before))] == ["products.dw.models.Table"]


def test_the_check_of_the_whole_tree_holds_one_syntax_tree_at_a_time() -> None:
    text = f"from posthog.utils import none\nNUMBERS = [{', '.join(map(str, range(1_000)))}]\n"
    peaks = []
    for count in (1, 10):
        after = moved({f"m{number}.py": text for number in range(count)})
        look = project(after, {**BEFORE, **{path: text for path in after if path.startswith("m")}})
        tracemalloc.start()
        assert check_tree(PLAN, look) == []
        peaks.append(tracemalloc.get_traced_memory()[1])
        tracemalloc.stop()
    assert peaks[1] < 3 * peaks[0]

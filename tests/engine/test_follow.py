from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from pathlib import Path

import pytest

from migration.core.errors import PhaseError
from migration.engine.follow import Followed, follow
from migration.plan.plan import Plan
from migration.repo.tree.project import Project
from migration.repo.tree.tree import Tree

BEFORE = {
    "shop/__init__.py": "",
    "shop/team.py": "class Team: ...\n",
    "shop/stock/__init__.py": "from .models import Item\n",
    "shop/stock/models.py": "from ..team import Team\n\n\nclass Item: ...\n",
    "shop/stock/tasks.py": "def sync(): ...\n",
    "shop/stock/sql/x.sql": "",
}
MOVES = {path: path.replace("shop/stock", "products/stock") for path in BEFORE if "stock" in path}
PLAN = Plan(
    "stock", "shop.stock", "products.stock", MOVES, {"shop.stock": "products.stock"},
    {"shop.stock": {"Item": "shop.stock.models"}},
)  # fmt: skip
AFTER = {MOVES.get(path, path): text for path, text in BEFORE.items()} | {
    "products/stock/models.py": "from shop.team import Team\n\n\nclass Item: ...\n"
}


def project(files: Mapping[str, str]) -> Project:
    """A checkout that exists in memory only."""
    tree = Tree(Path(), dict.fromkeys(files, "100644"), {path: text.encode() for path, text in files.items()})

    def candidates(needles: tuple[bytes, ...]) -> list[str]:
        return [path for path, text in files.items() if any(needle in text.encode() for needle in needles)]

    return Project(Path(), PLAN.roots, tree, tree, candidates)


def followed(files: Mapping[str, str], plan: Plan = PLAN) -> tuple[Followed, dict[str, str]]:
    """What happens to a checkout, and what it holds then; a second run must find nothing more to do."""
    found = follow(plan, project(files))
    after = {**files, **{write.path: write.data.decode() for write in found.writes}}
    again = follow(plan, project(after))
    assert (again.writes, again.stale) == ((), ())
    assert again.files == found.files
    assert {item.path for item in found.stale} == {write.path for write in found.writes}
    return found, after


def changed(extra: Mapping[str, str], base: Mapping[str, str] = AFTER, plan: Plan = PLAN) -> dict[str, str]:
    """The files that are rewritten, beside ``base``."""
    files = {**base, **extra}
    after = followed(files, plan)[1]
    return {path: text for path, text in after.items() if text != files[path]}


# ---- what stays


def test_a_clean_move_stays() -> None:
    assert followed(AFTER) == (Followed(), AFTER)


@pytest.mark.parametrize("text", [
    "from products.stock import Item\n",
    "from products.stock.models import Item\nimport products.stock.tasks\nproducts.stock.tasks.sync()\n",
    "import shop.stockings\nfrom shop import stockings\n",
    "X = 'shop.stock_exchange'\n",
    "def f(shop):\n    return shop.stock\n",
    "from shop.team import Team\n",
])  # fmt: skip
def test_what_names_the_new_place_or_another_stays(text: str) -> None:
    assert changed({"use.py": text, "shop/stockings.py": "", "notes.md": "the shop has stock\n"}) == {}


def test_what_the_plan_leaves_stays() -> None:
    plan = replace(PLAN, exclude=("old/*",), keep=("shop.stock.models",))
    assert changed({"old/use.py": "import shop.stock\n", "use.py": "X = 'shop.stock.models'\n"}, plan=plan) == {}
    assert changed({"use.py": "X = 'shop.stock.models'  # phased-migration: keep\n"}) == {}


def test_a_plan_of_a_move_names_the_old_place_for_good() -> None:
    text = "product: stock\nsource: shop.stock\ntarget: products.stock\nfile_moves: []\n"
    assert changed({"plans/stock.yml": text}) == {}
    assert changed({"ci.yml": "source: shop.stock\n"}) == {"ci.yml": "source: products.stock\n"}


def test_imports_by_dots_at_the_new_place_stay() -> None:
    extra = {"products/stock/more.py": "from .models import Item\nfrom .nowhere import x\nfrom ..team import Team\n"}
    extra |= {"products/__init__.py": "", "products/team.py": "class Team: ...\n"}
    assert changed(extra) == {}


def test_a_new_place_whose_name_holds_the_old_one() -> None:
    moves = {"stock/__init__.py": "mono/stock/__init__.py", "stock/models.py": "mono/stock/models.py"}
    plan = Plan("stock", "stock", "mono.stock", moves, {"stock": "mono.stock"})
    text = "from stock.models import Item\nfrom mono.stock.models import Item as Other\nX = 'stock.models.Item'\n"
    expected = "from mono.stock.models import Item\nfrom mono.stock.models import Item as Other\nX = 'mono.stock.models.Item'\n"
    base = {"mono/__init__.py": "", "mono/stock/__init__.py": "", "mono/stock/models.py": "class Item: ...\n"}
    assert changed({"use.py": text}, base, plan) == {"use.py": expected}
    assert changed({"use.py": text}, {}, plan) == {"use.py": expected}


# ---- what follows


USES = """\
import shop.stock.tasks
from shop import stock
from shop.stock import Item
from shop.stock.models import Item as Same
from products.stock.tasks import sync
shop.stock.tasks.sync()
patch("shop.stock.tasks.sync")
SQL = open("shop/stock/sql/x.sql")
"""
USES_AFTER = """\
import products.stock.tasks
from products import stock
from products.stock import Item
from products.stock.models import Item as Same
from products.stock.tasks import sync
products.stock.tasks.sync()
patch("products.stock.tasks.sync")
SQL = open("products/stock/sql/x.sql")
"""


def test_every_kind_of_reference_follows_and_its_neighbours_stay() -> None:
    extra = {"use.py": USES, "ci.yml": "run: pytest shop/stock\nthen: products/stock shop/stocks\n"}
    assert changed(extra) == {"use.py": USES_AFTER, "ci.yml": "run: pytest products/stock\nthen: products/stock shop/stocks\n"}


def test_each_place_is_named() -> None:
    found, _ = followed({**AFTER, "use.py": "\nfrom shop.stock.models import Item\n"})
    assert [str(item) for item in found.stale] == ["use.py:2: shop.stock.models -> products.stock.models (import)"]


def test_a_repository_that_holds_nothing_of_the_product() -> None:
    expected = USES_AFTER
    assert changed({"plugin/__init__.py": "", "plugin/use.py": USES}, {}) == {"plugin/use.py": expected}


def test_roots_of_a_repository_that_is_not_the_monolith() -> None:
    files = {"src/plugin/__init__.py": "", "src/plugin/a.py": "import shop.stock.tasks as t\nfrom .b import x\n"}
    assert changed(files | {"src/plugin/b.py": "x = 1\n"}, {}) == {
        "src/plugin/a.py": "import products.stock.tasks as t\nfrom .b import x\n"
    }


def test_what_is_re_exported_is_imported_from_where_the_plan_says() -> None:
    plan = replace(PLAN, imports="concrete")
    assert changed({"use.py": "from shop.stock import Item\n"}, plan=plan) == {
        "use.py": "from products.stock.models import Item\n"
    }
    assert changed({"use.py": "from shop.stock import Item\n"}, {}, plan=plan) == {
        "use.py": "from products.stock.models import Item\n"
    }


# ---- files that a merge brings


def test_lines_of_a_colleague_in_a_moved_file() -> None:
    text = "from shop.team import Team\nfrom ..team import Team as T\nfrom .tasks import sync\n\n\nclass Item: ...\n"
    assert changed({"products/stock/models.py": text}) == {
        "products/stock/models.py": text.replace("from ..team", "from shop.team")
    }


def test_a_new_file_that_git_has_put_beside_the_moved_ones() -> None:
    extra = {"products/stock/sub/__init__.py": "", "products/stock/sub/new.py": "from ...team import Team\nfrom ..models import Item\n"}
    assert changed(extra) == {
        "products/stock/sub/new.py": "from shop.team import Team\nfrom ..models import Item\n"
    }


def test_strings_that_name_a_new_file_at_the_old_place_although_git_has_put_it_at_the_new_one() -> None:
    extra = {"products/stock/new.py": "def f(): ...\n", "use.py": "patch('shop.stock.new.f')\nimport shop.stock.new\n"}
    assert changed(extra) == {"use.py": "patch('products.stock.new.f')\nimport products.stock.new\n"}


def test_dots_that_would_lead_above_the_top() -> None:
    moves = {"a/b/c/__init__.py": "p/__init__.py", "a/b/c/m.py": "p/m.py"}
    plan = Plan("p", "a.b.c", "p", moves, {"a.b.c": "p"})
    base = {"a/__init__.py": "", "a/x.py": "y = 1\n", "a/b/__init__.py": "", "p/__init__.py": ""}
    assert changed({"p/m.py": "from ...x import y\n"}, base, plan) == {"p/m.py": "from a.x import y\n"}


def test_a_new_file_at_the_old_place_is_named_and_what_it_means_follows() -> None:
    extra = {"shop/stock/new.py": "from .models import Item\nfrom ..team import Team\n", "use.py": "import shop.stock.new\n"}
    found, after = followed({**AFTER, **extra})
    assert [str(finding) for finding in found.files] == [
        "shop/stock/new.py: lies at the old place -> "
        "git mv shop/stock/new.py products/stock/new.py, then run the same command again"
    ]
    assert after["shop/stock/new.py"] == "from products.stock.models import Item\nfrom ..team import Team\n"
    assert after["use.py"] == "import shop.stock.new\n"
    moved = {path.replace("shop/stock/new", "products/stock/new"): text for path, text in after.items()}
    assert changed({}, moved) == {
        "use.py": "import products.stock.new\n",
        "products/stock/new.py": "from products.stock.models import Item\nfrom shop.team import Team\n",
    }


def test_a_moved_file_that_a_merge_brought_back() -> None:
    extra = {"shop/stock/models.py": BEFORE["shop/stock/models.py"], "use.py": "from shop.stock.models import Item\n"}
    found, after = followed({**AFTER, **extra})
    assert [str(finding) for finding in found.files] == [
        "shop/stock/models.py: lies at the old place again -> "
        "merge what it says into products/stock/models.py, then git rm shop/stock/models.py"
    ]
    assert after["shop/stock/models.py"] == BEFORE["shop/stock/models.py"]
    assert after["use.py"] == "from products.stock.models import Item\n"


def test_a_moved_file_that_the_branch_has_removed() -> None:
    without = {path: text for path, text in AFTER.items() if path != "products/stock/tasks.py"}
    assert changed({"use.py": "from shop.stock.tasks import sync\n"}, without) == {
        "use.py": "from products.stock.tasks import sync\n"
    }


# ---- what is refused


def test_a_checkout_where_nothing_has_moved() -> None:
    with pytest.raises(PhaseError, match="has not moved in this checkout"):
        follow(PLAN, project(BEFORE))


def test_a_file_that_names_the_old_place_and_cannot_be_read() -> None:
    with pytest.raises(PhaseError) as caught:
        follow(PLAN, project({**AFTER, "bad.py": "import shop.stock.models\nx = (\n"}))
    assert "bad.py:2" in str(caught.value) and "nothing was written" in str(caught.value)
    found, _ = followed({**AFTER, "bad.py": "from .stock import y\nx = (\n"})
    assert [finding.path for finding in found.findings] == ["bad.py"]

"""Two products in one checkout: whichever runs again, the result is that of both run from scratch."""

from __future__ import annotations

from pathlib import Path

import pytest

from migration.cli import run_phase
from migration.cli.options import Options
from migration.cli.session import Session
from migration.cli.up_to_date import inputs
from migration.core.errors import MigrationError, PhaseError
from migration.core.phase import ORDER, TREE_PHASES
from migration.repo.ledger import Done, Ledger, Origin, Written
from migration.repo.stacked_moves import above, beneath
from tests.tools import Content, commit, contents, git, make_repo, put, snapshot, texts

FILES: dict[str, Content] = {
    "shop/__init__.py": "",
    "shop/stock/__init__.py": "from .items import Item\n",
    "shop/stock/items.py": "from ..money.rates import RATE\n\n\nclass Item:\n    price = RATE\n",
    "shop/money/__init__.py": "",
    "shop/money/rates.py": "from shop.names import NAME\n\nRATE = 1\nOF = NAME\n",
    "shop/names.py": "NAME = 1\n",
    "use.py": "from shop.money.rates import RATE\nfrom shop.stock.items import Item\n\nprint(RATE, Item)\n",
    "both.txt": "shop/stock/items.py shop/money/rates.py\n",
}
SOURCES = {"stock": "shop.stock", "money": "shop.money", "chained": "products.stock.backend"}
TARGETS = {"chained": "goods.stock"}


class Products:
    """A repo, and the home from which its products are moved."""

    def __init__(self, repo: Path) -> None:
        self.repo = repo

    def session(self, product: str) -> Session:
        options = Options(product=product, repo=self.repo, source=SOURCES[product], target=TARGETS.get(product, ""), jobs=1)
        session = Session(options, self.repo.parent / f"home of {self.repo.name}")
        session.state.mkdir(parents=True, exist_ok=True)
        return session

    def run(self, *products: str) -> list[str]:
        """Run what is due, as doit decides it; the findings of the first phase of each."""
        found: list[str] = []
        for product in products:
            if self.due(product):
                for phase in ORDER:
                    values = run_phase.execute(self.session(product), phase)
                    found += values["findings"]
                (self.session(product).state / "inputs").write_text(values["inputs"])
            assert not self.due(product)
        return found

    def due(self, product: str) -> bool:
        workspace = self.session(product).workspace
        path = self.session(product).state / "inputs"
        if not path.exists() or path.read_text() != inputs(self.session(product)):
            return True
        return any(map(workspace.differing, TREE_PHASES))


@pytest.fixture
def repo(tmp_path: Path) -> Path:
    return make_repo(tmp_path / "repo", FILES)


def fresh(tmp_path: Path, files: dict[str, Content], *products: str) -> dict[str, bytes]:
    """What a run from scratch makes of the files."""
    repo = make_repo(tmp_path / "fresh", files)
    Products(repo).run(*products)
    return contents(repo)


PAIRS = [("stock", "money"), ("money", "stock"), ("stock", "chained")]


@pytest.mark.parametrize("lower, upper", PAIRS)
@pytest.mark.parametrize("between", ["nothing", "commit"])
def test_neither_makes_the_other_due(repo: Path, lower: str, upper: str, between: str) -> None:
    products = Products(repo)
    products.run(lower)
    if between == "commit":
        commit(repo)
    products.run(upper)
    before = snapshot(repo)
    assert not products.due(lower) and not products.due(upper)
    if between == "commit":
        commit(repo)
        before = snapshot(repo)
    assert products.run(lower, upper, lower) == []
    assert snapshot(repo) == before


@pytest.mark.parametrize("lower, upper", PAIRS)
@pytest.mark.parametrize("between", ["nothing", "commit", "commit both"])
def test_the_lower_one_runs_again_and_the_upper_one_after_it(
    repo: Path, tmp_path: Path, lower: str, upper: str, between: str
) -> None:
    products = Products(repo)
    products.run(lower)
    if between != "nothing":
        commit(repo)
    products.run(upper)
    if between == "commit both":
        commit(repo)
    late = {"late.py": "import shop.stock.items\nimport shop.money.rates\n", "use.py": FILES["use.py"] + "# late: shop.stock\n"}
    text = texts(repo)["use.py"] + "# late: shop.stock\n"
    put(repo, {"late.py": late["late.py"], "use.py": text})
    git(repo, "add", "late.py")
    git(repo, "commit", "-qm", "late", "late.py")
    found = products.run(lower)
    assert [line for line in found if "was taken back" in line] == [
        f"{upper} stands on this move and was taken back -> run it again: doit product={upper}"
    ]
    assert products.due(upper)
    products.run(upper)
    assert contents(repo) == fresh(tmp_path, {**FILES, **late}, lower, upper)
    assert products.run(lower, upper) == []


def test_an_edit_by_hand_where_both_have_written(repo: Path, tmp_path: Path) -> None:
    products = Products(repo)
    products.run("stock", "money")
    put(repo, {"both.txt": texts(repo)["both.txt"] + "mine: shop.stock, shop.money\n"})
    products.run("stock", "money")
    mine = {"both.txt": f"{FILES['both.txt']}mine: shop.stock, shop.money\n"}
    assert contents(repo) == fresh(tmp_path, {**FILES, **mine}, "stock", "money")


@pytest.mark.parametrize("lower, upper", PAIRS)
def test_reset_in_order(repo: Path, lower: str, upper: str) -> None:
    before, products = snapshot(repo), Products(repo)
    products.run(lower)
    between = snapshot(repo)
    products.run(upper)
    both = snapshot(repo)
    with pytest.raises(PhaseError, match=f"{upper} stands on {lower} in") as caught:
        products.session(lower).workspace.reset()
    assert f"doit product={upper} reset" in caught.value.remedy and caught.value.details
    assert snapshot(repo) == both
    with pytest.raises(MigrationError, match="stands on"):
        products.session(lower).workspace.undo("move_files")
    products.session(upper).workspace.reset()
    assert snapshot(repo) == between
    products.session(lower).workspace.reset()
    assert snapshot(repo) == before


def test_reset_of_one_that_nothing_stands_on(tmp_path: Path) -> None:
    files: dict[str, Content] = {"shop/__init__.py": "", "shop/stock.py": "", "shop/money.py": "", "products/__init__.py": "", "a": ""}
    repo = make_repo(tmp_path / "repo", files)
    products = Products(repo)
    products.run("stock")
    products.run("money")
    products.session("stock").workspace.reset()
    assert "shop/stock.py" in texts(repo) and "shop/money.py" not in texts(repo)
    products.run("stock")
    assert products.session("money").workspace.stack.above == ["stock"]
    after = texts(repo)
    products.run("money", "stock")
    assert texts(repo) == after


def test_a_file_that_a_person_works_on_is_still_refused(repo: Path) -> None:
    products = Products(repo)
    products.run("stock")
    put(repo, {"use.py": texts(repo)["use.py"] + "# mine\n"})
    before = snapshot(repo)
    with pytest.raises(MigrationError, match=r"hold uncommitted changes(.|\n)*use.py"):
        products.run("money")
    assert snapshot(repo) == before


# ---- the ledgers alone


def one(path: str, before: str, after: str, *under: str) -> Ledger:
    written = {path: Written(after, after)}
    return Ledger({path: Origin(before, "100644", before)}, {"update_imports": Done(writes=written)}, under=under).remembering()


def test_the_order() -> None:
    known = {"b": one("f", "1", "2", "a"), "c": one("f", "2", "3", "a", "b"), "d": one("g", "1", "2")}
    assert above("a", known) == ["c", "b"]
    assert above("b", {"a": one("f", "0", "1"), **{name: known[name] for name in "cd"}}) == ["c"]
    assert above("c", known) == above("d", known) == []


@pytest.mark.parametrize("disk, found", [("3", "1"), ("2", "1"), ("9", None)])
def test_what_lies_beneath(disk: str, found: str | None) -> None:
    upper = [one("f", "2", "3", "a", "b"), one("f", "1", "2", "a")]
    under = beneath(upper, {"f": (disk, "100644")})
    assert under == ({"f": Origin(found, "100644", found)} if found else {})

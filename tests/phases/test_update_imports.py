"""Which files are looked into, what fails, and what is said about it; the rewriting itself is tested by kind."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import pytest

from migration.cli.options import Options
from migration.cli.session import Session
from migration.core.changes import ChangeSet, Rename
from migration.core.errors import PhaseError
from migration.core.phase import PhaseResult
from migration.django.label_templates import relabelled
from migration.phases import move_files, prepare_structure, update_imports
from migration.plan.plan import App, Model, Plan
from migration.repo.tree.project import Project
from tests.tools import Content, Link, Script, context, disk, make_repo

BACKEND = "products/stock/backend"
SHOP: dict[str, Content] = {
    "shop/__init__.py": "",
    "shop/stock/__init__.py": "from .items import Item\n",
    "shop/stock/items.py": "class Item: ...\n",
    "shop/money.py": "RATE = 1\n",
}


def project_of(repo: Path, jobs: int = 1, only: str | None = None) -> Project:
    session = Session(Options("stock", repo, jobs=jobs), repo.parent / "home")
    return replace(session.project("prepare_structure"), only=only)


def plan_of(project: Project, source: str, target: str, *stays: str, **more: object) -> Plan:
    """A plan as the scan makes it, without the files that stay."""
    old, new = source.replace(".", "/"), target.replace(".", "/")
    moves = {path: new + path[len(old) :] for path in project.baseline.under(old) if path not in stays}
    return Plan("stock", source, target, moves, {source: target}, roots=project.roots, **more)  # type: ignore[arg-type]


def after_move(plan: Plan, project: Project) -> Project:
    """The project as update_imports finds it."""
    for phase in (prepare_structure, move_files):
        result = phase.run(context(plan, project))
        project = replace(project, before=project.before.changed(result.changes))
    return project


def run(repo: Path, plan: Plan | None = None, **options: object) -> PhaseResult:
    before = disk(repo)
    project = project_of(repo, **options)  # type: ignore[arg-type]
    plan = plan or plan_of(project, "shop.stock", "products.stock.backend")
    try:
        return update_imports.run(context(plan, after_move(plan, project)))
    finally:
        assert disk(repo) == before


def written(result: PhaseResult) -> dict[str, str]:
    return {write.path: write.data.decode(errors="replace") for write in result.changes.writes}


# ---- what stays untouched


@pytest.mark.parametrize(("path", "content"), [
    ("shop/use.py", "from shop import stocks\nfrom shop.stocking import stock_\n"),
    ("shop/use.py", "stock = self.stock\nother.shop.stock\n'a stock of shop'\n"),
    ("shop/use.txt", "stock of shop, shop.stocks, my.shop.stock\n"),
    ("yarn.lock", "shop/stock/items.py\n"),
    ("CHANGELOG.md", "shop/stock/items.py\n"),
    ("shop/broken.py", "def f(:\n"),
    ("shop/broken.py", "def f(:\n    self.stock\n"),
    ("shop/broken.py", "class {{ name }}: stock = 1\n"),
    ("shop/bytes.py", b"stock = '\xe9'\n"),
    ("shop/bytes.py", b"# coding: nonsense\nstock = 1\n"),
    (f"{BACKEND}/more.py", "def f(:\n"),
    ("shop/stock/broken.py", "def f(:\n"),
    ("shop/stock/bytes.py", b"x = '\xe9'\n"),
    ("shop/link.py", Link("stock/items.py")),
])
def test_what_is_left_alone(tmp_path: Path, path: str, content: Content) -> None:
    result = run(make_repo(tmp_path / "repo", {**SHOP, path: content}))
    assert written(result) == {}


@pytest.mark.parametrize(("path", "content", "words"), [
    ("shop/broken.py", "x\ndef f(:\n    self().stock\n", "shop/broken.py:2: can't be read"),
    ("shop/bytes.py", b"import x\nstock = '\xe9'\n", "shop/bytes.py: can't be read (not in the encoding it declares"),
    ("shop/stock/broken.py", "def f(:\n", f"{BACKEND}/broken.py:1: can't be read"),
])
def test_unreadable_files_that_are_left_are_named(tmp_path: Path, path: str, content: Content, words: str) -> None:
    result = run(make_repo(tmp_path / "repo", {**SHOP, path: content}))
    (finding,) = result.findings
    assert str(finding).startswith(words)
    assert result.counts["left for you to look at"] == 1


def test_excluded_files_are_neither_read_nor_written(tmp_path: Path) -> None:
    repo = make_repo(tmp_path / "repo", {**SHOP, "gen/a/x.py": "def f(:\nimport shop.stock\n", "use.py": "import shop.stock\n"})
    plan = plan_of(project_of(repo), "shop.stock", "products.stock.backend", exclude=("gen/*.py",))
    assert set(written(run(repo, plan))) == {"use.py"}


# ---- which files are looked into


# ---- what is said


def test_counts_findings_and_reasons(tmp_path: Path) -> None:
    files: dict[str, Content] = {
        **SHOP,
        "use.py": "# a\nimport shop.stock\nfrom shop.stock import items, Item\n\n\ndef f():\n    return shop.stock.Item\n",
        "text.py": "patch('shop.stock.items.Item')\n",
    }
    result = run(make_repo(tmp_path / "repo", files))
    assert [reason.line for reason in result.reasons["use.py"]] == [2, 3, 7]
    assert str(result.reasons["use.py"][0]) == "2: import shop.stock -> products.stock.backend"
    assert set(result.reasons) == {"use.py", "text.py"}
    assert (result.counts["files rewritten"], result.counts["files read"]) == (2, 4)
    assert sum(result.kinds.values()) == sum(map(len, result.reasons.values()))
    assert result.summary == "2 files rewritten, 4 references (2 import, 1 string, 1 use), 4 files read"
    assert not result.findings


def test_a_finding_names_the_file_where_it_is_then(tmp_path: Path) -> None:
    doubt = "x = 'shop.' f'stock.{y}'\n"
    result = run(make_repo(tmp_path / "repo", {**SHOP, "shop/stock/doubt.py": doubt, "doubt.py": doubt}))
    assert sorted((finding.path, finding.line) for finding in result.findings) == [("doubt.py", 1), (f"{BACKEND}/doubt.py", 1)]


def test_templates_that_django_finds_by_label(tmp_path: Path) -> None:
    old, new = "shop/stock/templates/admin/shop/item", f"{BACKEND}/templates/admin/stock/item"
    files: dict[str, Content] = {
        **{"CODEOWNERS": "/shop/stock/ @us\n", "shop/templates/admin/shop/item/c.html": ""},
        **{f"{old}/a.html": '{% extends "admin/shop/item/b.html" %}\n', f"{old}/b.html": ""},
    }
    repo = make_repo(tmp_path / "repo", SHOP | files)
    project = project_of(repo)
    app = App("extraction", "shop", "stock", models=(Model("Item", "shop.stock.items", "shop_item"),))
    plan = plan_of(project, "shop.stock", "products.stock.backend", app=app)
    plan = replace(plan, file_moves={path: relabelled(to, app) for path, to in plan.file_moves.items()})
    project = replace(project, before=project.before.changed(move_files.run(context(plan, project)).changes))
    result = update_imports.run(context(plan, project))
    assert written(result) == {
        "CODEOWNERS": f"/{BACKEND}/ @us\n",
        f"{new}/a.html": '{% extends "admin/stock/item/b.html" %}\n',
    }
    (finding,) = result.findings
    assert finding.path == "shop/templates/admin/shop/item/c.html" and "by the label shop" in finding.message


def test_what_still_names_the_old_place_is_part_of_the_outcome(tmp_path: Path) -> None:
    files: dict[str, Content] = {
        **SHOP,
        "a.py": "import shop.stock\nURL = 'https://x.org/shop/stock'\nX = 'shop.stock.Gone', 'shop.stock.y', 'select a from shop.stock'\n",
        "b.py": "x = 'shop.stock', 'select b from shop.stock'\n",
        "poetry.lock": "shop.stock\n",
        "out.py": "import shop.stock\n",
    }
    repo = make_repo(tmp_path / "repo", files)
    plan = plan_of(project_of(repo), "shop.stock", "products.stock.backend", exclude=("out.py",), keep=("shop.stock.y",))
    result = run(repo, plan)
    assert dict(result.left) == {
        "string: within a longer text, such as SQL": 2,
        "name: a lock file": 1,
        "name: listed under exclude in moves.yml": 1,
        "string: for you to look at": 1,
        "string: moves.yml lists it under keep": 1,
        "url: a URL or an address": 1,
    }
    assert result.counts["old names left"] == sum(result.left.values())
    assert [str(finding) for finding in result.findings] == ["a.py:3: shop.stock.Gone: shop.stock has no Gone"]


def test_what_nothing_explains_is_for_a_person(tmp_path: Path) -> None:
    repo = make_repo(tmp_path / "repo", {**SHOP, "items.py": Link("shop/stock/items.py")})
    result = run(repo)
    assert dict(result.left) == {"link: undecided": 1}
    assert [str(f) for f in result.findings] == ["items.py: -> shop/stock/items.py: still names shop.stock, and nothing says why"]


def test_one_file_says_nothing_of_the_others(tmp_path: Path) -> None:
    repo = make_repo(tmp_path / "repo", {**SHOP, "a.py": "import shop.stock\n", "poetry.lock": "shop.stock\n"})
    assert not run(repo, only="a.py").left
    assert run(repo).left


def test_modes_encodings_and_line_ends_stay(tmp_path: Path) -> None:
    latin = "# -*- coding: latin-1 -*-\r\nfrom shop.stock import Item  # é\r\n".encode("latin-1")
    marked = b"\xef\xbb\xbfimport shop.stock.items as \xc3\xa9\n"
    repo = make_repo(tmp_path / "repo", {**SHOP, "a.py": Script("import shop.stock as s\n"), "b.py": latin, "c.py": marked})
    writes = {write.path: write for write in run(repo).changes.writes}
    assert writes["a.py"].mode == "100755"
    assert writes["b.py"].data == latin.replace(b"shop.stock", b"products.stock.backend")
    assert writes["c.py"].data == marked.replace(b"shop.stock", b"products.stock.backend")


# ---- what fails: everything at once, and nothing written


@pytest.mark.parametrize("text", [
    "import shop.stock\nx = (\n",
    "import shop . stock . items\nx = (\n",
    "from shop.stock import {{ name }}\n",
    "from shop import (\n    money,\n    stock,\n{{\n",
    "from . import stock {{\n",
    "from .stock.items import {{ x }}\n",
    "print 'x'\nfrom ..shop.stock import x\n",
    "patch('shop.stock.items')\nx = (\n",
    "import shop as s\n\nprint s.stock.Item\n",
])
def test_unreadable_files_that_mention_the_source(tmp_path: Path, text: str) -> None:
    with pytest.raises(PhaseError, match=r"1 file\(s\) that refer to shop.stock can't be rewritten; nothing was written") as error:
        run(make_repo(tmp_path / "repo", {**SHOP, "shop/broken.py": text}))
    (line,) = error.value.details
    assert line.startswith("shop/broken.py:")
    assert "exclude in moves.yml" in error.value.remedy


def test_grammar_newer_than_any_interpreter(tmp_path: Path) -> None:
    text = """\
import shop.stock.items
from . import stock, money
type Items[T: shop.stock.items.Item] = list[T]
class A[T = stock.Item]:
    x = f"{shop.stock.items.Item['a']} {patch('shop.stock.items.Item')}"  # shop.stock
    def f[shop](self, y: shop.stock.items.Item): return stock.items
lazy import shop.stock.items as late
try: ...
except shop.stock.items.Wrong, ValueError: ...
"""
    new = "products.stock.backend"
    expected = text.replace("shop.stock", new).replace(f"y: {new}", "y: shop.stock")
    expected = expected.replace("from . import stock, money", f"from {new.rpartition('.')[0]} import backend as stock\nfrom . import money")
    result = run(make_repo(tmp_path / "repo", {**SHOP, "shop/new.py": text}))
    assert written(result)["shop/new.py"] == expected
    assert not result.findings


@pytest.mark.parametrize("imports, module", [("package", ""), ("concrete", ".items")])
def test_what_a_package_re_exports(tmp_path: Path, imports: str, module: str) -> None:
    repo = make_repo(tmp_path / "repo", {**SHOP, "a.py": "from shop.stock import Item\n"})
    remap = {"shop.stock": {"Item": "shop.stock.items"}}
    plan = plan_of(project_of(repo), "shop.stock", "products.stock.backend", symbol_remap=remap, imports=imports)
    assert written(run(repo, plan))["a.py"] == f"from products.stock.backend{module} import Item\n"


def test_failures_come_together(tmp_path: Path) -> None:
    files: dict[str, Content] = {
        **SHOP,
        "a.py": "import shop.stock\n\nx = (\n",
        "b.py": b"import shop.stock\nx = '\xe9'\n",
        "shop/stock/c.py": "from ..money import (\n",
        "fine.py": "import shop.stock\n",
    }
    with pytest.raises(PhaseError) as error:
        run(make_repo(tmp_path / "repo", files))
    assert [line.partition(" ")[0] for line in error.value.details] == ["a.py:3:", "b.py:", f"{BACKEND}/c.py:1:"]


def test_another_move_of_the_plan_is_a_mention_too(tmp_path: Path) -> None:
    repo = make_repo(tmp_path / "repo", {**SHOP, "a.py": "from shop.money import {{ x }}\n"})
    plan = plan_of(project_of(repo), "shop.stock", "products.stock.backend")
    moves = {**plan.file_moves, "shop/money.py": "pay.py"}
    with pytest.raises(PhaseError, match="can't be rewritten"):
        run(repo, replace(plan, file_moves=moves))


# ---- one file


@pytest.mark.parametrize(("only", "expected"), [
    ("use.py", "use.py"),
    ("shop/stock/late.py", f"{BACKEND}/late.py"),
    (f"{BACKEND}/late.py", f"{BACKEND}/late.py"),
])
def test_one_file(tmp_path: Path, only: str, expected: str) -> None:
    files = {"use.py": "import shop.stock as s\n", "other.py": "import shop.stock as s\n", "shop/stock/late.py": "from ..money import RATE\n"}
    assert set(written(run(make_repo(tmp_path / "repo", {**SHOP, **files}), only=only))) == {expected}


def test_one_file_that_holds_no_reference(tmp_path: Path) -> None:
    assert written(run(make_repo(tmp_path / "repo", SHOP), only="shop/money.py")) == {}


@pytest.mark.parametrize(("only", "words"), [
    ("gone.py", "file: gone.py is no tracked file"),
    ("yarn.lock", "file: yarn.lock is a lock file, and such files are left unless moves.yml lists them under include"),
    ("shop", "file: shop is no tracked file"),
    ("new.py", "file: new.py is no tracked file"),
    ("link.py", "file: link.py is a symbolic link"),
    ("gen.py", "file: gen.py is listed under exclude"),
    ("../repo/use.py", "file: ../repo/use.py is no tracked"),
])
def test_a_file_that_can_t_be_asked_for(tmp_path: Path, only: str, words: str) -> None:
    repo = make_repo(tmp_path / "repo", {**SHOP, "yarn.lock": "", "link.py": Link("shop/money.py"), "gen.py": "import shop.stock\n"})
    (repo / "new.py").touch()
    plan = plan_of(project_of(repo), "shop.stock", "products.stock.backend", exclude=("gen.py",))
    with pytest.raises(PhaseError) as error:
        run(repo, plan, only=only)
    assert words in str(error.value) and "relative to the repo" in error.value.remedy


# ---- several processes


@pytest.fixture(scope="module")
def large(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Enough bytes that a second process is worth it."""
    filler = "# nothing to see\n" * 16_000
    files = {f"m{number}.py": f"{filler}from shop.stock import Item, items as i{number}\n" for number in range(18)}
    return make_repo(tmp_path_factory.mktemp("large") / "repo", {**SHOP, **files, "bad.py": "def f(:\n    x().stock\n"})


def test_as_many_processes_as_you_like(large: Path) -> None:
    one, two = run(large), run(large, jobs=2)
    assert len(one.changes.writes) == 18
    assert one == two


def test_failures_in_another_process(large: Path) -> None:
    plan = plan_of(project_of(large), "shop.stock", "products.stock.backend")
    plan = replace(plan, file_moves={**plan.file_moves, "shop/money.py": "money.txt"}, module_moves={**plan.module_moves, "x.x": "y"})
    messages = []
    for jobs in (1, 2):
        with pytest.raises(PhaseError) as error:
            run(large, replace(plan, file_moves={**plan.file_moves, "shop/stock/items.py": "items.txt"}), jobs=jobs)
        messages.append(str(error.value))
    assert messages[0] == messages[1]


def test_two_moves_at_once(tmp_path: Path) -> None:
    """Files that trade places are known by where they were."""
    repo = make_repo(tmp_path / "repo", {"a.py": "import b\nA = 1\n", "b.py": "import a\nB = 1\n", "use.py": "from a import A\nfrom b import B\n"})
    project = project_of(repo)
    plan = Plan("stock", "a", "b", {"a.py": "b.py", "b.py": "c.py"}, {"a": "b", "b": "c"}, roots=project.roots)
    moved = project.before.changed(ChangeSet((Rename("a.py", "b.py"), Rename("b.py", "c.py"))))
    result = update_imports.run(context(plan, replace(project, before=moved)))
    assert written(result)["use.py"] == "from b import A\nfrom c import B\n"
    assert set(written(result)) == {"b.py", "c.py", "use.py"}


# ---- what covered the place from above

INI = "[pytest]\ntestpaths = shop\n"
COVERED: dict[str, Content] = {**SHOP, "shop/stock/test_x.py": "def test(): ...\n", "pytest.ini": INI}


def test_a_line_that_no_longer_takes_in_what_moved_is_a_finding(tmp_path: Path) -> None:
    result = run(make_repo(tmp_path, COVERED))
    (finding,) = [one for one in result.findings if one.path == "pytest.ini"]
    assert (finding.line, "`shop` no longer takes in products/stock/backend/test_x.py (before: collected)" in finding.message) == (2, True)
    assert "`cover: {pytest.ini: add}` in moves.yml writes `products/stock/backend` there" in finding.remedy
    assert "pytest.ini" not in written(result)
    assert result.left == {"cover: undecided": 1}


def test_the_plan_has_the_entry_written(tmp_path: Path) -> None:
    files = {**COVERED, "shop/conftest.py": "def pytest_configure(): ...\n"}
    files["setup.cfg"] = "[mypy]\nfiles = shop\n[x]\ny = shop/stock/items.py\n"
    repo = make_repo(tmp_path, files)
    plan = plan_of(project_of(repo), "shop.stock", "products.stock.backend", cover={"*": "add"})
    result = run(repo, plan)
    assert {path: text for path, text in written(result).items() if not path.endswith("items.py")} == {
        "pytest.ini": "[pytest]\ntestpaths = shop products/stock/backend\n",
        "setup.cfg": "[mypy]\nfiles = shop,products/stock/backend\n[x]\ny = products/stock/backend/items.py\n",
        "products/stock/backend/conftest.py": "from shop.conftest import *  # noqa: F403\n",
    }
    assert (result.counts["entries added"], result.findings, dict(result.left)) == (3, (), {})
    only = run(repo, plan, only="setup.cfg")
    assert written(only) == {"setup.cfg": written(result)["setup.cfg"]}


def test_the_plan_has_a_line_left(tmp_path: Path) -> None:
    repo = make_repo(tmp_path, COVERED)
    plan = plan_of(project_of(repo), "shop.stock", "products.stock.backend", cover={"pytest.ini": {"shop": "leave"}})
    result = run(repo, plan)
    assert ("pytest.ini" in written(result), result.findings) == (False, ())
    assert result.left == {"cover: listed under cover in moves.yml": 1}

from __future__ import annotations

from pathlib import Path

import pytest

from migration.cli.options import Options
from migration.cli.session import Session
from migration.core.errors import UsageError
from migration.core.phase import PhaseResult
from migration.django.registry import Registry
from migration.phases import scan_moves
from migration.plan.plan import App, Model, Plan
from migration.repo.tree.project import Project
from tests.tools import Content, Link, commit, git, make_repo, put, snapshot

STOCK: dict[str, Content] = {
    "shop/__init__.py": "",
    "shop/stock/__init__.py": "from .items import Item\n",
    "shop/stock/items.py": "class Item: ...\n",
    "shop/stock/prices.csv": "a,1\n",
    "shop/money.py": "RATE = 1\n",
    "shop/stockings.py": "",
}
BACKEND = "products/stock/backend"
MOVED = {f"shop/stock/{name}": f"{BACKEND}/{name}" for name in ("__init__.py", "items.py", "prices.csv")}


def session_for(repo: Path, source: str = "", target: str = "", **options: object) -> Session:
    """A session with a home beside the repo, as a new process would make it."""
    values = {"product": "stock", "repo": repo, "source": source, "target": target, "jobs": 1, **options}
    session = Session(Options(**values), repo.parent / "home")  # type: ignore[arg-type]
    session.state.mkdir(parents=True, exist_ok=True)
    return session


def project_of(repo: Path) -> Project:
    return session_for(repo).project("prepare_structure")


def scan(repo: Path, source: str, target: str) -> Plan:
    return scan_moves.scan(project_of(repo), "stock", source, target, App("package"), django=False).plan


def scanned(session: Session) -> PhaseResult:
    return scan_moves.run(session.context("scan_moves"))


def findings(session: Session) -> list[str]:
    return [str(finding) for finding in scanned(session).findings]


@pytest.fixture
def shop(tmp_path: Path) -> Path:
    return make_repo(tmp_path / "shop", STOCK)


# ---- what stays


def test_a_scan_touches_nothing(shop: Path) -> None:
    before = snapshot(shop)
    scanned(session_for(shop, "shop.stock"))
    assert snapshot(shop) == before


def test_a_second_scan_writes_nothing(shop: Path) -> None:
    session = session_for(shop, "shop.stock")
    scanned(session)
    before = session.plan_path.stat()
    scanned(session_for(shop))
    assert (session.plan_path.stat().st_mtime_ns, session.plan_path.stat().st_ino) == (before.st_mtime_ns, before.st_ino)


@pytest.mark.parametrize(("product", "source", "target", "words"), [
    ("my-shop", "a.b", "c.d", "product: 'my-shop'"),
    ("class", "a.b", "c.d", "product: 'class'"),
    ("stock", "a.b-c", "c.d", "source: 'a.b-c' is no dotted module name"),
    ("stock", "a.b", "c.class", "target: 'c.class' is no dotted module name: 'class' is a Python keyword"),
    ("stock", "a.b", "a.b", "source and target are both a.b"),
])
def test_names_that_can_t_be_used(product: str, source: str, target: str, words: str) -> None:
    with pytest.raises(UsageError, match=words):
        scan_moves.check_names(product, source, target)


@pytest.mark.parametrize(("files", "source", "target", "words"), [
    pytest.param({}, "shop.gone", "x", "no package or module shop.gone", id="missing"),
    pytest.param({}, "shop.stok", "x", "did you mean shop.stock", id="misspelt"),
    pytest.param({"web/shelf/x.py": ""}, "shelf", "x", 'If web/ is on sys.path, say so in pyproject.toml: [tool.phased-migration] roots = ["web"]', id="below a root"),
    pytest.param({}, "old.stock", "shop.stock", "it has been moved already", id="moved already"),
    pytest.param({"docs/a/x.md": ""}, "docs.a", "x", "there is no Python file under docs.a", id="no Python"),
    pytest.param({"products/stock/backend/__init__.py": ""}, "shop.money", "products.stock.backend",
                 "products/stock/backend/__init__.py is there already", id="hidden by a package"),
    pytest.param({"products/stock/backend.py": ""}, "shop.stock", "products.stock.backend",
                 "products/stock/backend.py is there already", id="hides a module"),
    pytest.param({"src/lib_/__init__.py": ""}, "shop.stock", "src.stock", "would be imported as stock", id="the target names a root"),
])
def test_what_can_t_move(shop: Path, files: dict[str, Content], source: str, target: str, words: str) -> None:
    put(shop, files)
    commit(shop)
    with pytest.raises(UsageError) as error:
        scan(shop, source, target)
    assert words in str(error.value)


# ---- what moves


@pytest.mark.parametrize(("files", "source", "target", "expected"), [
    pytest.param(STOCK, "shop.stock", "products.stock.backend", MOVED, id="package"),
    pytest.param(STOCK, "shop.money", "products.money.backend", {"shop/money.py": "products/money/backend.py"}, id="module"),
    pytest.param({"shop/money.py": "", "shop/money.pyi": "", "shop/money_.py": ""}, "shop.money", "x",
                 {"shop/money.py": "x.py", "shop/money.pyi": "x.pyi"}, id="module with stub"),
    pytest.param({"shop/stock/items.py": "", "shop/stock/deep/x.py": ""}, "shop.stock", "x",
                 {"shop/stock/items.py": "x/items.py", "shop/stock/deep/x.py": "x/deep/x.py"}, id="namespace package"),
    pytest.param({"shop/stock.py": "", "shop/stock/x.py": ""}, "shop.stock", "x", {"shop/stock.py": "x.py"}, id="module before namespace"),
    pytest.param({"shop/stock.py": "", "shop/stock/__init__.py": ""}, "shop.stock", "x",
                 {"shop/stock/__init__.py": "x/__init__.py"}, id="package before module"),
    pytest.param({"a.py": "", "b.py": ""}, "a", "c", {"a.py": "c.py"}, id="top level module"),
    pytest.param({"shop/a/__init__.py": "", "shop/a/with blank.txt": "", "shop/a/ünï.py": "", "shop/a/link": Link("x")}, "shop.a", "b",
                 {f"shop/a/{name}": f"b/{name}" for name in ("__init__.py", "with blank.txt", "ünï.py", "link")}, id="odd names"),
    pytest.param({"a/__init__.py": "", "a/b/__init__.py": ""}, "a", "a.b",
                 {"a/__init__.py": "a/b/__init__.py", "a/b/__init__.py": "a/b/b/__init__.py"}, id="target in source"),
    pytest.param({"a/__init__.py": "", "a/b/__init__.py": "", "a/b/c.py": ""}, "a.b", "a",
                 {"a/b/__init__.py": "a/__init__.py", "a/b/c.py": "a/c.py"}, id="source in target"),
    pytest.param({"a.py": "", "c.py": ""}, "a", "a.b", {"a.py": "a/b.py"}, id="a module becomes a package"),
])
def test_files(tmp_path: Path, files: dict[str, Content], source: str, target: str, expected: dict[str, str]) -> None:
    plan = scan(make_repo(tmp_path / "repo", files), source, target)
    assert plan.file_moves == expected
    assert plan.module_moves == {source: target}
    assert (plan.source, plan.target, plan.product) == (source, target, "stock")


@pytest.mark.parametrize(("files", "target", "expected"), [
    pytest.param({}, "products.x", "src/products/x.py", id="nothing there: where the source is"),
    pytest.param({"products/y.py": ""}, "products.x", "products/x.py", id="the target's package is elsewhere"),
    pytest.param({"products/README.md": ""}, "products.x", "src/products/x.py", id="a directory without Python is no package"),
    pytest.param({"shop/y.py": ""}, "shop.x", "src/shop/x.py", id="both have it: where the source is"),
    pytest.param({"shop/core/y.py": ""}, "shop.core.x", "shop/core/x.py", id="the deeper one"),
    pytest.param({"x.py": ""}, "x.y", "src/x/y.py", id="a module is no package"),
])
def test_the_root_of_the_target(tmp_path: Path, files: dict[str, Content], target: str, expected: str) -> None:
    repo = make_repo(tmp_path / "repo", {"src/shop/__init__.py": "", "src/shop/money.py": "", **files})
    plan = scan(repo, "shop.money", target)
    assert plan.roots == (".", "src")
    assert plan.file_moves == {"src/shop/money.py": expected}


def test_a_source_that_is_imported_through_src(tmp_path: Path) -> None:
    repo = make_repo(tmp_path / "repo", {"src/shop/money.py": "", "src/use.py": "from src.shop.money import x\n"})
    session = session_for(repo, "src.shop.money", "src.pay")
    scanned(session)
    plan = session.plan()
    assert (plan.roots, plan.file_moves) == ((".",), {"src/shop/money.py": "src/pay.py"})
    scanned(session_for(repo))
    assert session.plan() == plan


def test_counts_and_remap(shop: Path) -> None:
    plan = scan(shop, "shop.stock", "products.stock.backend")
    assert plan.symbol_remap == {"shop.stock": {"Item": "shop.stock.items"}}
    assert scan_moves.counts(plan) == {"Python files": 2, "packages": 1, "other files": 1, "models": 0, "re-exported names": 1}


def test_templates_that_django_finds_by_label_get_the_new_one(tmp_path: Path) -> None:
    names = ("admin/shop/item/change_form.html", "shop/item_list.html", "shop/base.html")
    repo = make_repo(tmp_path / "shop", STOCK | {f"shop/stock/templates/{name}": "" for name in names})
    app = App("extraction", "shop", "stock", models=(Model("Item", "shop.stock.items", "shop_item"),))
    found = scan_moves.scan(project_of(repo), "stock", "shop.stock", "products.stock.backend", app, django=True).plan
    assert [found.file_moves[f"shop/stock/templates/{name}"] for name in names] == [
        f"{BACKEND}/templates/admin/stock/item/change_form.html",
        f"{BACKEND}/templates/stock/item_list.html",
        f"{BACKEND}/templates/shop/base.html",
    ]


# ---- what is left behind


def test_what_is_left_is_listed(shop: Path, tmp_path: Path) -> None:
    other = make_repo(tmp_path / "other", {"x.py": ""})
    git(shop, "-c", "protocol.file.allow=always", "submodule", "--quiet", "add", str(other), "shop/stock/sub")
    commit(shop)
    put(shop, {
        ".gitignore": "*.log\nnode_modules/\n*.pyc\n.DS_Store\n",
        "shop/stock/new.py": "",
        "shop/new.py": "",
        "shop/stock/a.log": "",
        "shop/stock/__pycache__/a.pyc": "",
        "shop/stock/.DS_Store": "",
        "shop/stock/node_modules/a/b.js": "",
        "shop/stock/node_modules/a/c.js": "",
        "shop/stock/logs/deep/a.log": "",
    })
    session = session_for(shop, "shop.stock")
    assert findings(session) == [
        "shop/stock/sub: is a submodule and stays -> git mv it if it moves too",
        "shop/stock/new.py: is not tracked by git and stays -> git add it and scan again if it moves too",
        "shop/stock/a.log: is ignored by git and stays -> move it by hand if it is still needed",
        "shop/stock/logs/: is ignored by git and stays (1 files) -> move it by hand if it is still needed",
        "shop/stock/node_modules/: is ignored by git and stays (2 files) -> move it by hand if it is still needed",
    ]
    assert session.plan().file_moves == MOVED


def test_backends_that_sessions_hold_are_named() -> None:
    plan = Plan("shop", "a.shop", "b.shop", {}, {"a.shop": "b.shop"})
    stays = "django.contrib.auth.backends.ModelBackend"
    assert list(scan_moves.in_sessions(plan, Registry(backends=(stays, "a.shops.Mail")))) == []
    (finding,) = scan_moves.in_sessions(plan, Registry(backends=(stays, "a.shop.backends.Mail")))
    assert finding.message == (
        "a.shop.backends.Mail becomes b.shop.backends.Mail, and sessions hold the old path: whoever is logged in is logged out"
    )
    assert "a.shop.backends.Mail in the setting beside the new one" in finding.remedy

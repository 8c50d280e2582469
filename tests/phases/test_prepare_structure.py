from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import pytest

from migration.core.errors import PhaseError
from migration.django.registry import AppInfo, ModuleFile, Registry
from migration.phases.prepare_structure import run, target_directory
from migration.plan.plan import App, Model, Plan
from migration.repo.tree.project import Project
from tests.tools import Content, context, make_repo, snapshot, workspace

PACKAGE = App("package")


def plan(moves: dict[str, str], target: str = "products.shop.backend", app: App = PACKAGE) -> Plan:
    return Plan("shop", "big.shop", target, moves, {"big.shop": target}, app=app)


def created(where: Path, files: dict[str, Content], made: Plan, registry: Registry | None = None,
            roots: tuple[str, ...] = (".",)) -> dict[str, str]:
    """What the phase writes, after checking that doing it twice is doing it once."""
    repo = make_repo(where / "repo", files)
    after = []
    for _ in range(2):
        work = workspace(repo)
        result = run(context(made, Project(repo, roots, work.baseline(), work.tree("prepare_structure"), lambda _: []), registry))
        work.apply("prepare_structure", result.changes)
        after.append((result, snapshot(repo)))
    assert after[0] == after[1]
    return {write.path: write.data.decode() for write in result.changes.writes}


MOVES = {"big/shop/__init__.py": "products/shop/backend/__init__.py", "big/shop/a.py": "products/shop/backend/a.py"}
SOURCE: dict[str, Content] = {"big/__init__.py": "", "big/shop/__init__.py": "", "big/shop/a.py": ""}


@pytest.mark.parametrize(("files", "moves", "expected"), [
    # what is there, or comes with the move, is not made
    ({"products/__init__.py": "", "products/shop/__init__.py": ""}, MOVES, set()),
    # namespace packages stay what they are
    ({"products/x/a.py": ""}, MOVES, set()),
    ({"products/shop/b.py": ""}, MOVES, set()),
    # regular packages around
    ({}, MOVES, {"products/__init__.py", "products/shop/__init__.py"}),
    ({"products/__init__.py": ""}, MOVES, {"products/shop/__init__.py"}),
    ({"products/x/__init__.py": ""}, MOVES, {"products/shop/__init__.py"}),  # below a namespace that exists
    ({"products/__init__.py": "", "products/shop/frontend/x.ts": ""}, MOVES, {"products/shop/__init__.py"}),
    # the source's own __init__ is missing
    ({"products/__init__.py": ""}, {"big/shop/a.py": "products/shop/backend/a.py"}, {"products/shop/__init__.py", "products/shop/backend/__init__.py"}),
])
def test_packages(tmp_path: Path, files: dict[str, Content], moves: dict[str, str], expected: set[str]) -> None:
    found = created(tmp_path, {**SOURCE, **files}, plan(moves))
    assert set(found) == expected
    assert set(found.values()) <= {""}


@pytest.mark.parametrize(("files", "moves", "expected"), [
    # a namespace that files leave makes none; nor is one made where Python is already, or nothing can be imported
    ({"big/shop/lone/b.py": ""}, {"big/shop/lone/b.py": "big/other/b.py"}, set()),
    ({"scripts/run.py": ""}, {"big/shop/a.py": "scripts/a.py"}, set()),
    ({"apps/shop/run.py": ""}, {"big/shop/a.py": "apps/b.py"}, set()),
    ({}, {"big/shop/a.py": "data-files/a.py"}, set()),
    ({}, {"big/shop/a.py": "a.py"}, set()),
    # a regular package does
    ({}, {"big/shop/a.py": "products/shop/api/v2/a.py"}, {"products/__init__.py", "products/shop/__init__.py", "products/shop/api/__init__.py", "products/shop/api/v2/__init__.py"}),
    ({"big/new/README.md": ""}, {"big/shop/a.py": "big/new/a.py"}, {"big/new/__init__.py"}),
    # unless it comes along
    ({"big/kept/__init__.py": ""}, {"big/kept/__init__.py": "big/new/__init__.py", "big/shop/a.py": "big/new/a.py"}, set()),
])
def test_packages_beside_the_target(tmp_path: Path, files: dict[str, Content], moves: dict[str, str], expected: set[str]) -> None:
    assert set(created(tmp_path, {**SOURCE, **files}, Plan("shop", "big", "big", {"big/__init__.py": "big/__init__.py", **moves}, {}))) == expected


def test_a_repo_of_namespace_packages(tmp_path: Path) -> None:
    assert created(tmp_path, {"big/shop/a.py": ""}, plan({"big/shop/a.py": "products/shop/backend/a.py"})) == {}


def test_below_a_root(tmp_path: Path) -> None:
    files: dict[str, Content] = {"src/big/__init__.py": "", "src/big/shop/__init__.py": ""}
    made = plan({"src/big/shop/__init__.py": "src/products/shop/backend/__init__.py"})
    assert set(created(tmp_path, files, made, roots=(".", "src"))) == {"src/products/__init__.py", "src/products/shop/__init__.py"}


@pytest.mark.parametrize(("moves", "target", "directory"), [
    (MOVES, "products.shop.backend", "products/shop/backend"), ({"a": "src/new/x/y.txt"}, "new.x", "src/new/x"),
    ({"a.py": "new/x.py"}, "new.x", "new"), ({"a.py": "x.py"}, "x", "."), ({"a": "newer/x", "b": "new/x"}, "new", "new"),
])
def test_where_the_target_is(moves: dict[str, str], target: str, directory: str) -> None:
    assert target_directory(plan(moves, target)) == directory


def test_no_file_leads_to_the_target() -> None:
    with pytest.raises(PhaseError, match=r"no entry of file_moves leads to new\.shop"):
        target_directory(plan(MOVES, "new.shop"))


# ---- with Django

EXTRACTION = App("extraction", "big", "shop", "products.shop.backend.apps.ShopConfig", "", "django.db.models.AutoField")
REGISTRY = Registry(settings="conf", settings_modules=(ModuleFile("conf", "conf.py"),), installed_apps=("django.x", "big"),
                    apps=(AppInfo("big", "big", "big", "big.apps.BigConfig", "big"),))
CONF = 'INSTALLED_APPS = [\n    "django.x",\n    "big",  # ours\n]\n'


def test_an_extraction(tmp_path: Path) -> None:
    found = created(tmp_path, {**SOURCE, "conf.py": CONF}, plan(MOVES, app=EXTRACTION), REGISTRY)
    assert set(found) == {"products/__init__.py", "products/shop/__init__.py", "products/shop/backend/apps.py",
                          "products/shop/backend/migrations/__init__.py", "conf.py"}
    for words in ("class ShopConfig(AppConfig)", '"products.shop.backend"', 'label = "shop"', "django.db.models.AutoField"):
        assert words in found["products/shop/backend/apps.py"]
    assert found["conf.py"] == CONF.replace("# ours\n", '# ours\n    "products.shop.backend.apps.ShopConfig",\n')


def test_an_apps_module_and_migrations_that_come_along_are_not_made(tmp_path: Path) -> None:
    more = {"big/shop/apps.py": "products/shop/backend/apps.py", "big/shop/migrations/0001.py": "products/shop/backend/migrations/0001.py"}
    files: dict[str, Content] = {**SOURCE, **dict.fromkeys(more, ""), "conf.py": CONF}
    found = created(tmp_path, files, plan({**MOVES, **more}, app=EXTRACTION), REGISTRY)
    assert set(found) == {"products/__init__.py", "products/shop/__init__.py", "conf.py"}


def test_models_that_lie_in_other_modules_get_a_module_that_names_them(tmp_path: Path) -> None:
    app = replace(EXTRACTION, models=(Model("Use", "big.shop.a", "u"), Model("Item", "big.shop.b", "i"), Model("Box", "big.shop.a", "b")))
    moves = {**MOVES, "big/shop/b.py": "products/shop/backend/b.py"}
    files: dict[str, Content] = {**SOURCE, "big/shop/b.py": "", "conf.py": CONF}
    found = created(tmp_path / "made", files, plan(moves, app=app), REGISTRY)
    assert found["products/shop/backend/models.py"] == (
        "from products.shop.backend.a import Box\nfrom products.shop.backend.a import Use\n"
        'from products.shop.backend.b import Item\n\n__all__ = [\n    "Box",\n    "Item",\n    "Use",\n]\n'
    )
    for brought in ("models.py", "models/__init__.py", "models/a.py"):
        with_models = {**moves, f"big/shop/{brought}": f"products/shop/backend/{brought}"}
        found = created(tmp_path / brought, {**files, f"big/shop/{brought}": ""}, plan(with_models, app=app), REGISTRY)
        assert "products/shop/backend/models.py" not in found


def test_a_module_makes_the_package_around_it_an_app(tmp_path: Path) -> None:
    app = replace(EXTRACTION, config="products.shop.apps.ShopConfig", models=(Model("Item", "big.shop", "i"),))
    for target, more in (("products.shop.models", set()), ("products.shop.items", {"products/shop/models.py"})):
        path = target.replace(".", "/") + ".py"
        files: dict[str, Content] = {"big/__init__.py": "", "big/shop.py": "", "conf.py": CONF}
        found = created(tmp_path / target, files, plan({"big/shop.py": path}, target, app), REGISTRY)
        assert set(found) == {"products/__init__.py", "products/shop/__init__.py", "products/shop/apps.py",
                              "products/shop/migrations/__init__.py", "conf.py", *more}
        assert 'name = "products.shop"\n' in found["products/shop/apps.py"]
        assert '"products.shop.apps.ShopConfig"' in found["conf.py"]


def test_an_app_move_replaces_its_entry(tmp_path: Path) -> None:
    app = App("app", "shop", "shop", "products.shop.backend.apps.ShopConfig", "big.shop")
    conf = CONF.replace('"big"', '"big.shop"')
    registry = Registry(settings="conf", settings_modules=REGISTRY.settings_modules, installed_apps=("django.x", "big.shop"),
                        apps=(AppInfo("shop", "big.shop", "big.shop", "django.apps.config.AppConfig"),))
    found = created(tmp_path, {**SOURCE, "conf.py": conf}, plan(MOVES, app=app), registry)
    assert found["conf.py"].count("products.shop.backend") == 1
    assert "big.shop" not in found["conf.py"]
    assert "  # ours" in found["conf.py"]


def test_settings_without_a_place(tmp_path: Path) -> None:
    conf = "INSTALLED_APPS = load()\n"
    repo = make_repo(tmp_path / "repo", {**SOURCE, "conf.py": conf})
    work = workspace(repo)
    project = Project(repo, (".",), work.baseline(), work.baseline(), lambda _: [])
    with pytest.raises(PhaseError) as error:
        run(context(plan(MOVES, app=EXTRACTION), project, REGISTRY))
    assert "products.shop.backend.apps.ShopConfig" in str(error.value)


def test_without_django_no_app_is_made(tmp_path: Path) -> None:
    assert set(created(tmp_path, SOURCE, plan(MOVES, app=EXTRACTION), None)) == {"products/__init__.py", "products/shop/__init__.py"}


def test_packages_of_an_earlier_run_that_people_have_added_to(tmp_path: Path) -> None:
    repo = make_repo(tmp_path / "repo", {**SOURCE, "products/shop/backend/more.py": ""})
    work = workspace(repo)
    made = frozenset({"products/__init__.py", "products/shop/__init__.py"})
    project = Project(repo, (".",), work.baseline(), work.baseline(), lambda _: [], made=made)
    assert {write.path for write in run(context(plan(MOVES), project)).changes.writes} == made


@pytest.mark.parametrize(("target", "hides"), [("calendar", True), ("dates", False), ("big.calendar", False)])
def test_a_target_that_is_called_like_a_module_of_the_standard_library(tmp_path: Path, target: str, hides: bool) -> None:
    repo = make_repo(tmp_path / "repo", SOURCE)
    new = target.replace(".", "/")
    work = workspace(repo)
    project = Project(repo, (".",), work.baseline(), work.tree("prepare_structure"), lambda _: [])
    findings = run(context(plan({"big/shop/__init__.py": f"{new}/__init__.py"}, target), project)).findings
    start = "calendar/__init__.py: calendar is a module of the standard library too"
    assert [str(finding).startswith(start) for finding in findings] == [True] * hides

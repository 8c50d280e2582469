"""What one boot of a real Django answers."""

from __future__ import annotations

from pathlib import Path

import pytest

from migration.django.registry import Checks, Database, Registry
from tests.django_projects import SHOP, contents, django, manage, rows, shop, write


@pytest.fixture(scope="module")
def repo(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return shop(tmp_path_factory.mktemp("shop"))


@pytest.fixture(scope="module")
def registry(repo: Path) -> Registry:
    before = sorted(repo.rglob("*"))
    registry = django(repo).ask("registry", "check").registry
    assert sorted(repo.rglob("*")) == before, "the probe left something behind"
    return registry


def test_nothing_is_pending_and_nothing_is_wrong(registry: Registry) -> None:
    assert registry.pending == ()
    assert registry.checks is not None
    assert registry.checks.messages == ()


def test_the_answer_survives_json(registry: Registry) -> None:
    assert Registry.from_json(registry.to_json()) == registry


def test_apps(registry: Registry) -> None:
    core = registry.app("core")
    assert core is not None
    assert (core.name, core.entry, core.config) == ("core", "core", "django.apps.config.AppConfig")
    assert (core.migrations_module, core.migrations_path) == ("core.migrations", "core/migrations")
    assert (core.migrated, core.leaves, core.path) == (True, ("0001_initial",), "core")
    assert core.default_auto_field == "django.db.models.BigAutoField"
    auth = registry.app("auth")
    assert auth is not None and auth.path == auth.migrations_path == ""
    assert registry.installed_apps[-4:] == ("core", "billing", "audit", "past")


def test_settings(registry: Registry) -> None:
    assert [(module.name, module.path) for module in registry.settings_modules] == [
        ("shop", "shop/__init__.py"),
        ("shop.settings", "shop/settings.py"),
    ]
    assert registry.databases == (Database("default", "sqlite3", "db.sqlite3", ""),)
    assert registry.auth_user_model == "auth.User"
    assert registry.contenttypes


def test_a_model(registry: Registry) -> None:
    table = registry.by_label["core.table"]
    assert (table.module, table.qualname, table.table) == ("core.warehouse.models", "Table", "core_table")
    assert table.abstract == ("core.base.Owned",)
    assert table.mro[:2] == ("core.warehouse.models.Table", "core.base.Owned")
    assert [item.name for item in table.constraints] == ["core_table_name"]
    assert table.permissions == ("query_table",)
    assert not table.explicit_table
    assert [registry.by_label[label].meta_base for label in ("core.alias", "core.tag")] == [0, -1]


def test_fields(registry: Registry) -> None:
    fields = {field.name: field for field in registry.by_label["core.table"].fields}
    team = fields["team"]
    assert (team.target, team.accessor, team.column) == ("core.Team", "core_tables", "team_id")
    assert team.query_name == "core_tables"
    assert team.declared_in == "core.base.Owned"
    tags = fields["tags"]
    assert (tags.target, tags.through, tags.through_auto) == ("core.Tag", "core.Table_tags", True)
    assert (tags.table, tags.declared_in) == ("core_table_tags", "core.warehouse.models.Table")
    through = {field.name: field for field in registry.by_label["billing.invoice"].fields}["tags"]
    assert (through.through, through.through_auto) == ("billing.TagUse", False)


def test_models_by_the_class_they_get_fields_from(registry: Registry) -> None:
    labels = [model.label for model in registry.by_path["core.base.Owned"]]
    assert labels == ["core.Alias", "core.Note", "core.Table"]


def test_the_plan_of_a_database_that_is_not_there(repo: Path, registry: Registry) -> None:
    checks = registry.checks
    assert checks is not None
    assert checks.database == "the database file db.sqlite3 does not exist"
    assert checks.plan[0] == "contenttypes.0001_initial"
    own = [name for name in checks.plan if name.startswith(("core", "billing"))]
    assert own == ["core.0001_initial", "billing.0001_initial"]
    assert not (repo / "db.sqlite3").exists()


def test_the_plan_of_the_real_database(tmp_path: Path, repo: Path) -> None:
    used = write(tmp_path, contents(repo))
    manage(used, "migrate")
    manage(used, "migrate", "billing", "zero")
    done = rows(used, "SELECT count(*) FROM django_migrations")
    registry = django(used).ask("registry", "check").registry
    assert registry.checks == Checks(plan=("billing.0001_initial",))
    assert rows(used, "SELECT count(*) FROM django_migrations") == done


def test_pending_operations_and_check_messages(tmp_path: Path) -> None:
    broken = {
        **SHOP,
        "billing/models.py": SHOP["billing/models.py"].replace('to="core.Tag"', 'to="core.Label"'),
    }
    registry = django(write(tmp_path, broken)).ask("registry", "check").registry
    assert ("core", "Create model Table") in [(item.app, item.operation) for item in registry.pending]
    assert registry.checks is not None
    serious = [message for message in registry.checks.messages if message.serious]
    found = {(message.id, message.obj) for message in serious}
    assert {("fields.E300", "billing.TagUse.tag"), ("fields.E307", "billing.TagUse.tag")} <= found


def test_what_the_monolith_prints_does_not_matter(tmp_path: Path) -> None:
    noisy = {**SHOP, "core/__init__.py": "import sys\nprint('{')\nprint('!', file=sys.stderr)\n"}
    assert django(write(tmp_path, noisy)).ask("registry").registry.checks is None


def test_our_modules_are_not_on_the_path(tmp_path: Path) -> None:
    files = {**SHOP, "core/__init__.py": "import plan\n", "plan.py": "MINE = True\n"}
    own = {**files, "core/__init__.py": "import plan\nassert plan.MINE\n"}
    assert django(write(tmp_path, own)).ask("registry").registry.app("core")


LAZY = """\
from django.utils.functional import SimpleLazyObject


def _connect():
    raise OSError("the search server is asked")


client = SimpleLazyObject(_connect)
"""


def test_lazy_objects_are_not_evaluated(tmp_path: Path) -> None:
    """At module level, and in the place of a module."""
    modules = "import sys\nsys.modules['core.lazy'] = client\n"
    files = {**SHOP, "core/search.py": LAZY + modules}
    files["core/models.py"] = f"from core.search import client\n{SHOP['core/models.py']}"
    registry = django(write(tmp_path, files)).ask("registry", "check").registry
    assert registry.receivers == () and "core.team" in registry.by_label


def test_models_that_only_the_urlconf_imports_are_known(tmp_path: Path) -> None:
    audit = (
        "from django.db import models\n\n\nclass Login(models.Model):\n    class Meta:\n        app_label = 'audit'\n"
    )
    urls = "from audit.logins import Login  # noqa\n\nurlpatterns = []\n"
    repo = write(tmp_path, {**SHOP, "audit/logins.py": audit, "shop/urls.py": urls})
    login = django(repo).ask("registry").registry.by_label["audit.login"]
    assert (login.module, login.table) == ("audit.logins", "audit_login")

"""Failures arrive in the monolith's own words; the three cases; the settings."""

from __future__ import annotations

from pathlib import Path

import pytest

from migration.core.errors import DjangoError, MigrationError
from migration.django.process import Django, find_settings
from migration.django.registry import Registry, load
from migration.django.which_case import which_case
from migration.plan.plan import App, Model
from tests.django_projects import PYTHON, SHOP, django, project, write


def edited(path: str, old: str, new: str) -> dict[str, str]:
    assert old in SHOP[path]
    return {**SHOP, path: SHOP[path].replace(old, new, 1)}


MODELS = "core/warehouse/models.py"
FAILURES = {
    "syntax error": (
        edited(MODELS, "class Tag(models.Model):", "class Tag(models.Model)"),
        "core/warehouse/models.py:",
        "likely cause: syntax error",
    ),
    "missing module": (
        edited(MODELS, "from core.base import Owned", "import not_there"),
        "core/warehouse/models.py:3: ModuleNotFoundError: No module named 'not_there'",
        "likely cause: missing module",
    ),
    "circular import": (
        edited(
            "core/base.py",
            "from django.db import models",
            "from core.models import Team\nfrom django.db import models",
        ),
        "core/base.py:2: ImportError: cannot import name 'Team' from partially initialized module",
        "likely cause: circular import",
    ),
    "missing app": (
        edited("shop/settings.py", '    "billing",', '    "billings",'),
        "ModuleNotFoundError: No module named 'billings'",
        "likely cause: missing module",
    ),
    "app not installed": (
        edited("shop/settings.py", '    "core",\n', ""),
        "core/warehouse/models.py:6: RuntimeError: Model class core.",
        "likely cause: app not installed",
    ),
    "settings that stop": (
        edited("shop/settings.py", 'SECRET_KEY = "x"', 'import os\nSECRET_KEY = os.environ["NO_SUCH_KEY"]'),
        "shop/settings.py:4: KeyError: 'NO_SUCH_KEY'",
        "likely cause: the settings",
    ),
    "process that ends": (
        edited(
            "core/__init__.py",
            "",
            "import os, sys\nsys.stderr.write('out of luck')\nsys.stderr.flush()\nos._exit(3)\n",
        ),
        "ended with exit code 3",
        "out of luck",
    ),
    "process that is killed": (
        edited("core/__init__.py", "", "import os\nos.kill(os.getpid(), 9)\n"),
        "was killed by signal 9",
        "too little memory",
    ),
    "exit": (
        edited("core/__init__.py", "", "raise SystemExit('set FOO first')\n"),
        "core/__init__.py:1: SystemExit: set FOO first",
        "environment variables",
    ),
    "broken migration graph": (
        {
            **SHOP,
            "core/migrations/0002_x.py": "from django.db import migrations\n\n\n"
            "class Migration(migrations.Migration):\n    dependencies = [('core', '0001_gone')]\n",
        },
        "NodeNotFoundError: Migration core.0002_x dependencies reference nonexistent parent node",
        "likely cause: the migration graph is broken",
    ),
}
FAILURES["app not installed"][0]["billing/models.py"] = "import core.warehouse.models\n" + SHOP["billing/models.py"]


@pytest.mark.parametrize("name", FAILURES)
def test_a_failed_boot_speaks_the_monoliths_words(name: str, tmp_path: Path) -> None:
    files, said, cause = FAILURES[name]
    with pytest.raises(DjangoError) as caught:
        django(write(tmp_path, files)).ask("registry")
    text = str(caught.value)
    assert said in text
    assert cause in text
    assert "Traceback" not in text and "probe/main" not in text
    assert caught.value.remedy


def test_no_such_interpreter(tmp_path: Path) -> None:
    with pytest.raises(DjangoError, match="/no/such/python can't be run: No such file") as caught:
        django(write(tmp_path, SHOP), python="/no/such/python").ask("registry")
    assert "python=" in caught.value.remedy


def test_an_interpreter_without_django(tmp_path: Path) -> None:
    write(
        tmp_path,
        {
            **SHOP,
            "django/__init__.py": "raise ModuleNotFoundError(\"No module named 'django'\", name='django')\n",
        },
    )
    with pytest.raises(DjangoError, match="No module named 'django'") as caught:
        django(tmp_path).ask("registry")
    assert "not installed in this interpreter" in str(caught.value)


def test_no_such_settings(tmp_path: Path) -> None:
    with pytest.raises(DjangoError, match=r"No module named 'shop\.prod'") as caught:
        django(write(tmp_path, SHOP), settings="shop.prod").ask("registry")
    assert "no such settings module" in str(caught.value)


def test_a_program_that_answers_nothing(tmp_path: Path) -> None:
    with pytest.raises(DjangoError, match="ended with exit code 0 before Django could answer"):
        Django("/bin/true", tmp_path, "x").ask("registry")


def test_an_answer_that_is_no_json(tmp_path: Path) -> None:
    fake = tmp_path / "python"
    fake.write_text("#!/bin/sh\necho nonsense > $3\n")
    fake.chmod(0o755)
    with pytest.raises(DjangoError, match="can't be read"):
        Django(str(fake), tmp_path, "x").ask("registry")


def test_a_timeout(tmp_path: Path) -> None:
    files = edited("core/__init__.py", "", "import time\ntime.sleep(30)\n")
    with pytest.raises(DjangoError, match="did not answer within 1 seconds"):
        Django(PYTHON, write(tmp_path, files), "shop.settings", timeout=1).ask("registry")


def test_roots_and_environment(tmp_path: Path) -> None:
    files = {("src/" + path if path != "manage.py" else path): text for path, text in SHOP.items()}
    files["src/core/__init__.py"] = "import os\nassert os.environ['FLAVOUR'] == 'mint'\n"
    write(tmp_path, files)
    asked = Django(PYTHON, tmp_path, "shop.settings", ("src", "."), {"FLAVOUR": "mint"}).ask("registry")
    core = asked.registry.app("core")
    assert core is not None and core.path == "src/core"


# --- settings


@pytest.mark.parametrize(
    ("scripts", "expected"),
    [
        ({}, None),
        ({"manage.py": "print('no settings here')\n"}, None),
        ({"manage.py": "def broken(:\n"}, None),
        ({"manage.py": SHOP["manage.py"]}, "shop.settings"),
        ({"manage.py": "import os\nos.environ['DJANGO_SETTINGS_MODULE'] = 'a.b'\n"}, "a.b"),
        (
            {
                "manage.py": "import os, sys\nif 'test' in sys.argv:\n"
                "    os.environ['DJANGO_SETTINGS_MODULE'] = 'a.test'\n"
                "else:\n    os.environ.setdefault('DJANGO_SETTINGS_MODULE', 'a.local')\n"
            },
            "a.local",
        ),
        ({"deep/er/manage.py": "import os\nos.environ.setdefault('DJANGO_SETTINGS_MODULE', 'x')\n",
          "src/manage.py": "import os\nos.environ.setdefault('DJANGO_SETTINGS_MODULE', 'y')\n"}, "y"),
    ],
)  # fmt: skip
def test_find_settings(scripts: dict[str, str], expected: str | None, tmp_path: Path) -> None:
    write(tmp_path, scripts)
    assert find_settings(tmp_path, [*scripts, "other.py"]) == expected


# --- the three cases


@pytest.fixture(scope="module")
def registry(tmp_path_factory: pytest.TempPathFactory) -> Registry:
    files = project(
        ("core", "blog.apps.BlogConfig", "blog.comments", "wiki"),
        {
            **{path: text for path, text in SHOP.items() if path.startswith("core/")},
            "core/util/__init__.py": "",
            "blog/__init__.py": "",
            "blog/apps.py": "from django.apps import AppConfig\n\n\n"
            "class BlogConfig(AppConfig):\n    name = 'blog'\n    label = 'journal'\n",
            "blog/comments/__init__.py": "",
            "wiki/__init__.py": "",
            "wiki/models.py": "from django.db import models\n\n\nclass Page(models.Model):\n    pass\n",
        },
    )
    return django(write(tmp_path_factory.mktemp("cases"), files)).ask("registry").registry


def test_a_plain_package(registry: Registry) -> None:
    assert which_case(registry, "util", "core.util", "products.util") == App("package")


def test_an_extraction(registry: Registry) -> None:
    assert which_case(registry, "data_warehouse", "core.warehouse", "products.data_warehouse.backend") == App(
        "extraction",
        "core",
        "data_warehouse",
        "products.data_warehouse.backend.apps.DataWarehouseConfig",
        "",
        "django.db.models.BigAutoField",
        (
            Model("Alias", "core.warehouse.models", "core_alias"),
            Model("Credential", "core.warehouse.models", "core_credential"),
            Model("Table", "core.warehouse.models", "core_table"),
            Model("Tag", "core.warehouse.models", "core_tag"),
        ),
    )


def test_an_app_without_a_config_of_its_own(registry: Registry) -> None:
    app = which_case(registry, "wiki", "wiki", "products.wiki.backend")
    assert (app.kind, app.old_label, app.label, app.entry) == ("app", "wiki", "wiki", "wiki")
    assert app.config == "products.wiki.backend.apps.WikiConfig"
    assert app.models == (Model("Page", "wiki.models", "wiki_page"),)


def test_an_app_with_a_config_keeps_class_and_label(registry: Registry) -> None:
    app = which_case(registry, "talk", "blog.comments", "products.talk.backend")
    assert (app.kind, app.label, app.entry) == ("app", "comments", "blog.comments")
    assert app.models == ()


def test_apps_below_the_source_are_refused(registry: Registry) -> None:
    with pytest.raises(MigrationError, match="holds installed apps of its own") as caught:
        which_case(registry, "blog", "blog", "products.blog.backend")
    assert caught.value.details == ("blog.comments (label comments)",)


def test_a_module_of_no_package_can_be_no_app(registry: Registry) -> None:
    with pytest.raises(MigrationError, match=r"core\.warehouse\.models holds models, and its new place is a module of no package") as caught:
        which_case(registry, "things", "core.warehouse.models", "")
    assert "target=things.models" in caught.value.remedy


def test_a_label_that_is_taken_is_refused(registry: Registry) -> None:
    with pytest.raises(MigrationError, match="the label journal is taken by the installed app blog"):
        which_case(registry, "journal", "core.warehouse", "products.journal.backend")


@pytest.mark.parametrize(
    "value", [[], {"nonsense": 1}, {"django": 5}, {"apps": [{"label": "x"}]}, {"databases": [["a"]]}]
)
def test_a_registry_of_another_shape(value: object) -> None:
    with pytest.raises(ValueError, match=r"Registry|AppInfo|expected|zip"):
        load(Registry, value)

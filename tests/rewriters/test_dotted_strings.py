from __future__ import annotations

import dataclasses
from collections.abc import Sequence

import pytest

from migration.core.moves import Moves
from migration.rewriters import dotted_strings
from tests.rewriters.alone import check
from tests.rewriters.tools import MONOLITH, NEW, WAREHOUSE, moves_for

TOP = moves_for({"warehouse": "products.wh"}, "warehouse/ warehouse.models warehouse.util app products/", {"warehouse": ["Thing"]})
SPECIAL = moves_for({"posthog.warehouse": NEW, "posthog.warehouse.special": "common.special"}, MONOLITH + "posthog.warehouse.special common/")
KNOWN = moves_for({"posthog.warehouse": NEW}, bindings={"posthog.warehouse": ["Thing"]})



def unchanged(text: str, path: str = "posthog/utils.py", moves: Moves = WAREHOUSE, doubtful: Sequence[str] = ()) -> None:
    check(dotted_strings, text, None, path, moves, doubtful)


def rewritten(
    text: str, expected: str, path: str = "posthog/utils.py", moves: Moves = WAREHOUSE, doubtful: Sequence[str] = (), again: bool = True
) -> None:
    assert expected != text
    check(dotted_strings, text, expected, path, moves, doubtful, again)


@pytest.mark.parametrize(
    "value",
    [
        '"posthog"',
        '"posthog.models.team"',
        '"warehouse"',
        '"warehouse.util"',
        '"posthog.warehouse_utils"',
        '"posthog.warehouse_utils.x"',
        '"posthog_warehouse.util"',
        '"posthog/warehouse/util.py"',
        '"posthog-warehouse"',
        '"https://posthog.warehouse.io/x"',
        '"//posthog.warehouse/x"',
        '"warehouse://x"',
        '"posthog.warehouse_utils://x"',
        '"posthog.warehouse.nothing://x"',
        '"x+posthog.warehouse.util://x"',
        '"me@posthog.warehouse"',
        '"me@posthog.warehouse.io"',
        '"my.posthog.warehouse.util"',
        '"xposthog.warehouse"',
        '" posthog.warehouse"',
        '"see posthog.warehouse.util"',
        '"posthog.warehouse is gone"',
        '"posthog.warehouse.util failed"',
        '"posthog.warehouse, posthog.models"',
        '"SELECT * FROM posthog.warehouse"',
        '"posthog.warehouse."\'models x\'',
        '"posthog.warehouse-util"',
        '"posthog.warehouse/util"',
        '"posthog.warehouse:8080"',
        '"posthog.warehouse:8080/x"',
        '"posthog.warehouse.1"',
        '"posthog.warehouse\\n"',
        'b"posthog.warehouse.util"',
        'f"{x}.warehouse"',
        'f"{x}posthog.warehouse.util"',
        'f"posthog.{x}"',
        'f"posthog.{x}.warehouse"',
        'f"see posthog.warehouse.{x}"',
        'f"posthog.warehouse.{x} failed"',
        'f"posthog.warehouse_utils.{x}"',
        'f"posthog.warehouse/{x}"',
        '("warehouse", "util")',
    ],
)
def test_untouched(value: str) -> None:
    unchanged(f"x = {value}\n")
    unchanged(f"f({value})\n", "posthog/warehouse/util.py")


@pytest.mark.parametrize(
    "text",
    [
        "x = models.ForeignKey('posthog.warehouse', models.CASCADE)",
        "x = models.ManyToManyField(to='posthog.warehouse', through='posthog.warehouse')",
        "x = TreeForeignKey('posthog.warehouse')",
        "migrations.CreateModel(name='x', bases=('posthog.warehouse', models.Model))",
        "apps.get_model('posthog.warehouse')",
    ],
)
def test_labels_of_models_are_untouched(text: str) -> None:
    unchanged(f"{text}\n")


def test_a_path_where_a_label_may_stand() -> None:
    text = "x = Field(to='posthog.warehouse.util.f')\n"
    rewritten(text, text.replace("posthog.warehouse", NEW))


@pytest.mark.parametrize(
    "text",
    [
        '"""posthog.warehouse.util"""\n',
        'def f():\n    "posthog.warehouse.util"\n',
        'class A:\n    x = 1\n    "posthog.warehouse.util"\n',
        "__all__ = ['warehouse', 'util']\n",
        "urlpatterns = [path('warehouse/', x)]\n",
    ],
)
def test_docstrings_and_names_are_untouched(text: str) -> None:
    unchanged(text)


@pytest.mark.parametrize(
    "value",
    [
        '"posthog.warehouse"',
        "'posthog.warehouse'",
        '"posthog.warehouse.util"',
        '"posthog.warehouse.models.table.Table"',
        '"posthog.warehouse.models.table.Table.save"',
        '"posthog.warehouse.models.Table"',
        '"posthog.warehouse.migrations.0002_initial"',
        '"posthog.warehouse.migrations.0002_initial.forwards"',
        '"posthog.warehouse.util:main"',
        '"posthog.warehouse:app.main"',
        '"posthog.warehouse.util://x?y=1"',
        '"posthog.warehouse."',
        '"posthog.warehouse.*"',
        '"posthog.warehouse.tasks.*"',
        '"posthog.warehouse.%s"',
        '"posthog.warehouse.{}.x"',
        '"posthog.warehouse.{name}"',
        '"posthog.warehouse.%(name)s"',
        'r"posthog.warehouse.util"',
        'u"posthog.warehouse.util"',
        'R"posthog.warehouse.util"',
        '"""posthog.warehouse.util"""',
        "r'''posthog.warehouse.util'''",
        '"" "posthog.warehouse.util"',
        '"posthog.warehouse.util" ".f"',
        '("posthog.warehouse"  # why\n    ".util.f")',
        '"posthog.warehouse.util.\\x66"',
        'f"posthog.warehouse.{x}"',
        'f"posthog.warehouse.mod{x}"',
        'f"posthog.warehouse.util.{x!r:>{w}}.y"',
        'f"posthog.warehouse.util:{x}"',
        'F"posthog.warehouse.util"',
        'rf"posthog.warehouse.{x}"',
        'f"posthog.warehouse." f"{x}"',
        '"posthog.warehouse." f"{x}"',
        '{"posthog.warehouse.util": {"level": "INFO"}}',
        'import_string("posthog.warehouse.util.f")',
        'f"{import_string(\'posthog.warehouse.util\')}"',
    ],
)
@pytest.mark.parametrize("path", ["posthog/utils.py", "posthog/warehouse/util.py", "ee/migrations/0001_initial.py"])
def test_rewritten(value: str, path: str) -> None:
    text = f"é = 'é'; x = {value}  # posthog.warehouse\r\n"
    rewritten(text, f"é = 'é'; x = {value.replace('posthog.warehouse', NEW)}  # posthog.warehouse\r\n", path)


def test_nested_quotes() -> None:
    rewritten("f'{f('posthog.warehouse.util')}'\n", f"f'{{f('{NEW}.util')}}'\n")


@pytest.mark.parametrize(
    "text",
    [
        "@patch('posthog.warehouse.util.f')\ndef test(): ...\n",
        "def f(x: 'posthog.warehouse.util.T') -> 'posthog.warehouse.util.R': ...\n",
        "match x:\n    case 'posthog.warehouse.util':\n        pass\n",
        "def f(x='posthog.warehouse.util'): ...\n",
        "MIDDLEWARE = [\n    'django.x',\n    'posthog.warehouse.util.M',  # why\n]\n",
        "class Config(AppConfig):\n    name = 'posthog.warehouse'\n    label = 'warehouse'\n",
        "sys.modules['posthog.warehouse.util'] = x\n",
    ],
)
def test_places(text: str) -> None:
    rewritten(text, text.replace("posthog.warehouse", NEW))


@pytest.mark.parametrize(
    ("value", "reason"),
    [
        ('"posthog.ware" "house.util"', "in pieces or with escapes"),
        ('"posthog." f"warehouse.{x}"', "in pieces or with escapes"),
        ('"p\\x6fsthog.warehouse.util"', "in pieces or with escapes"),
        ('f"posthog.warehouse{x}"', "goes on in an expression"),
    ],
)
def test_what_can_t_be_replaced_is_listed(value: str, reason: str) -> None:
    unchanged(f"x = {value}  # warehouse\n", doubtful=[reason])


def test_what_may_be_a_host_is_listed() -> None:
    unchanged("x = 'posthog.warehouse.com', 'posthog.warehouse.net'\n", doubtful=["name of a host", "name of a host"])


@pytest.mark.parametrize(
    "text",
    [
        "CACHES = {'default': {'BACKEND': 'posthog.warehouse.util.C', 'KEY_FUNCTION': 'posthog.warehouse.util.k'}}",
        "LOGGING = {'loggers': {'posthog.warehouse': {}, 'posthog.warehouse.util': {'handlers': ['x']}}}",
        "LOGGING = {'handlers': {'h': {'class': 'posthog.warehouse.util.H'}}, 'formatters': {'f': {'()': 'posthog.warehouse.util.F'}}}",
        "CELERY_IMPORTS = ('posthog.warehouse.tasks',)",
        "CELERY_BEAT_SCHEDULE = {'x': {'task': 'posthog.warehouse.util.f'}}",
        "REST_FRAMEWORK = {'DEFAULT_AUTHENTICATION_CLASSES': ['posthog.warehouse.util.A'], 'EXCEPTION_HANDLER': 'posthog.warehouse.util.h'}",
        "STORAGES = {'default': {'BACKEND': 'posthog.warehouse.util.S', 'OPTIONS': {}}}",
        "DEFAULT_FILE_STORAGE = 'posthog.warehouse.util.S'",
        "TEMPLATES = [{'OPTIONS': {'context_processors': ['posthog.warehouse.util.c'], 'libraries': {'wh': 'posthog.warehouse.util'}}}]",
        "MIGRATION_MODULES = {'posthog': 'posthog.warehouse.migrations'}",
        "DATABASE_ROUTERS, ROOT_URLCONF = ['posthog.warehouse.util.R'], 'posthog.warehouse.util'",
        "pytest_plugins = 'posthog.warehouse.util'",
        "pytest_plugins = ['posthog.warehouse.util', 'posthog.warehouse.tasks']",
        "urlpatterns = [path('', include(('posthog.warehouse.util', 'app'), namespace='x'))]",
        "handler404 = 'posthog.warehouse.util.h'",
        "os.environ.setdefault('DJANGO_SETTINGS_MODULE', 'posthog.warehouse.util')",
        "with self.assertLogs('posthog.warehouse.util', 'INFO'): pass",
        "@override_settings(A='posthog.warehouse.util.f')\ndef test(): ...",
        "@modify_settings(MIDDLEWARE={'append': 'posthog.warehouse.util.M'})\ndef test(): ...",
        "x: 'posthog.warehouse.util.T' = None",
        "importlib.resources.files('posthog.warehouse')",
    ],
)
def test_settings_and_the_like(text: str) -> None:
    rewritten(f"{text}\n", f"{text}\n".replace("posthog.warehouse", NEW))


def test_neighbouring_literals_share_the_new_path() -> None:
    rewritten("x = 'posthog.' 'warehouse.util'\n", "x = 'products.' 'data_warehouse.backend.util'\n")
    rewritten("x = ('posthog'  # why\n    r'.warehouse.util')\n", "x = ('products'  # why\n    r'.data_warehouse.backend.util')\n")
    unchanged("x = 'posthog.' 'warehouse.util'\n", moves=moves_for({"posthog.warehouse.util": "util"}), doubtful=["in pieces"])


@pytest.mark.parametrize(
    "text",
    [
        "sys.modules.get('warehouse')\n",
        "sys.modules.pop('warehouse', None)\n",
        "sys.modules.setdefault('warehouse', x)\n",
        "x = 'warehouse' in sys.modules\n",
        "monkeypatch.setitem(sys.modules, 'warehouse', x)\n",
        "monkeypatch.delitem(sys.modules, 'warehouse')\n",
        "patch.dict(sys.modules, {'warehouse': x})\n",
        "mock.patch.dict('sys.modules', values={'warehouse': x, 'warehouse.util': x})\n",
        "sys.modules.update({'warehouse': x})\n",
    ],
)
def test_names_of_loaded_modules(text: str) -> None:
    rewritten(text, text.replace("warehouse", "products.wh"), "app.py", TOP)


@pytest.mark.parametrize(
    "text",
    [
        "x = 'warehouse' in modules\n",
        "x.modules.get('warehouse')\n",
        "patch.dict(os.environ, {'warehouse': 'x'})\n",
        "patch.dict(sys.modules, {'x': 'warehouse'})\n",
        "monkeypatch.setitem(sys.modules, 'x', 'warehouse')\n",
        "monkeypatch.setitem(sys.modules)\nx = sys.modules.copy(), 'warehouse'\n",
    ],
)
def test_what_only_looks_like_the_name_of_a_loaded_module(text: str) -> None:
    unchanged(text, "app.py", TOP)


def test_what_does_not_exist_is_listed() -> None:
    unchanged("x = 'posthog.warehouse.Gone'\n", moves=KNOWN, doubtful=["posthog.warehouse has no Gone"])
    unchanged("x = 'posthog.warehouse.com'\n", moves=KNOWN, doubtful=["posthog.warehouse has no com"])
    rewritten("x = 'posthog.warehouse.Thing.x'\n", f"x = '{NEW}.Thing.x'\n", moves=KNOWN)
    generated = moves_for({"posthog.warehouse": NEW}, "posthog/ posthog.utils")
    unchanged("x = 'posthog.warehouse.util'\n", moves=generated, doubtful=["no such module"])


def test_symbol_that_a_package_hands_on_exists() -> None:
    moves = moves_for(
        {"posthog.warehouse": NEW}, bindings={"posthog.warehouse": []}, remap={"posthog.warehouse": {"Thing": "posthog.warehouse.util"}}
    )
    rewritten("x = 'posthog.warehouse.Thing'\n", f"x = '{NEW}.Thing'\n", moves=moves)


def test_submodule_that_goes_elsewhere() -> None:
    text = "x = ['posthog.warehouse.special.f', 'posthog.warehouse.util.f', 'posthog.warehouse']\n"
    rewritten(text, f"x = ['common.special.f', '{NEW}.util.f', '{NEW}']\n", moves=SPECIAL)
    unchanged("x = f'posthog.warehouse.{y}'\n", moves=SPECIAL, doubtful=["may not go with its package"])
    unchanged("x = 'posthog.warehouse.%s'\n", moves=SPECIAL, doubtful=["may not go with its package"])
    rewritten("x = f'posthog.warehouse.special.{y}'\n", "x = f'common.special.{y}'\n", moves=SPECIAL)


def test_two_moves_at_once() -> None:
    swap = moves_for({"pkg.a": "pkg.b", "pkg.b": "pkg.a"}, "pkg/ pkg.a/ pkg.a.x pkg.b/ pkg.b.x pkg.c")
    rewritten("x = 'pkg.a.x', 'pkg.b.x.f'\n", "x = 'pkg.b.x', 'pkg.a.x.f'\n", "pkg/c.py", swap, again=False)


@pytest.mark.parametrize(
    "text",
    [
        "x = 'warehouse'\n",
        "x = 'warehouse.com'\n",
        "x = 'warehouse:8080'\n",
        "x = 'warehouse.*'\n",
        "x = f'warehouse.{y}'\n",
        "path('warehouse', view)\n",
        "TEMPLATES = ['warehouse']\n",
        "f(include, 'warehouse')\n",
    ],
)
def test_one_word_is_not_rewritten_by_its_looks(text: str) -> None:
    unchanged(text, "app.py", TOP)


@pytest.mark.parametrize(
    "text",
    [
        "x = 'warehouse.Thing'\n",
    ],
)
def test_one_word_that_may_be_a_path_is_listed(text: str) -> None:
    unchanged(text, "app.py", TOP, doubtful=["warehouse"])


@pytest.mark.parametrize(
    "text",
    [
        "import_module('warehouse')\n",
        "mock.patch('warehouse.Thing')\n",
        "path('x/', include('warehouse'))\n",
        "sys.modules['warehouse']\n",
        "pytest_plugins = ['warehouse']\n",
        "import_module(f'warehouse.{x}')\n",
        "INSTALLED_APPS = ['django.x', 'warehouse']\n",
        "INSTALLED_APPS += ('warehouse',)\n",
        "if apps.is_installed('warehouse'): ...\n",
    ],
)
def test_one_word_where_only_a_path_can_stand(text: str) -> None:
    rewritten(text, text.replace("warehouse", "products.wh"), "app.py", TOP)


def test_a_dotted_path_below_one_word() -> None:
    rewritten("x = 'warehouse.models.X'\n", "x = 'products.wh.models.X'\n", "app.py", TOP)
    rewritten("x = 'warehouse.models'\n", "x = 'products.wh.models'\n", "app.py", TOP)


def test_strings_that_the_plan_keeps() -> None:
    moves = dataclasses.replace(KNOWN, keep=frozenset({"posthog.warehouse.tasks.sync", "posthog.warehouse.Gone"}))
    text = "x = 'posthog.warehouse.tasks.sync', 'posthog.warehouse.tasks.other', 'posthog.warehouse.Gone'\n"
    expected = text.replace("posthog.warehouse.tasks.other", f"{NEW}.tasks.other")
    check(dotted_strings, text, expected, moves=moves, left=["kept: moves.yml", "Gone: kept: moves.yml"])


SYNC = "posthog.warehouse.tasks.sync"
TASKS = dataclasses.replace(WAREHOUSE, tasks=frozenset({SYNC, "posthog.warehouse.big"}))


@pytest.mark.parametrize(
    "text",
    [
        "send_task('posthog.warehouse.tasks.sync', args)\n",
        "current_app.send_task('posthog.warehouse.tasks.sync')\n",
        "celery.signature('posthog.warehouse.tasks.sync')\n",
        "x = app.tasks['posthog.warehouse.tasks.sync']\n",
        "app.tasks.get('posthog.warehouse.tasks.sync')\n",
        "x = {'nightly': {'task': 'posthog.warehouse.tasks.sync', 'schedule': 1}}\n",
        "app.conf.task_routes = {'posthog.warehouse.tasks.sync': {'queue': 'x'}}\n",
        "CELERY_TASK_ROUTES = {'posthog.warehouse.tasks.*': {'queue': 'x'}}\n",
        "CELERY_TASK_ROUTES = ([('posthog.warehouse.*', 'q')],)\n",
        "app.conf.update(task_annotations={'posthog.warehouse.tasks.sync': {'rate_limit': '1/s'}})\n",
        "PeriodicTask.objects.create(name='x', task='posthog.warehouse.tasks.sync')\n",
        "@shared_task(name='posthog.warehouse.tasks.sync')\ndef sync(): ...\n",
        "@shared_task(name='posthog.warehouse.big')\ndef sync(): ...\n",
        "if task.name == 'posthog.warehouse.tasks.sync': pass\n",
        "x = sender in ('posthog.warehouse.tasks.sync', 'y')\n",
        "x = task.name.startswith('posthog.warehouse.tasks')\n",
        "mock_send_task.assert_called_once_with('posthog.warehouse.tasks.sync')\n",
        "name = 'posthog.warehouse.tasks.sync'\nsend_task(name, args)\nsend_task(name)\n",
        "send_task(f'posthog.warehouse.tasks.{name}')\n",
        "x = f'{send_task(\"posthog.warehouse.tasks.sync\")}'\n",
    ],
)
@pytest.mark.parametrize("path", ["posthog/utils.py", "posthog/warehouse/tasks.py"])
def test_names_of_tasks_stay(text: str, path: str) -> None:
    (reference,) = check(dotted_strings, text, path=path, moves=TASKS, left=["kept: the name of a Celery task"])
    assert reference.kind == "task name" and reference.old == reference.new


@pytest.mark.parametrize(
    "text",
    [
        "@patch('posthog.warehouse.tasks.sync')\ndef test(m): ...\n",
        "@mock.patch('posthog.warehouse.tasks.sync.delay')\ndef test(m): ...\n",
        "with mocker.patch.dict('posthog.warehouse.tasks.sync', x): pass\n",
        "monkeypatch.setattr('posthog.warehouse.tasks.sync', x)\n",
        "import_string('posthog.warehouse.tasks.sync')\n",
        "TASK_MODULES = ['posthog.warehouse.tasks']\n",
        "app.autodiscover_tasks(['posthog.warehouse.tasks'])\n",
        "Celery('x', include=['posthog.warehouse.tasks'])\n",
        "path = 'posthog.warehouse.tasks.sync'\nwith patch(path): pass\n",
        "x = {'class': 'posthog.warehouse.tasks.sync'}\n",
        "send_task('posthog.warehouse.util.f')\n",
        "x = 'posthog.warehouse.tasks.sync.retry'\n",
        "x = 'posthog.warehouse.tasks:sync'\n",
    ],
)
def test_paths_of_tasks_and_of_their_modules_follow(text: str) -> None:
    check(dotted_strings, text, text.replace("posthog.warehouse", NEW), moves=TASKS)


@pytest.mark.parametrize(
    "text",
    [
        "x = 'posthog.warehouse.tasks.sync'\n",
        "x = ['posthog.warehouse.tasks.sync']\n",
        "x = 'posthog.warehouse.tasks.%s' % y\n",
        "x = f'posthog.warehouse.tasks.{y}'\n",
        "name = 'posthog.warehouse.tasks.sync'\nsend_task(name)\npatch(name)\n",
    ],
)
def test_what_may_be_a_path_or_a_name_of_a_task_is_left(text: str) -> None:
    check(dotted_strings, text, moves=TASKS, left=["names a Celery task, which keeps its name; or"])
    renaming = dataclasses.replace(TASKS, rename_tasks=True)
    check(dotted_strings, text, text.replace("posthog.warehouse", NEW), moves=renaming)


@pytest.mark.parametrize(
    "value",
    [
        '"x = warehouse.cli:main"',
        '"run = posthog.warehouse_utils.cli:main"',
        '"a.id = posthog.warehouse.id"',
        '"run = posthog.warehouse.cli:main is old"',
        '"python -m posthog.warehouse_utils"',
        '"python -m posthog.warehouse-util"',
        '"the posthog.warehouse module"',
        '"x-m posthog.warehouse.util"',
        '".".join(["posthog", "utils"])',
        '",".join(["posthog", "warehouse"])',
        '".".join(["posthog", name, "warehouse"])',
        'getattr(posthog, "warehouse")',
        'getattr(self, "warehouse")',
    ],
)
def test_longer_texts_are_untouched(value: str) -> None:
    unchanged(f"x = {value}  # posthog.warehouse\n")


@pytest.mark.parametrize(
    "value",
    [
        '"run = posthog.warehouse.util:main"',
        '"run=posthog.warehouse.util:main [extra]"',
        '"""\n[console_scripts]\nrun = posthog.warehouse.util:main\nstop = posthog.warehouse.util:stop\n"""',
        '"python -m posthog.warehouse.util --all"',
        '"cd x && python -m posthog.warehouse.util."',
        '["python", "-m", "posthog.warehouse.util"]',
        '"celery -A posthog.warehouse worker"',
        '"--cov=posthog.warehouse"',
        '"DJANGO_SETTINGS_MODULE=posthog.warehouse.util"',
        'f"python -m posthog.warehouse.util {x}"',
        'cast("list[posthog.warehouse.util.T]", x)',
        'cast("posthog.warehouse.util.T | posthog.warehouse.util.R", x)',
        'TypeVar("T", bound="posthog.warehouse.util.T")',
        '"posthog.warehouse.%s" % name',
        '"posthog.warehouse.{}".format(name)',
        '"posthog.warehouse." + name',
        'getLogger("posthog.warehouse.util")',
        'patch.multiple("posthog.warehouse.util", f=1)',
        'patch.dict("posthog.warehouse.util.CACHE", clear=True)',
        '__import__("posthog.warehouse.util", fromlist=["f"])',
        'import_module(".util", package="posthog.warehouse")',
        'import_module(".util", "posthog.warehouse")',
        'import_module(name, "posthog.warehouse")',
        'import_module("." + name, package="posthog.warehouse")',
    ],
)
def test_paths_in_longer_texts_and_known_calls(value: str) -> None:
    text = f"x = {value}\n"
    rewritten(text, text.replace("posthog.warehouse", NEW))


def test_entry_points_of_setup() -> None:
    text = "setup(entry_points={'pytest11': ['wh = posthog.warehouse.util']})\n"
    unchanged(text)
    rewritten(text, text.replace("posthog.warehouse", NEW), "setup.py")


def test_loggers_follow_whether_or_not_they_are_modules() -> None:
    text = "LOGGING = {'loggers': {'posthog.warehouse.Gone': {}}}\nlogging.getLogger('posthog.warehouse.Gone.x')\n"
    rewritten(text, text.replace("posthog.warehouse", NEW), moves=KNOWN)


@pytest.mark.parametrize(
    ("value", "expected"),
    [
        ('".".join(["posthog", "warehouse"])', '".".join(["products", "data_warehouse.backend"])'),
        ("'.'.join(('posthog', 'warehouse', 'util', x))", "'.'.join(('products', 'data_warehouse.backend', 'util', x))"),
        ('".".join(["posthog", "warehouse", *x])', '".".join(["products", "data_warehouse.backend", *x])'),
    ],
)
def test_paths_in_parts(value: str, expected: str) -> None:
    check(dotted_strings, f"x = {value}\n", f"x = {expected}\n")


def test_paths_in_parts_that_become_fewer() -> None:
    moves = moves_for({"posthog.warehouse.util": "util"})
    check(dotted_strings, "x = '.'.join(['posthog', 'warehouse', 'util'])\n", moves=moves, left=["fewer parts"])


def test_names_that_a_module_does_not_have() -> None:
    moves = dataclasses.replace(WAREHOUSE, symbols={"posthog.warehouse.util": frozenset({"f", "Thing"})})
    text = "x = 'posthog.warehouse.util.f', 'posthog.warehouse.util.Thing.x'\npatch('posthog.warehouse.util.open')\n"
    rewritten(text, text.replace("posthog.warehouse", NEW), moves=moves)
    unchanged("x = 'posthog.warehouse.util.rows_synced'\n", moves=moves, doubtful=["util has no rows_synced"])


def test_doubtful_head_and_a_path_in_the_braces() -> None:
    text = "x = f\"posthog.warehouse{f('posthog.warehouse.util')}\"\n"
    rewritten(text, text.replace("posthog.warehouse.util", f"{NEW}.util"), doubtful=["goes on in an expression"])

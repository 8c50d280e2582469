"""INSTALLED_APPS is edited where and how its author would have done it."""

from __future__ import annotations

import importlib
import sys
from collections.abc import Mapping
from pathlib import Path

import pytest

from migration.core.errors import PhaseError
from migration.django.settings.edit_installed_apps import Settings, SettingsEdit, add_app, replace_app, same_app
from migration.engine.edited import edited
from migration.python.source_file import SourceFile

NEW = "products.warehouse.backend.apps.WarehouseConfig"
APP = "posthog.apps.PostHogConfig"
MODULE = "conf.settings"


def settings_of(files: Mapping[str, str], installed: tuple[str, ...] = (), module: str = MODULE) -> Settings:
    sources = {}
    for path, text in files.items():
        dotted = path.removesuffix(".py").replace("/", ".").removesuffix(".__init__")
        sources[dotted] = SourceFile(path, text.encode(), dotted)
    return Settings(module, sources, installed)


def evaluate(folder: Path, files: Mapping[str, str], name: str = "INSTALLED_APPS") -> list[str]:
    """INSTALLED_APPS of ``conf.settings`` as Python computes it."""
    for path, text in files.items():
        (folder / path).parent.mkdir(parents=True, exist_ok=True)
        (folder / path).write_bytes(text.encode())
    sys.path.insert(0, str(folder))
    importlib.invalidate_caches()
    try:
        return list(getattr(importlib.import_module(MODULE), name))
    finally:
        sys.path.remove(str(folder))
        for module in [m for m in sys.modules if m.partition(".")[0] in ("conf", "environ")]:
            del sys.modules[module]


def writes(edit: SettingsEdit) -> dict[str, bytes]:
    """The new bytes of each file, proven."""
    return {source.path: raw for source, entries in edit.edits if (raw := edited(source, entries)) is not None}


def after(files: Mapping[str, str], edit: SettingsEdit) -> dict[str, str]:
    return {**files, **{path: raw.decode() for path, raw in writes(edit).items()}}


def added(
    folder: Path, files: Mapping[str, str], new: str = NEW, beside: tuple[str, ...] = (APP,)
) -> dict[str, str]:
    """The files after the entry was added; checks what Python makes of them, and a second run."""
    before = evaluate(folder / "before", files)
    edit = add_app(settings_of(files, tuple(before)), new, beside)
    assert edit.by_hand is None and edit.edits and edit.place
    result = after(files, edit)
    now = evaluate(folder / "after", result)
    assert sorted(now) == sorted([*before, new])
    assert [entry for entry in now if entry != new] == before
    for known in ((), tuple(before), tuple(now)):  # also before Django was asked again
        again = add_app(settings_of(result, known), new, beside)
        assert not again.edits and again.by_hand is None
    # there and back
    back = replace_app(settings_of(result, tuple(now)), new, "products.other")
    assert sorted(evaluate(folder / "back", after(result, back))) == sorted([*before, "products.other"])
    return result


ONE_FILE = {
    "one per line, sibling last": (
        """\
INSTALLED_APPS = [
    "posthog.apps.PostHogConfig",
    "products.b.apps.B",
    "products.a.apps.A",
]
""",
        """\
INSTALLED_APPS = [
    "posthog.apps.PostHogConfig",
    "products.b.apps.B",
    "products.a.apps.A",
    "NEW",
]
""",
    ),
    "sorted siblings stay sorted": (
        """\
INSTALLED_APPS = [
    "a",
    "products.a",
    "products.z",  # last
    "posthog.apps.PostHogConfig",
]
""",
        """\
INSTALLED_APPS = [
    "a",
    "products.a",
    "NEW",
    "products.z",  # last
    "posthog.apps.PostHogConfig",
]
""",
    ),
    "sorted siblings, new one first, below their heading": (
        """\
INSTALLED_APPS = [
    "posthog.apps.PostHogConfig",
    # products
    "products.x",
    "products.z",
]
""",
        """\
INSTALLED_APPS = [
    "posthog.apps.PostHogConfig",
    # products
    "NEW",
    "products.x",
    "products.z",
]
""",
    ),
    "sorted in a row, new one first": (
        "INSTALLED_APPS = ['products.x', 'products.z']\n",
        "INSTALLED_APPS = ['NEW', 'products.x', 'products.z']\n",
    ),
    "right after the surrounding app": (
        """\
INSTALLED_APPS = [
    "z",
    "posthog.apps.PostHogConfig",
    "b",
]
""",
        """\
INSTALLED_APPS = [
    "z",
    "posthog.apps.PostHogConfig",
    "NEW",
    "b",
]
""",
    ),
    "a sorted block of all kinds stays sorted": (
        """\
INSTALLED_APPS = [
    "django.contrib.admin",

    "a",
    "posthog.apps.PostHogConfig",
    "pp",
    "z",
]
""",
        """\
INSTALLED_APPS = [
    "django.contrib.admin",

    "a",
    "posthog.apps.PostHogConfig",
    "pp",
    "NEW",
    "z",
]
""",
    ),
    "comment at the end of the line stays": (
        """\
INSTALLED_APPS = [
    "posthog.apps.PostHogConfig",  # the app, [sic]
    # others
    "b",
]
""",
        """\
INSTALLED_APPS = [
    "posthog.apps.PostHogConfig",  # the app, [sic]
    "NEW",
    # others
    "b",
]
""",
    ),
    "last without comma": (
        """\
INSTALLED_APPS = [
  'b',
  'posthog.apps.PostHogConfig'  # no comma, yet
]
""",
        """\
INSTALLED_APPS = [
  'b',
  'posthog.apps.PostHogConfig',  # no comma, yet
  'NEW'
]
""",
    ),
    "last without comma nor comment": (
        "INSTALLED_APPS = (\n\t'b',\n\t'posthog.apps.PostHogConfig'\n)\n",
        "INSTALLED_APPS = (\n\t'b',\n\t'posthog.apps.PostHogConfig',\n\t'NEW'\n)\n",
    ),
    "closing bracket on the last line": (
        """\
INSTALLED_APPS = [
    "b",
    "posthog.apps.PostHogConfig",]
""",
        """\
INSTALLED_APPS = [
    "b",
    "posthog.apps.PostHogConfig",
    "NEW",]
""",
    ),
    "aligned with the bracket": (
        """\
INSTALLED_APPS = ["posthog.apps.PostHogConfig",
                  "b"]
""",
        """\
INSTALLED_APPS = ["posthog.apps.PostHogConfig",
                  "NEW",
                  "b"]
""",
    ),
    "comma first": (
        """\
INSTALLED_APPS = [
      "b"
    , "posthog.apps.PostHogConfig"  # app
    , "c"
]
""",
        """\
INSTALLED_APPS = [
      "b"
    , "posthog.apps.PostHogConfig"  # app
    , "NEW"
    , "c"
]
""",
    ),
    "comma first, behind the first": (
        """\
INSTALLED_APPS = [
      "posthog.apps.PostHogConfig"
    , "c"
]
""",
        """\
INSTALLED_APPS = [
      "posthog.apps.PostHogConfig"
    , "NEW"
    , "c"
]
""",
    ),
    "several per line": (
        """\
INSTALLED_APPS = [
    "a", "posthog.apps.PostHogConfig",
    "b", "c",
]
""",
        """\
INSTALLED_APPS = [
    "a", "posthog.apps.PostHogConfig", "NEW",
    "b", "c",
]
""",
    ),
    "one line": (
        'INSTALLED_APPS = ["posthog.apps.PostHogConfig","b"]\n',
        'INSTALLED_APPS = ["posthog.apps.PostHogConfig","NEW","b"]\n',
    ),
    "tuple of one": (
        "INSTALLED_APPS = ('posthog.apps.PostHogConfig',)\n",
        "INSTALLED_APPS = ('posthog.apps.PostHogConfig', 'NEW')\n",
    ),
    "tuple without parentheses": (
        "INSTALLED_APPS = 'posthog.apps.PostHogConfig', 'b'\n",
        "INSTALLED_APPS = 'posthog.apps.PostHogConfig', 'NEW', 'b'\n",
    ),
    "tuple of one without parentheses": (
        "INSTALLED_APPS = 'posthog.apps.PostHogConfig',\n",
        "INSTALLED_APPS = 'posthog.apps.PostHogConfig', 'NEW'\n",
    ),
    "parentheses around the entries": (
        """\
INSTALLED_APPS = ("posthog."  # long
  "apps.PostHogConfig"), ("b")
""",
        """\
INSTALLED_APPS = ("posthog."  # long
  "apps.PostHogConfig"), "NEW", ("b")
""",
    ),
    "empty list": (
        """\
DEBUG = 'x'
INSTALLED_APPS = []
""",
        """\
DEBUG = 'x'
INSTALLED_APPS = ['NEW']
""",
    ),
    "empty tuple": (
        "INSTALLED_APPS = ( )\n",
        'INSTALLED_APPS = ("NEW",)\n',
    ),
    "empty list over lines": (
        """\
INSTALLED_APPS = [
]
""",
        """\
INSTALLED_APPS = [
    "NEW",
]
""",
    ),
    "empty list with comments": (
        """\
INSTALLED_APPS = [  # none
  # so far
]
""",
        """\
INSTALLED_APPS = [  # none
  # so far
  "NEW",
]
""",
    ),
    "annotated": (
        """\
INSTALLED_APPS: list[str] = [
    "posthog.apps.PostHogConfig",
]
""",
        """\
INSTALLED_APPS: list[str] = [
    "posthog.apps.PostHogConfig",
    "NEW",
]
""",
    ),
    "line ends of Windows": (
        'A = 1\r\nINSTALLED_APPS = [\r\n    "posthog.apps.PostHogConfig",  # x\r\n]\r\n',
        'A = 1\r\nINSTALLED_APPS = [\r\n    "posthog.apps.PostHogConfig",  # x\r\n    "NEW",\r\n]\r\n',
    ),
    "nested stars, an empty list by its name": (
        """\
PRODUCTS_APPS = [
]
APPS = ["a", *PRODUCTS_APPS]
INSTALLED_APPS = [*APPS, "posthog.apps.PostHogConfig"]
""",
        """\
PRODUCTS_APPS = [
    "NEW",
]
APPS = ["a", *PRODUCTS_APPS]
INSTALLED_APPS = [*APPS, "posthog.apps.PostHogConfig"]
""",
    ),
    "an aggregate that PostHog has": (
        """\
PRODUCTS_APPS = ["products.z.backend.apps.Z", "products.a"]

INSTALLED_APPS = [
    "whitenoise",
    "posthog.apps.PostHogConfig",
    *PRODUCTS_APPS,
]
""",
        """\
PRODUCTS_APPS = ["products.z.backend.apps.Z", "products.a", "NEW"]

INSTALLED_APPS = [
    "whitenoise",
    "posthog.apps.PostHogConfig",
    *PRODUCTS_APPS,
]
""",
    ),
    "sums over lines": (
        """\
DJANGO_APPS = ["x"]
LOCAL_APPS = (
    "posthog.apps.PostHogConfig",
    # more to come
)
INSTALLED_APPS = (
    list(DJANGO_APPS) +
    list(LOCAL_APPS)
)
""",
        """\
DJANGO_APPS = ["x"]
LOCAL_APPS = (
    "posthog.apps.PostHogConfig",
    "NEW",
    # more to come
)
INSTALLED_APPS = (
    list(DJANGO_APPS) +
    list(LOCAL_APPS)
)
""",
    ),
    "own apps by the name of their list": (
        """\
DJANGO_APPS = ["x"]
LOCAL_APPS = ["mine"]
THIRD_PARTY_APPS = ["y"]
INSTALLED_APPS = DJANGO_APPS + LOCAL_APPS + THIRD_PARTY_APPS
""",
        """\
DJANGO_APPS = ["x"]
LOCAL_APPS = ["mine", "NEW"]
THIRD_PARTY_APPS = ["y"]
INSTALLED_APPS = DJANGO_APPS + LOCAL_APPS + THIRD_PARTY_APPS
""",
    ),
    "never where it only counts under a condition": (
        """\
import os
INSTALLED_APPS = ["posthog.apps.PostHogConfig"]
if not os.environ.get("NO_SUCH"):
    INSTALLED_APPS += ["products.debug"]
else:
    INSTALLED_APPS.append("products.prod")
INSTALLED_APPS += ["products.dev"] if os.name else []
""",
        """\
import os
INSTALLED_APPS = ["posthog.apps.PostHogConfig", "NEW"]
if not os.environ.get("NO_SUCH"):
    INSTALLED_APPS += ["products.debug"]
else:
    INSTALLED_APPS.append("products.prod")
INSTALLED_APPS += ["products.dev"] if os.name else []
""",
    ),
    "in every branch is sure": (
        """\
LOCAL = ["products.a"]
if LOCAL:
    INSTALLED_APPS = ["x"] + LOCAL
else:
    INSTALLED_APPS = LOCAL
""",
        """\
LOCAL = ["products.a", "NEW"]
if LOCAL:
    INSTALLED_APPS = ["x"] + LOCAL
else:
    INSTALLED_APPS = LOCAL
""",
    ),
    "a list that was overridden is not chosen": (
        """\
INSTALLED_APPS = ["products.old", "posthog.apps.PostHogConfig"]
INSTALLED_APPS = ["posthog.apps.PostHogConfig"]
""",
        """\
INSTALLED_APPS = ["products.old", "posthog.apps.PostHogConfig"]
INSTALLED_APPS = ["posthog.apps.PostHogConfig", "NEW"]
""",
    ),
    "added later": (
        """\
INSTALLED_APPS = ["posthog.apps.PostHogConfig"]
INSTALLED_APPS += (
    "products.z",
)
""",
        """\
INSTALLED_APPS = ["posthog.apps.PostHogConfig"]
INSTALLED_APPS += (
    "products.z",
    "NEW",
)
""",
    ),
    "extended": (
        """\
INSTALLED_APPS = []
INSTALLED_APPS.extend(["products.z"])
INSTALLED_APPS.insert(0, "first")
""",
        """\
INSTALLED_APPS = []
INSTALLED_APPS.extend(["products.z", "NEW"])
INSTALLED_APPS.insert(0, "first")
""",
    ),
    "appended one by one": (
        """\
INSTALLED_APPS = ["x"]
INSTALLED_APPS.append("products.z")  # z
INSTALLED_APPS.append("y")
""",
        """\
INSTALLED_APPS = ["x"]
INSTALLED_APPS.append("products.z")  # z
INSTALLED_APPS.append("NEW")
INSTALLED_APPS.append("y")
""",
    ),
    "tenants": (
        """\
SHARED_APPS = ["t", "posthog.apps.PostHogConfig"]
TENANT_APPS = ["t", "products.z"]
INSTALLED_APPS = list(SHARED_APPS) + [app for app in TENANT_APPS if app not in SHARED_APPS]
""",
        """\
SHARED_APPS = ["t", "posthog.apps.PostHogConfig"]
TENANT_APPS = ["t", "products.z", "NEW"]
INSTALLED_APPS = list(SHARED_APPS) + [app for app in TENANT_APPS if app not in SHARED_APPS]
""",
    ),
    "added in a loop": (
        """\
PRODUCTS_APPS = ["products.z"]
INSTALLED_APPS = ["x"]
for app in PRODUCTS_APPS:
    if app not in INSTALLED_APPS:
        INSTALLED_APPS.append(app)
""",
        """\
PRODUCTS_APPS = ["products.z", "NEW"]
INSTALLED_APPS = ["x"]
for app in PRODUCTS_APPS:
    if app not in INSTALLED_APPS:
        INSTALLED_APPS.append(app)
""",
    ),
    "without doubles": (
        """\
APPS = ["posthog.apps.PostHogConfig"]
INSTALLED_APPS = list(dict.fromkeys(APPS + ["x"]))
""",
        """\
APPS = ["posthog.apps.PostHogConfig", "NEW"]
INSTALLED_APPS = list(dict.fromkeys(APPS + ["x"]))
""",
    ),
    "text that is not ASCII before it": (
        'NAME = "Ünïcödé"; INSTALLED_APPS = ["posthog.apps.PostHogConfig", "ü"]\n',
        """\
NAME = "Ünïcödé"; INSTALLED_APPS = ["posthog.apps.PostHogConfig", "NEW", "ü"]
""",
    ),
}


@pytest.mark.parametrize("name", ONE_FILE)
def test_entry_is_added_in_the_style_of_its_neighbours(name: str, tmp_path: Path) -> None:
    before, expected = ONE_FILE[name]
    assert added(tmp_path, {"conf/settings.py": before})["conf/settings.py"] == expected.replace("NEW", NEW)


PACKAGES: dict[str, tuple[dict[str, str], str]] = {
    "star imports, PRODUCTS_APPS in web.py": (
        {
            "conf/settings/__init__.py": """\
from conf.settings.base import *
from .web import *
""",
            "conf/settings/base.py": "DEBUG = True\n",
            "conf/settings/web.py": """\
from conf.settings.base import DEBUG

PRODUCTS_APPS = [
    "products.early_access.backend.apps.EarlyAccessConfig",  # early access
]

INSTALLED_APPS = [
    "posthog.apps.PostHogConfig",
    *PRODUCTS_APPS,
]
""",
        },
        "conf/settings/web.py",
    ),
    "wagtail's template: base, dev, local": (
        {
            "conf/__init__.py": "",
            "conf/settings.py": """\
from .base import *

try:
    from .local import *
except ImportError:
    pass
""",
            "conf/base.py": """\
INSTALLED_APPS = [
    "home",
    "posthog.apps.PostHogConfig",
    "wagtail",
]
""",
            "conf/local.py": """\
from .base import INSTALLED_APPS

INSTALLED_APPS = INSTALLED_APPS + ["products.local"]
""",
        },
        "conf/base.py",
    ),
    "cookiecutter-django with environ": (
        {
            "environ.py": """\
class Env:
    def bool(self, name, default): return default
""",
            "conf/__init__.py": "",
            "conf/base.py": """\
import environ

env = environ.Env()
DEBUG = env.bool("DEBUG", False)
DJANGO_APPS = [
    "django.contrib.auth",
]
THIRD_PARTY_APPS = ["crispy_forms"]

LOCAL_APPS = [
    "users",
    # Your stuff: custom apps go here
]
INSTALLED_APPS = DJANGO_APPS + THIRD_PARTY_APPS + LOCAL_APPS
""",
            "conf/settings.py": """\
from .base import *  # noqa: F403
from .base import INSTALLED_APPS, env

INSTALLED_APPS = ["whitenoise", *INSTALLED_APPS]
if env.bool("X", True):
    INSTALLED_APPS += ["debug"]
""",
        },
        "conf/base.py",
    ),
    "a module that is imported as a whole": (
        {
            "conf/__init__.py": "",
            "conf/apps.py": 'OURS = ["products.z"]\n',
            "conf/base.py": """\
import conf.apps
from . import apps as listed

INSTALLED_APPS = ["x", *conf.apps.OURS] + []
""",
            "conf/settings.py": """\
from conf import base

INSTALLED_APPS = base.INSTALLED_APPS.copy()
""",
        },
        "conf/apps.py",
    ),
}


@pytest.mark.parametrize("name", PACKAGES)
def test_entry_is_added_in_the_file_that_holds_the_list(name: str, tmp_path: Path) -> None:
    files, path = PACKAGES[name]
    result = added(tmp_path, files)
    assert [changed for changed in files if files[changed] != result[changed]] == [path]


def test_settings_classes_and_included_files(tmp_path: Path) -> None:
    classes = """\
class Base:
    INSTALLED_APPS = ["posthog"]


class Dev(Base):
    INSTALLED_APPS = Base.INSTALLED_APPS + ["dev"]
"""
    edit = add_app(settings_of({"conf/settings.py": classes}, ("posthog", "dev")), NEW, ["posthog"])
    assert f'["posthog", "{NEW}"]' in next(iter(writes(edit).values())).decode()
    included = {
        "conf/settings.py": 'from split_settings.tools import *\n\ninclude("parts/*.py", optional("x.py"))\n',
        "conf/parts/apps.py": 'INSTALLED_APPS = ["posthog"]\n',
    }
    edit = add_app(settings_of(included, ("posthog",)), NEW, ["posthog"])
    assert [*writes(edit)] == ["conf/parts/apps.py"]


def test_the_nearest_siblings_win(tmp_path: Path) -> None:
    text = """\
A = ["posthog.one"]
B = ["posthog.products.one"]
INSTALLED_APPS = [*A, *B, "posthog.apps.PostHogConfig"]
"""
    new = "posthog.products.two"
    result = added(tmp_path, {"conf/settings.py": text}, new)
    assert f'B = ["posthog.products.one", "{new}"]' in result["conf/settings.py"]
    text = 'A = ["posthog.one", "posthog.three"]\nINSTALLED_APPS = [*A, "posthog.apps.PostHogConfig"]\n'
    result = added(tmp_path / "b", {"conf/settings.py": text}, "posthog.two")
    assert '"posthog.apps.PostHogConfig", "posthog.two"]' in result["conf/settings.py"]


@pytest.mark.parametrize(
    "text",
    [
        'import os\nINSTALLED_APPS = os.environ.get("APPS", "x").split(",")\n',
        'def apps():\n    return ["products.a", "x"]\n\n\nINSTALLED_APPS = apps()\n',
        'LIST = ["x", "products.a"]\n\ndef once(apps):\n    return apps\n\n\nINSTALLED_APPS = once(LIST)\n',
        'globals()["INSTALLED_APPS"] = ["x"]\n',
        'DEBUG = True\nif DEBUG:\n    INSTALLED_APPS = ["x"]\n',
    ],
)
def test_a_list_that_is_computed_is_left_to_a_person(text: str, tmp_path: Path) -> None:
    known = tuple(evaluate(tmp_path / "before", {"conf/settings.py": text}))
    edit = add_app(settings_of({"conf/settings.py": text}, known), NEW, [APP])
    assert not edit.edits and edit.by_hand is not None
    line = f'INSTALLED_APPS = [*INSTALLED_APPS, "{NEW}"]'
    assert edit.by_hand.remedy == f"add this line at the end of conf/settings.py: {line}"
    assert edit.by_hand.path == "conf/settings.py"
    done = {"conf/settings.py": f"{text}{line}\n"}
    assert NEW in evaluate(tmp_path / "after", done)
    again = add_app(settings_of(done, known), NEW, [APP])
    assert not again.edits and again.by_hand is None and again.place


def test_where_it_is_computed_is_said() -> None:
    files = {"conf/settings.py": "from .base import *\n", "conf/base.py": "\nINSTALLED_APPS = apps()\n"}
    edit = add_app(settings_of(files, ("x",)), NEW)
    assert edit.by_hand is not None and edit.by_hand.message.endswith("computed (conf/base.py:2)")


def test_settings_that_are_not_given_or_not_readable() -> None:
    assert add_app(settings_of({}, ("x",)), NEW).by_hand is not None
    assert add_app(settings_of({"conf/settings.py": "INSTALLED_APPS = [\n"}, ("x",)), NEW).by_hand is not None


@pytest.mark.parametrize("there", [NEW, "products.warehouse.backend"])
def test_an_app_that_is_there_is_not_added_again(there: str) -> None:
    for known in ((), ("x", there)):
        edit = add_app(settings_of({"conf/settings.py": f'INSTALLED_APPS = ["x", "{there}"]\n'}, known), NEW)
        assert edit == SettingsEdit(place="INSTALLED_APPS in conf/settings.py:1")


REPLACED = {
    "in place, with its quotes": (
        """\
INSTALLED_APPS = [
    'a',
    'wagtail.contrib.redirects',  # r
    "b",
]
""",
        """\
INSTALLED_APPS = [
    'a',
    'products.redirects.backend',  # r
    "b",
]
""",
    ),
    "longer names and other lists are left": (
        """\
INSTALLED_APPS = ["wagtail.contrib.redirects", "wagtail.contrib.redirects_x", "wagtail.contrib.redirects.s"]
OTHER = ["wagtail.contrib.redirects"]
# "wagtail.contrib.redirects"
""",
        """\
INSTALLED_APPS = ["products.redirects.backend", "wagtail.contrib.redirects_x", "wagtail.contrib.redirects.s"]
OTHER = ["wagtail.contrib.redirects"]
# "wagtail.contrib.redirects"
""",
    ),
    "given as AppConfig": (
        """\
INSTALLED_APPS = ["wagtail.contrib.redirects.apps.WagtailRedirectsAppConfig", "x"]
""",
        'INSTALLED_APPS = ["products.redirects.backend.apps.WagtailRedirectsAppConfig", "x"]\n',
    ),
    "under a condition, in a call, appended, overridden": (
        """\
X = ["wagtail.contrib.redirects"]
INSTALLED_APPS = ["wagtail.contrib.redirects"]
if True:
    INSTALLED_APPS = once(X)
INSTALLED_APPS.append("wagtail.contrib.redirects")
INSTALLED_APPS.remove("wagtail.contrib.redirects")
""",
        """\
X = ["products.redirects.backend"]
INSTALLED_APPS = ["products.redirects.backend"]
if True:
    INSTALLED_APPS = once(X)
INSTALLED_APPS.append("products.redirects.backend")
INSTALLED_APPS.remove("products.redirects.backend")
""",
    ),
    "in pieces": (
        "INSTALLED_APPS = ['wagtail.'\n 'contrib.redirects', 'x']\r\n",
        "INSTALLED_APPS = ['products.redirects.backend', 'x']\r\n",
    ),
    "raw and triple": (
        """\
INSTALLED_APPS = [r"wagtail.contrib.redirects", \"\"\"wagtail.contrib.redirects\"\"\"]
""",
        """\
INSTALLED_APPS = ["products.redirects.backend", "products.redirects.backend"]
""",
    ),
}


@pytest.mark.parametrize("name", REPLACED)
def test_entry_is_replaced_where_it_stands(name: str) -> None:
    before, expected = REPLACED[name]
    settings = settings_of({"conf/settings.py": before}, ("wagtail.contrib.redirects",))
    edit = replace_app(settings, "wagtail.contrib.redirects", "products.redirects.backend")
    assert [raw.decode() for raw in writes(edit).values()] == [expected] and edit.place
    for known in ((), ("products.redirects.backend",)):
        again = replace_app(
            settings_of({"conf/settings.py": expected}, known),
            "wagtail.contrib.redirects",
            "products.redirects.backend",
        )
        assert not again.edits and again.by_hand is None


def test_entry_is_replaced_in_every_settings_file() -> None:
    files = {
        "conf/settings.py": "from .base import *\n",
        "conf/base.py": 'APPS = ["a.b"]\nINSTALLED_APPS = APPS\n',
        "conf/test.py": 'INSTALLED_APPS = ("a.b",)\n',
        "conf/prod.py": 'from .base import *\n\nINSTALLED_APPS += ["c", "a.b.apps.BConfig"]\n',
        "conf/other.py": 'THINGS = ["a.b"]\n',
    }
    edit = replace_app(settings_of(files, ("a.b",)), "a.b", "c.d")
    assert sorted(writes(edit)) == ["conf/base.py", "conf/prod.py", "conf/test.py"]


def test_an_old_entry_that_is_not_written_out_is_left_to_a_person() -> None:
    edit = replace_app(settings_of({"conf/settings.py": "INSTALLED_APPS = apps()\n"}, ("a.b",)), "a.b", "c.d")
    assert not edit.edits and edit.by_hand is not None
    assert edit.by_hand.remedy == "replace 'a.b' by 'c.d' where INSTALLED_APPS gets it"


def test_the_encoding_of_the_file_is_kept() -> None:
    raw = '# -*- coding: latin-1 -*-\nNAME = "é"\nINSTALLED_APPS = ["é", "a.b"]\n'.encode("latin-1")
    settings = Settings("s", {"s": SourceFile("s.py", raw, "s")}, ("é", "a.b"))
    assert next(iter(writes(replace_app(settings, "a.b", "c.d")).values())) == raw.replace(b"a.b", b"c.d")
    marked = b"\xef\xbb\xbfINSTALLED_APPS = ['a.b']\n"
    settings = Settings("s", {"s": SourceFile("s.py", marked, "s")}, ("a.b",))
    assert next(iter(writes(add_app(settings, "c.d")).values())) == b"\xef\xbb\xbfINSTALLED_APPS = ['a.b', 'c.d']\n"


@pytest.mark.parametrize(
    ("one", "other", "same"),
    [
        ("a.b", "a.b", True),
        ("a.b", "a.b.apps.BConfig", True),
        ("a.b.apps.BConfig", "a.b", True),
        ("a.b", "a.b.BConfig", True),
        ("a.b", "a.b.c", False),
        ("a.b", "a.bc", False),
        ("a.b", "a.b.sub.apps.SubConfig", False),
        ("a.b.apps.One", "a.b.apps.Two", False),
    ],
)
def test_same_app(one: str, other: str, same: bool) -> None:
    assert same_app(one, other) is same


def test_an_entry_that_the_file_s_encoding_can_t_hold() -> None:
    source = SourceFile("conf.py", b"# coding: latin-1\nINSTALLED_APPS = ['core']\n", "conf")
    edit = add_app(Settings("conf", {"conf": source}, ("core",)), "\u043f.apps.X")
    with pytest.raises(PhaseError, match="conf.py: a new name can't be written in iso-8859-1"):
        writes(edit)

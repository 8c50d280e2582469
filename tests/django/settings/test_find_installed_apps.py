"""The places that make up INSTALLED_APPS: those that do not count, and those that do."""

from __future__ import annotations

from collections.abc import Iterable, Mapping

import pytest

from migration.django.settings.find_installed_apps import AppList, SettingsReader
from migration.python.source_file import SourceFile


def reader(files: Mapping[str, str]) -> SettingsReader:
    sources = {}
    for path, text in files.items():
        dotted = path.removesuffix(".py").replace("/", ".").removesuffix(".__init__")
        sources[dotted] = SourceFile(path, text.encode(), dotted)
    return SettingsReader(sources)


def shown(places: Iterable[AppList]) -> list[str]:
    """``name:line kind entries``, with a question mark where it does not always count."""
    return [
        f"{p.name}:{p.node.lineno} {p.kind}{'' if p.sure else '?'} {' '.join(text for text, _ in p.entries)}".rstrip()
        for p in places
    ]


@pytest.mark.parametrize("text", [
    "", "APPS = ['a']", "INSTALLED_APPS = 'a'", "INSTALLED_APPS = ['a']\nINSTALLED_APPS = []['']", "INSTALLED_APPS: list[str]",
    "def f():\n    INSTALLED_APPS = ['a']", "x.INSTALLED_APPS = ['a']", "x = (", "from elsewhere import INSTALLED_APPS",
])
def test_no_place_with_entries(text: str) -> None:
    places = reader({"conf.py": text}).installed("conf", [])
    assert [p for p in places if p.entries] == []
    assert reader({"conf.py": text}).installed("other", []) == ()


@pytest.mark.parametrize("text, expected", [
    ("INSTALLED_APPS = ['a', 'b', c]", ["INSTALLED_APPS:1 display a b"]),
    ("A = ('a',)\nINSTALLED_APPS = A + ['b']", ["A:1 display a", "INSTALLED_APPS:2 display b"]),
    ("A = ['a']\nA = ['z']\nINSTALLED_APPS = ['b', *A]", ["INSTALLED_APPS:3 display b", "A:2 display z"]),
    ("INSTALLED_APPS = ['a']\nINSTALLED_APPS += ['b']\nINSTALLED_APPS.append('c')",
     ["INSTALLED_APPS:1 display a", "INSTALLED_APPS:2 display b", "INSTALLED_APPS:3 append c"]),
    ("INSTALLED_APPS = ['a', 'b']\nINSTALLED_APPS.remove('b')", ["INSTALLED_APPS:1 display a b", "INSTALLED_APPS:2 mention? b"]),
    ("INSTALLED_APPS = ['a']\nif X:\n    INSTALLED_APPS += ['b']", ["INSTALLED_APPS:1 display a", "INSTALLED_APPS:3 display? b"]),
    ("if X:\n    INSTALLED_APPS = ['a']\nelse:\n    raise X", ["INSTALLED_APPS:2 display a"]),
    ("INSTALLED_APPS = ['a'] if X else ['b']", ["INSTALLED_APPS:1 display? a", "INSTALLED_APPS:1 display? b"]),
    ("INSTALLED_APPS = list(dict.fromkeys(['a']))", ["INSTALLED_APPS:1 display a"]),
    ("INSTALLED_APPS = env(['a'])", ["INSTALLED_APPS:1 computed", "INSTALLED_APPS:1 display? a"]),
    ("M = ['a']\nINSTALLED_APPS = []\nfor app in M:\n    INSTALLED_APPS.append(app)", ["INSTALLED_APPS:2 display", "M:1 display a"]),
    ("INSTALLED_APPS = ['a']\nINSTALLED_APPS[:0] = ['b']", ["INSTALLED_APPS:1 display a", "INSTALLED_APPS:2 display b"]),
])
def test_places_of_one_file(text: str, expected: list[str]) -> None:
    assert shown(reader({"conf.py": text}).installed("conf", [])) == expected


@pytest.mark.parametrize("dev", [
    "from .base import *\nINSTALLED_APPS += ['b']",
    "from conf.base import INSTALLED_APPS as A\nINSTALLED_APPS = A + ['b']",
    "from conf import base\nINSTALLED_APPS = [*base.INSTALLED_APPS]\nINSTALLED_APPS.extend(['b'])",
    "import conf.base\nINSTALLED_APPS = conf.base.INSTALLED_APPS\nINSTALLED_APPS += ['b']",
    "include('ba*.py', optional('none.py'))\nINSTALLED_APPS += ['b']",
])
def test_places_across_files(dev: str) -> None:
    found = reader({"conf/__init__.py": "", "conf/base.py": "INSTALLED_APPS = ['a']", "conf/dev.py": dev})
    entries = {text: place.source.path for place in found.installed("conf.dev", []) for text, _ in place.entries}
    assert entries == {"a": "conf/base.py", "b": "conf/dev.py"}


def test_files_that_import_each_other_come_to_an_end() -> None:
    files = {"a.py": "from b import *\nINSTALLED_APPS = ['a']", "b.py": "from a import *\nINSTALLED_APPS = ['b']"}
    assert shown(reader(files).installed("a", [])) == ["INSTALLED_APPS:2 display a"]
    assert shown(reader(files).every()) == ["INSTALLED_APPS:2 display b", "INSTALLED_APPS:2 display a"]


@pytest.mark.parametrize("known, line", [(["a"], [2]), (["a", "b"], [2, 4]), (["c"], [])])
def test_classes_of_settings_are_told_apart_by_what_django_reports(known: list[str], line: list[int]) -> None:
    text = "class Base:\n    INSTALLED_APPS = ['a']\nclass Dev(Base):\n    INSTALLED_APPS = Base.INSTALLED_APPS + ['b']\n"
    assert [place.node.lineno for place in reader({"conf.py": text}).installed("conf", known)] == line

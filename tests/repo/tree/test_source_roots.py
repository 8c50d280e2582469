from __future__ import annotations

import pytest

from migration.repo.tree.source_roots import of_ini, of_manage, of_pyproject

MANAGE = b"os.environ.setdefault(\"DJANGO_SETTINGS_MODULE\", 'conf.settings')\n"


@pytest.mark.parametrize("text", ["", "no section\n", "[options]\npackages = find:\n", "[mypy]\nmypy_path = $DIR/x\n", "[options]\npackage_dir =\n    a = b\n"])
def test_files_that_name_none(text: str) -> None:
    assert of_ini(text) == []


@pytest.mark.parametrize(
    ("text", "roots"),
    [
        ("[options]\npackage_dir =\n    = src\n    a = b\n[options.packages.find]\nwhere = ./lib/\n", ["lib", "src"]),
        ("[options]\npackage_dir = =src\n", ["src"]),
        ("[tool:pytest]\npythonpath = a\n  b/c\n", ["a", "b/c"]),
        ("[mypy]\nmypy_path = a:b, c\n", ["a", "b", "c"]),
        ("[pytest]\npythonpath = . ../x /y %(z)s\n", ["."]),
    ],
)
def test_files_that_name_some(text: str, roots: list[str]) -> None:
    assert of_ini(text) == roots


def test_own_settings_come_first() -> None:
    assert of_pyproject({"tool": {"mypy": {"mypy_path": "b"}, "phased-migration": {"roots": ["a"]}}}) == ["a", "b"]


@pytest.mark.parametrize(
    ("paths", "roots"),
    [
        (["manage.py", "conf/settings.py"], []),
        (["web/manage.py", "conf/settings.py"], []),
        (["web/manage.py", "web/conf/settings.py"], ["web"]),
        (["a/b/manage.py", "a/b/conf/settings/__init__.py"], ["a/b"]),
        (["web/manage.py", "web/conf/settings.py", "web/__init__.py"], []),
        (["web/x/manage.py", "web/x/conf/settings.py", "web/__init__.py"], []),
        (["a/b/c/d/manage.py", "a/b/c/d/conf/settings.py"], []),
    ],
)
def test_a_script_that_finds_its_settings_beside_it(paths: list[str], roots: list[str]) -> None:
    assert [*of_manage(paths, lambda path: MANAGE)] == roots
    assert [*of_manage(paths, lambda path: b"import sys")] == []

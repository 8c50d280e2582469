from __future__ import annotations

import pytest

from migration.core import names


@pytest.mark.parametrize(("path", "roots", "module"), [
    ("a/b.py", (".",), "a.b"), ("a/__init__.py", (".",), "a"), ("a/b.pyi", (".",), "a.b"), ("a/__init__.pyi", (".",), "a"),
    ("src/a/b.py", (".", "src"), "a.b"), ("src/a/b.py", (".",), "src.a.b"), ("src/__init__.py", ("src",), None),
    ("__init__.py", (".",), None), ("a/b.txt", (".",), None), ("a-b/c.py", (".",), None), ("a/1.py", (".",), None),
    ("other/a.py", ("src",), None), ("srcs/a.py", ("src",), None), ("a.b/c.py", (".",), None), ("ü/x.py", (".",), "ü.x"),
    ("a/migrations/0001_initial.py", (".",), "a.migrations.0001_initial"), ("0001_initial.py", (".",), None),
    ("a/0001_x/b.py", (".",), None), ("a/1-2.py", (".",), None), ("a/0001_x/__init__.py", (".",), None),
    ("a/src/b.py", (".", "a/src", "a"), "b"), ("manage.py", (".",), "manage"),
])
def test_module_of(path: str, roots: tuple[str, ...], module: str | None) -> None:
    assert names.module_of(path, roots) == module


@pytest.mark.parametrize(("package", "level", "name", "found"), [
    ("a.b", 1, "c", "a.b.c"), ("a.b", 1, None, "a.b"), ("a.b", 2, "c", "a.c"), ("a.b", 2, None, "a"),
    ("a.b", 3, "c", None), ("", 1, "c", None), ("a", 2, None, None), ("a", 1, "b.c", "a.b.c"),
])
def test_resolve_relative(package: str, level: int, name: str | None, found: str | None) -> None:
    assert names.resolve_relative(package, level, name) == found


@pytest.mark.parametrize(("package", "target", "level", "found"), [
    ("a.b", "a.b.c", 1, ".c"), ("a.b", "a.b", 1, "."), ("a.b", "a.c", 1, None), ("a.b", "a.c", 2, "..c"), ("a.b", "a", 2, ".."),
    ("a.b", "x.b", 9, None), ("", "x", 9, None), ("a.b", "a.bc", 2, "..bc"), ("a.b.c", "a.x.y", 3, "...x.y"),
])
def test_relative_form(package: str, target: str, level: int, found: str | None) -> None:
    assert names.relative_form(package, target, level) == found
    if found is not None:
        dots = len(found) - len(found.lstrip("."))
        assert names.resolve_relative(package, dots, found[dots:] or None) == target


@pytest.mark.parametrize(("name", "good"), [
    ("a", True), ("a.b_1", True), ("ü.x", True), ("match.type", True), ("", False), ("a.", False), (".a", False), ("a..b", False),
    ("a-b", False), ("1a", False), ("a.class", False), ("None", False), ("a b", False), ("a/b", False), ("a\n", False),
])
def test_name_problem(name: str, good: bool) -> None:
    assert (names.name_problem(name) is None) == good


def test_paths_and_prefixes() -> None:
    assert names.is_under("a/b", "a") and names.is_under("a", "a") and names.is_under("x", ".")
    assert not names.is_under("ab/c", "a") and not names.is_under("a", "a/b")
    assert names.is_within("a.b", "a") and names.is_within("a", "a")
    assert not names.is_within("ab", "a") and not names.is_within("a", "a.b")
    assert list(names.prefixes("a.b.c")) == ["a.b.c", "a.b", "a"] and not list(names.prefixes(""))
    assert (names.parent("a.b"), names.parent("a"), names.last_part("a.b"), names.last_part("a")) == ("a", "", "b", "a")
    assert names.swap_prefix("a.b.c", "a.b", "x") == "x.c" and names.swap_prefix("a", "a", "x.y") == "x.y"
    assert names.package_of("a/__init__.py", "a") == "a" and names.package_of("a/b.py", "a.b") == "a"
    assert names.root_of("src/a", [".", "src"]) == "src" and names.root_of("a", ["src"]) is None


@pytest.mark.parametrize(("directory", "parts", "path"), [
    (".", ("a", "b"), "a/b"), ("x", ("a",), "x/a"), ("x", (), "x"), (".", (), "."), (".", ("",), "."), ("x", ("", "a"), "x/a"),
])
def test_path_under(directory: str, parts: tuple[str, ...], path: str) -> None:
    assert names.path_under(directory, *parts) == path


def test_directories_of() -> None:
    assert names.directories_of(["a/b/c.py", "a/d", "e", "a/b/f/g/h.md"]) == {"a", "a/b", "a/b/f", "a/b/f/g"}
    assert names.directories_of(["e"]) == names.directories_of([]) == set()

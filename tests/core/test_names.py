from __future__ import annotations

import pytest

from migration.core import names
from migration.core.names import path_problem


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


@pytest.mark.parametrize("path", ["a", "a/b.py", ".", "a b", "..a/b..", ".github/x", ".gitignore", "ü", "a\nb", "c:d"])
def test_paths_inside_the_repo(path: str) -> None:
    assert path_problem(path) is None


@pytest.mark.parametrize("path", [
    "", "/a", "..", "../a", "a/..", "a/../b", "./a", "a//b", "a/", "a/./b", ".git", ".git/config", "a/.GIT/x", "C:\\x", "C:/x", "a\0b",
])
def test_paths_that_are_none(path: str) -> None:
    assert path_problem(path)


@pytest.mark.parametrize("path", [".", "a", "a/b.py", "a b/ü.txt", ".gitignore", "a/.github/x", "..a/b", "a:b", "no"])
def test_plain_paths(path: str) -> None:
    assert path_problem(path) is None


@pytest.mark.parametrize("path, reason", [
    ("", "is empty"), ("/a", "is absolute"), ("C:\\a", "is absolute"), ("c:/a", "is absolute"), ("..", "leaves"), ("a/../b", "leaves"),
    (".git/x", "git directory"), ("a/.GIT", "git directory"), ("a//b", "empty or ."), ("./a", "empty or ."), ("a/", "empty or ."), ("a\0", "NUL"),
])
def test_paths_that_are_refused(path: str, reason: str) -> None:
    assert reason in (path_problem(path) or "")

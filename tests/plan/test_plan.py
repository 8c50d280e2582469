"""What the plan's values answer about one path."""

from __future__ import annotations

import dataclasses

import pytest

from migration.plan.plan import App, Model, Plan

PLAN = Plan("shop", "old", "new.shop", {"old/a.py": "new/shop/a.py", "old/b.py": "old/a.py"}, {"old": "new.shop"})


def test_what_is_not_said_is_the_usual_case() -> None:
    assert (PLAN.roots, PLAN.django, PLAN.prose, PLAN.tasks, PLAN.imports, PLAN.deploy) == ((".",), True, True, "keep", "package", "single")
    assert (PLAN.exclude, PLAN.include, PLAN.keep, dict(PLAN.symbol_remap)) == ((), (), (), {})
    assert PLAN.app == App("package")
    assert not PLAN.app.models


def test_a_plan_stays_as_it_was_read() -> None:
    with pytest.raises(dataclasses.FrozenInstanceError):
        PLAN.product = "x"  # type: ignore[misc]


@pytest.mark.parametrize("path, new", [
    ("", ""),
    ("old", "old"),
    ("old/a.pyi", "old/a.pyi"),
    ("x/old/a.py", "x/old/a.py"),
    ("new/shop/a.py", "new/shop/a.py"),
    ("old/a.py", "new/shop/a.py"),
    ("old/b.py", "old/a.py"),  # one step, though that place is left by another file
])
def test_new_path(path: str, new: str) -> None:
    assert PLAN.new_path(path) == new


@pytest.mark.parametrize("name, new", [
    ("", ""),
    ("older", "older"),
    ("x.old", "x.old"),
    ("old", "new.shop"),
    ("old.a.B", "new.shop.a.B"),
    ("old.deep.x", "deep.x"),  # the longest prefix that moves
])
def test_new_name(name: str, new: str) -> None:
    plan = dataclasses.replace(PLAN, module_moves={"old": "new.shop", "old.deep": "deep"})
    assert plan.new_name(name) == new


@pytest.mark.parametrize("target, files, roots, package", [
    ("shop", {"old/__init__.py": "shop/__init__.py"}, (".",), "shop"),
    ("shop", {"old/shop.py": "shop/shop.py"}, (".",), "shop"),  # a module of the target's name in it
    ("new.shop", {"old/a.txt": "new/shop.txt"}, (".",), "new.shop"),
    ("new.shop", {"old.py": "new/shop.py"}, (".",), "new"),
    ("new.shop", {"src/old.py": "src/new/shop.py"}, (".", "src"), "new"),
    ("shop", {"old.py": "shop.py"}, (".",), ""),
])
def test_package(target: str, files: dict[str, str], roots: tuple[str, ...], package: str) -> None:
    assert dataclasses.replace(PLAN, target=target, file_moves=files, roots=roots).package == package


@pytest.mark.parametrize("patterns, path, matches", [
    ((), "a.py", False),
    (("a",), "a/b.py", False),
    (("*.LOCK",), "x.lock", False),
    (("b.py",), "a/b.py", False),
    (("docs/*",), "x/docs/a", False),
    (("a.py",), "a.py", True),
    (("docs/*",), "docs/a/b.md", True),  # * matches slashes too
    (("*.lock",), "a/b/x.lock", True),
    (("no", "a[0-9].py"), "a1.py", True),
    (("**/x",), "a/b/x", True),
])
def test_exclude_and_include_match_alike_and_apart(patterns: tuple[str, ...], path: str, matches: bool) -> None:
    excluding = dataclasses.replace(PLAN, exclude=patterns)
    including = dataclasses.replace(PLAN, include=patterns)
    assert (excluding.excludes(path), excluding.includes(path)) == (matches, False)
    assert (including.excludes(path), including.includes(path)) == (False, matches)


@pytest.mark.parametrize(("target", "title"), [("x.b", "Move a.b to x.b"), ("a.b", "Move files inside a.b")])
def test_titles(target: str, title: str) -> None:
    assert Plan("b", "a.b", target, {}, {}).title == title


@pytest.mark.parametrize("path, entry, said", [
    ("setup.cfg", "shop", "ask"),
    ("docker/Dockerfile", "shop/", "leave"),
    ("docker/Dockerfile", "crm/", "add"),
    ("docker/other", "x", "leave"),
    ("pytest.ini", "x", "add"),
])
def test_what_is_said_of_an_entry_counts_first_then_the_file_then_the_longest_pattern(path: str, entry: str, said: str) -> None:
    cover = {"*/*": "add", "docker/*": "leave", "docker/Dockerfile": {"shop/": "leave", "crm/": "add"}, "pytest.ini": "add"}
    assert dataclasses.replace(PLAN, cover=cover).covers(path, entry) == said  # type: ignore[arg-type]


MODELS = (Model("Item", "core.m", "t"), Model("Tag", "core.m", "u"))


@pytest.mark.parametrize("kind", ["app", "package"])
def test_labels_stay_where_the_app_keeps_its_own(kind: str) -> None:
    app = App(kind, "core", "core", models=MODELS)  # type: ignore[arg-type]
    assert app.moved_labels == {} and not app.rewrites_history


@pytest.mark.parametrize(("kind", "history"), [("extraction", False), ("app", True)])
def test_labels_that_change(kind: str, history: bool) -> None:
    app = App(kind, "Core", "shop", models=MODELS)  # type: ignore[arg-type]
    assert app.moved_labels == {"core.item": "shop.Item", "core.tag": "shop.Tag"}
    assert app.rewrites_history is history


def test_back_from_the_new_paths() -> None:
    assert Plan("s", "a", "b", {"a/x.py": "b/x.py", "a/y": "b/z"}, {}).back == {"b/x.py": "a/x.py", "b/z": "a/y"}

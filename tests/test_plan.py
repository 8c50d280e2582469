"""What the plan's values answer about one path."""

from __future__ import annotations

import dataclasses

import pytest

from migration.plan import App, Plan

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

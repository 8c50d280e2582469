"""What changes for names that are bound to modules by imports: statements, uses, imports to add."""

from __future__ import annotations

import ast

import pytest

from migration.core.moves import Moves
from migration.python.module_uses import module_meant, names_of, walk
from migration.python.source_file import SourceFile
from tests.rewriters.tools import NEW, WAREHOUSE, moves_for

UTIL = moves_for({"posthog.warehouse.util": "lib.util"})


def told(text: str, moves: Moves = WAREHOUSE) -> list[str]:
    """The changes in short, imports first: ``old -> new``, ``? reason`` where left, ``+ import``."""
    names = names_of(SourceFile("ee/billing.py", text.encode(), "ee.billing"), moves)
    found = [f"{c.alias.name} -> {c.new}" + f" as {c.binds}" * bool(c.binds) for c in names.imports if not c.reason]
    found += [f"+ {line}" for change in names.imports for line in change.before]
    found += [f"{u.old} => {u.text}" for u in names.uses if u.text is not None]
    reasons = [*(c.reason for c in names.imports), *(u.reason for u in names.uses)]
    found += [f"? {reason}" for reason in reasons if reason]
    return found + [f"+ {line}" for _, lines in names.after for line in lines]


UNTOUCHED = (
    *("import os\nos.path\n", "import posthog.utils\nposthog.utils.x\n", "from posthog import warehouse\nwarehouse.x\n"),
    *("import posthog.warehouse.util as u\nu.x\n", "def f(posthog): posthog.warehouse.util\n", "posthog.warehouse.util\n"),
)


@pytest.mark.parametrize("text", UNTOUCHED)
def test_nothing_changes(text: str) -> None:
    assert told(text) == []


CHANGED = {
    "import posthog.warehouse.util\nposthog.warehouse.util.x\n": [
        f"posthog.warehouse.util -> {NEW}.util", f"posthog.warehouse.util => {NEW}.util",
    ],
    "import posthog.warehouse.util\nposthog.warehouse.util.x, posthog.utils.y\n": [
        f"posthog.warehouse.util -> {NEW}.util", "+ import posthog", f"posthog.warehouse.util => {NEW}.util",
    ],
    "import posthog.warehouse.util\nposthog = f()\nposthog.warehouse.util\n": [
        "? posthog is bound by an import and by something else in the same scope",
        "? posthog is bound by an import and by something else in the same scope",
    ],
}  # fmt: skip


@pytest.mark.parametrize(("text", "expected"), CHANGED.items())
def test_what_changes(text: str, expected: list[str]) -> None:
    assert told(text) == expected


def test_a_module_that_leaves_its_package_gets_an_import() -> None:
    text = "from posthog import warehouse\nwarehouse.util.x\n"
    assert told(text, UTIL) == ["posthog.warehouse.util => lib.util", "+ import lib.util"]
    statement = ["posthog.warehouse.util -> lib.util", "posthog.warehouse.util => lib.util"]
    assert told("import posthog.warehouse.util\n" + text, UTIL) == statement



MEANT = (
    *(("from os import path", None), ("from .x import y", None), ("from posthog.warehouse.util import f", None)),
    *(("import os as o", None), ("import posthog.warehouse", "posthog"), ("import posthog.utils as u", "posthog.utils")),
    *(("from posthog import warehouse as w", "posthog.warehouse"), ("from . import billing", "ee.billing")),
)


@pytest.mark.parametrize(("text", "expected"), MEANT)
def test_the_module_that_a_name_means(text: str, expected: str | None) -> None:
    source = SourceFile("ee/x.py", text.encode(), "ee.x")
    (statement,) = source.tree.body
    assert isinstance(statement, (ast.Import, ast.ImportFrom))
    assert module_meant(source, WAREHOUSE, statement, statement.names[0]) == expected


def test_attributes_lead_to_submodules_as_far_as_there_are_any() -> None:
    hidden = moves_for({"posthog.warehouse": NEW}, bindings={"posthog.warehouse": ["util"]})
    assert walk(WAREHOUSE, "posthog", ["nothing"]) == ("posthog", 0)
    assert walk(hidden, "posthog", ["warehouse", "util"]) == ("posthog.warehouse", 1)
    assert walk(WAREHOUSE, "posthog", ["warehouse", "util", "x"]) == ("posthog.warehouse.util", 2)

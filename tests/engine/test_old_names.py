"""The old names in any text, found by their looks where nothing of that name is there any more."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import pytest

from migration.engine.old_names import OldNames, Tokens
from migration.plan.plan import Plan
from migration.python.source_file import SourceFile, UnreadableSource
from migration.repo.tree.project import Project
from migration.repo.tree.tree import Tree
from tests.rewriters.text_tools import AWAY, HOME, MOVES, TOP
from tests.rewriters.tools import NEW

AFTER = Tree(Path(), {MOVES.new_path(path): "100644" for path in MOVES.paths if "." in path.rpartition("/")[2]})
PLAN = Plan("data_warehouse", "posthog.warehouse", NEW, MOVES.files, {"posthog.warehouse": NEW})
OLD = OldNames.of(PLAN, Project(Path(), (".",), AFTER, AFTER, lambda _: []), MOVES)

NO_HITS = (
    *("my.posthog.warehouse", "posthog.warehouse_utils", "posthog.warehouse-x", "me@posthog.warehouse", "$posthog.warehouse"),
    *("posthog/warehouse_utils.py", "posthog/warehouse-x", "xposthog/warehouse", "posthog/warehouse/never.py"),
    *("posthog.utils", "warehouse", "posthog", NEW, AWAY + "/util.py", "from posthog import utils", "éposthog.warehouse"),
)


@pytest.mark.parametrize("text", NO_HITS)
def test_what_is_no_old_name(text: str) -> None:
    assert [*OLD.hits(text.encode())] == []


HITS = {
    "posthog.warehouse": "name",
    "'posthog.warehouse.util.f'": "name",
    "@posthog.warehouse.x": "name",
    HOME: "path",
    f"./{HOME}/util.py": "path",
    f"/srv/{HOME}/models/x.sql": "path",
    f"({HOME}/models)": "path",
    f"see {HOME}.": "path",
    "from posthog import warehouse": "name",
    "from posthog import (utils, warehouse as w)": "name",
}


@pytest.mark.parametrize(("text", "kind"), HITS.items())
def test_old_names(text: str, kind: str) -> None:
    (hit,) = OLD.hits(text.encode())
    assert hit.kind == kind
    assert b"warehouse" in text.encode()[hit.start : hit.end]


def test_hits_come_in_the_order_of_the_text() -> None:
    hits = [*OLD.hits(b"from posthog import warehouse; posthog/warehouse, posthog.warehouse")]
    assert [hit.kind for hit in hits] == ["name", "path", "name"]


def test_a_name_that_is_there_again_is_not_old() -> None:
    there = Tree(Path(), {**AFTER.modes, f"{HOME}/__init__.py": "100644"})
    old = OldNames.of(PLAN, Project(Path(), (".",), AFTER, there, lambda _: []), replace(MOVES, packages={}))
    assert [*old.hits(b"posthog.warehouse posthog/warehouse")] == []


def test_strings_and_comments_by_their_places() -> None:
    text = "'''d'''\nx = 's'  # é c\ndef f():\n    'e'\n    g('t',\n      'u')\n"
    source = SourceFile("a.py", text.encode(), "a")
    tokens = Tokens.of(source)
    found = {letter: tokens.at(source.data.index(letter.encode())) for letter in ("d", "s", "c", "x", "t", "u", "g(")}
    assert found == {"d": "prose", "s": "string", "c": "prose", "x": "", "t": "string", "u": "string", "g(": ""}
    assert Tokens().at(0) == ""


def test_what_python_can_not_read_has_no_tokens() -> None:
    with pytest.raises(UnreadableSource):
        Tokens.of(SourceFile("a.py", b"x = (\n", "a"))


def test_a_directory_at_the_top_is_named_from_here_or_from_above() -> None:
    tree = Tree(Path(), {TOP.new_path(path): "100644" for path in TOP.paths if "." in path})
    plan = Plan("wh", "warehouse", "products.wh", TOP.files, {"warehouse": "products.wh"})
    old = OldNames.of(plan, Project(Path(), (".",), tree, tree, lambda _: []), TOP)
    assert [hit.kind for hit in old.hits(b"./warehouse ../../warehouse")] == ["path", "path"]
    assert [*old.hits(b"'./select2/warehouse' ../x/warehouse .x/warehouse")] == []

"""Dotted names in plain text are told from longer words, hosts, addresses and SQL by their borders."""

from __future__ import annotations

from dataclasses import replace

import pytest

from migration.core.changes import apply_edits
from migration.text.dotted_names import after_escape, char_after, char_before, dotted, in_url, is_word, may_name
from migration.text.passage import Passage, Place
from tests.rewriters.tools import NEW, WAREHOUSE, moves_for

TOP = moves_for({"shop": "products.shop"}, "shop/ shop.models app")

NOT_NAMED = (
    *("my.posthog.warehouse", "posthog.warehouse_utils", "posthog.warehouse-x", "posthog/warehouse", "xposthog.warehouse"),
    *("https://posthog.warehouse.example", "me@posthog.warehouse", "posthog.warehouse.io", "posthog.warehouse:8080"),
    *("SELECT 1 FROM posthog.warehouse", "?posthog.warehouse=1", "posthog.warehouse.3", "posthog.warehouse.1.0", "posthog.warehouse.0001.2", "éposthog.warehouse"),
    *("from posthog import utils", "posthog", "warehouse", "from posthog import warehouse of ours"),
)


@pytest.mark.parametrize("text", NOT_NAMED)
def test_what_only_looks_alike_is_no_reference(text: str) -> None:
    assert [*dotted(Passage(text.encode(), WAREHOUSE, "text"))] == []


@pytest.mark.parametrize("text", ["shop", "the shop's", "import shop", "from shop to shop"])
def test_a_top_level_name_alone_is_a_word(text: str) -> None:
    assert [*dotted(Passage(text.encode(), TOP, "text"))] == []


LEFT = {
    "posthog.warehouse.*{x}": "what it goes on with",
    "posthog.warehouse*": "goes on in a pattern",
    "posthog.warehouse.notes.md": "could be the name of a file",
    "posthog.warehouse.gone.x": "has no module gone",
    "from posthog import utils, warehouse": "not simple enough",
}
SPLIT = moves_for({"posthog.warehouse": NEW, "posthog.warehouse.util": "lib.util"})


@pytest.mark.parametrize(("text", "reason"), LEFT.items())
def test_what_is_doubtful_is_listed(text: str, reason: str) -> None:
    (found,) = dotted(Passage(text.encode(), SPLIT, "text"))
    assert found.text is None and reason in found.reason


REWRITTEN = {
    "posthog.warehouse.models.0002_initial": f"{NEW}.models.0002_initial",
    "see posthog.warehouse.models.0002_more, please": f"see {NEW}.models.0002_more, please",
    "posthog.warehouse.0001": f"{NEW}.0001",
    "posthog.warehouse": NEW,
    "See `posthog.warehouse.models.table`.": f"See `{NEW}.models.table`.",
    r"posthog\.warehouse\.util": NEW.replace(".", r"\.") + r"\.util",
    r"\bposthog.warehouse": rf"\b{NEW}",
    "[mypy-posthog.warehouse.*]": f"[mypy-{NEW}.*]",
    "**posthog.warehouse**": f"**{NEW}**",
    "from posthog.warehouse import util": f"from {NEW} import util",
    "from posthog import warehouse": "from products.data_warehouse import backend as warehouse",
    "from posthog import warehouse as w": "from products.data_warehouse import backend as w",
}


@pytest.mark.parametrize(("text", "expected"), REWRITTEN.items())
def test_names_follow(text: str, expected: str) -> None:
    data = text.encode()
    assert may_name(data, WAREHOUSE)
    edits = [reference.edit for reference in dotted(Passage(data, WAREHOUSE, "text"))]
    assert apply_edits(data, [edit for edit in edits if edit]).decode() == expected
    assert [*dotted(Passage(expected.encode(), WAREHOUSE, "text"))] == []


def test_a_pattern_that_nothing_else_matches() -> None:
    data = b"include = ['posthog.warehouse*']"
    alone = {name: package for name, package in WAREHOUSE.modules.items() if "warehouse_" not in name}
    (found,) = dotted(Passage(data, replace(WAREHOUSE, modules=alone), "text"))
    assert found.text == NEW
    (found,) = dotted(Passage(data, replace(WAREHOUSE, modules={**alone, "posthog.warehouse_utils": False}), "text"))
    assert found.text is None


def test_only_the_given_part_is_looked_at() -> None:
    data = b"posthog.warehouse posthog.warehouse posthog.warehouse"
    assert [reference.start for reference in dotted(Passage(data, WAREHOUSE, "text").part(10, 36))] == [18]


def test_the_borders_of_a_text_in_any_encoding() -> None:
    data = "aé\nb".encode() + b"\xff"
    assert (char_before(data, 0), char_before(data, 3), char_after(data, 1, 9)) == ("", "é", "é")
    assert (char_after(data, 5, 6), char_after(data, 6, 6)) == ("\ufffd", "")
    assert [is_word(char) for char in ("", "-", ".", "_", "é", "\ufffd")] == [False] * 3 + [True] * 3
    assert after_escape(rb"\bx", 2) and not after_escape(rb"\bx", 2, 1)
    assert in_url(b"see https://a/x", 14) and not in_url(b"https://a x", 10)


@pytest.mark.parametrize("name", ["util.app", "models.local", "models.table.cloud"])
def test_what_ends_like_a_host_is_one_only_right_behind_what_moves(name: str) -> None:
    assert [*dotted(Passage(b"posthog.warehouse.cloud", WAREHOUSE, "text"))] == []
    (reference,) = dotted(Passage(f"posthog.warehouse.{name}".encode(), WAREHOUSE, "text"))
    assert reference.text is not None


@pytest.mark.parametrize("text", [":ref:`posthog.warehouse`", "table: posthog.warehouse"])
def test_names_of_other_registers_are_kept(text: str) -> None:
    (reference,) = dotted(Passage(text.encode(), WAREHOUSE, "text name", Place("docs/a.rst")))
    assert (reference.text, reference.kept) == (None, True)

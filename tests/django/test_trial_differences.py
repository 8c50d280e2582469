"""What a try has left is compared with the right thing: what moves always with what a single run makes."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from migration.django.database_dump import Dump, Rows
from migration.django.process import Django
from migration.django.trial_differences import Filled, differences, halfway, is_empty
from migration.plan.plan import App, Model, Plan

APP = App("extraction", "core", "depot", models=(Model("Tag", "core.tags", "core_tag"),))
PLAN = Plan("depot", "core.tags", "products.depot", {}, {}, app=APP)


def dump(*types: tuple[str, str], names: tuple[str, ...] = (), parts: tuple[str, ...] = ()) -> Dump:
    """Content types with a permission each; a moved table with rows, and one that stays with columns."""
    kinds = [(key, *pair) for key, pair in enumerate(types)]
    return Dump(
        {"core_tag": {"table": "plain"}, "shop_bill": dict.fromkeys(parts, "text")},
        {
            "types": Rows(("id", "app_label", "model"), ("id",), tuple(kinds)),
            "grants": Rows(
                ("id", "name", "content_type_id", "codename"), ("id",),
                tuple((key, f"Can add {model}", key, f"add_{model}") for key, _, model in kinds),
            ),
            "core_tag": Rows(("name",), (), tuple((name,) for name in names)),
            "applied": Rows((), (), ()),
        },
        {},
    )  # fmt: skip


USUAL = dump(("core", "tag"), ("shop", "bill"))
ORDERED = dump(("core", "tag"), ("shop", "scrap"), ("shop", "bill"))
FOUND = dump(("depot", "tag"), ("shop", "scrap"), ("shop", "bill"))
ANSWER: dict[str, Any] = {"renamed": [], "ours": []}
FILLED = Filled(
    {"tables": {"migrations": "applied", "content_types": "types", "permissions": "grants"}, "applied": {"default": []},
     "misfits": {"default": ["as before"]}},
    {"default": USUAL}, {"default": USUAL}, {"default": ()}, Django("python", Path(), "settings"),
)  # fmt: skip


def lines(found: Dump, ordered: Dump | None, name: str = "empty database, depot first") -> list[str]:
    one = {"name": name, "misfits": {"default": []}, "applied": {"default": []}, "error": ""}
    return list(differences(PLAN, one, "default", found, FILLED, ANSWER, ordered))


def test_equal() -> None:
    assert lines(dump(("depot", "tag"), ("shop", "bill")), None) == []
    assert lines(dump(("shop", "bill"), ("depot", "tag")), None) == []  # ids may differ in an empty database


def test_what_the_old_code_s_own_models_lack_is_no_difference() -> None:
    one = {"name": "empty database", "misfits": {"default": ["as before", "new"]}, "applied": {"default": []}, "error": ""}
    assert list(differences(PLAN, one, "default", FOUND, FILLED, ANSWER, ORDERED)) == ["new"]


def test_what_the_old_code_leaves_in_the_same_order_is_no_difference() -> None:
    assert "the content type shop.scrap is new" in lines(FOUND, None)
    assert lines(FOUND, ORDERED) == []


def test_what_the_old_code_leaves_and_the_moved_code_does_not_is_one() -> None:
    found = lines(dump(("depot", "tag"), ("shop", "bill")), ORDERED)
    assert "the content type shop.scrap is missing" in found
    assert "table types has 2 rows, where the old code makes 3" in found


@pytest.mark.parametrize(
    ("ordered", "found", "said"),
    [
        pytest.param(
            dump(("shop", "bill")), dump(("shop", "bill")), "the content type depot.tag is missing", id="content type"
        ),
        pytest.param(
            dump(("core", "tag"), ("shop", "bill"), names=("a",)), dump(("depot", "tag"), ("shop", "bill"), names=("a",)),
            "table core_tag has 1 rows, where the old code makes 0", id="rows",
        ),
        pytest.param(
            replace(USUAL, schema={}), replace(dump(("depot", "tag"), ("shop", "bill")), schema={}), "table core_tag is gone",
            id="table",
        ),
    ],
)  # fmt: skip
def test_what_moves_is_compared_with_a_single_run_all_the_same(ordered: Dump, found: Dump, said: str) -> None:
    assert said in lines(found, ordered)


def test_databases_that_start_with_rows_are_compared_row_by_row() -> None:
    assert lines(dump(("depot", "tag"), ("shop", "bill")), None, "filled database") == []
    assert any("is gone" in line for line in lines(dump(("depot", "tag")), None, "filled database"))
    assert not is_empty({"name": "filled database"})


def test_what_history_leaves_halfway_is_said() -> None:
    assert list(halfway("check", "default (sqlite)", USUAL, "default", FILLED)) == []
    (finding,) = halfway("check", "default (sqlite)", ORDERED, "default", FILLED)
    assert str(finding).startswith("default (sqlite): check: the old code, migrated in the same order, leaves what a single")
    assert "the content type shop.scrap is new; " in str(finding) and str(finding).endswith("; and 1 more")

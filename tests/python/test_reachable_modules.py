from __future__ import annotations

import ast

import pytest

from migration.python.reachable_modules import Need, Provided
from migration.python.scopes import Place

BLOCK = ast.parse("import a\nimport b\nx = 1\nimport c\n").body
OUTER: Place = ((1, 0),)


@pytest.mark.parametrize(
    ("there", "need", "gives"),
    [
        (Need("a.b"), Need("a.b"), True),
        (Need("a.b"), Need("a"), True),
        (Need("a"), Need("a.b"), False),
        (Need("a.bc"), Need("a.b"), False),
        (Need("a.b", "x"), Need("a.b"), False),
        (Need("a.b", "x"), Need("a.b", "x"), True),
        (Need("a.b.c", "x"), Need("a.b", "x"), False),
    ],
)
def test_what_an_import_gives(there: Need, need: Need, gives: bool) -> None:
    assert there.gives(need) is gives


@pytest.mark.parametrize(
    ("there", "here", "covered"),
    [
        (((1, 0),), ((1, 1),), True),
        (((1, 1),), ((1, 0),), True),  # only imports in between
        (((1, 3),), ((1, 0),), False),
        (((1, 0),), ((1, 2), (7, 0)), True),  # in a block around it, before
        (((1, 3),), ((1, 2), (7, 0)), False),
        (((1, 2), (7, 0)), ((1, 3),), False),  # perhaps not run
        (((1, 2), (7, 0)), ((1, 2), (8, 0)), False),  # the other branch
        (((1, 1),), ((1, 1),), True),
    ],
)
def test_which_place_covers_another(there: Place, here: Place, covered: bool) -> None:
    provided = Provided({1: BLOCK})
    provided.add(there, Need("a.b"))
    assert provided.missing(here, [Need("a")]) == ([] if covered else [Need("a")])
    assert provided.leads_to(there, "a.x")


def test_the_fewest_are_added_and_then_count() -> None:
    provided = Provided({1: BLOCK})
    assert provided.missing(OUTER, [Need("a"), Need("a.b"), Need("c", "d")]) == [Need("a.b"), Need("c", "d")]
    assert provided.missing(OUTER, [Need("a"), Need("c", "d")]) == []


def test_what_does_not_stay_bound_counts_in_its_place_only() -> None:
    provided = Provided({1: BLOCK}, lasting=False)
    provided.add(((1, 0),), Need("a"))
    assert provided.missing(((1, 1),), [Need("a")]) == [Need("a")]
    assert provided.missing(((1, 0),), [Need("a")]) == []


def test_imports_that_were_there_lead_to_nothing_new() -> None:
    provided = Provided({1: BLOCK})
    provided.add(OUTER, Need("a"), new=False)
    assert not provided.leads_to(OUTER, "a.b")

"""What several kinds find in one file: each byte goes to one of them."""

from __future__ import annotations

import pytest

from migration.core.errors import PhaseError
from migration.core.moves import Moves
from migration.core.references import Reference, TextFile
from migration.engine.claims import claims, may_hold, open_questions
from migration.python.source_file import SourceFile
from migration.rewriters import Reader, Rewriter
from tests.rewriters.tools import WAREHOUSE

TEXT = TextFile("x.yml", b"one two three  # phased-migration: keep\nfour five\nsix\n")


def kind(name: str, *spans: tuple[int, int], **more: bool) -> Rewriter[Moves]:
    """A kind that finds these places, and rewrites them to its own name."""
    found = [Reference(name, start, end, "old", "new", name) for start, end in spans]
    reader = Reader(lambda file, moves: found, (lambda file, moves: name.encode() in file.data,))
    return Rewriter(name, lambda moves: (), text=reader, **more)


def spans(*rewriters: Rewriter[Moves]) -> list[tuple[str, int, int]]:
    return [(found.kind, found.start, found.end) for found in claims(TEXT, WAREHOUSE, rewriters)]


def test_nothing_is_found_in_files_that_a_kind_does_not_read() -> None:
    source = SourceFile("x.py", b"one = 1\n", "x")
    assert claims(source, WAREHOUSE, [kind("one", (0, 3))]) == ()
    assert not may_hold(source, WAREHOUSE, [kind("one", (0, 3))])


def test_places_side_by_side() -> None:
    assert spans(kind("b", (4, 7), (40, 44)), kind("a", (0, 4), (7, 7))) == [("a", 0, 4), ("b", 4, 7), ("a", 7, 7), ("b", 40, 44)]


@pytest.mark.parametrize("two", [(0, 1), (1, 2), (2, 8), (0, 13), (1, 1), (0, 3)])
def test_who_claims_a_byte_of_another_is_mistaken(two: tuple[int, int]) -> None:
    with pytest.raises(PhaseError, match=r"x.yml:1: the kinds \w and \w claim the same place; the file was not written"):
        spans(kind("a", (0, 3)), kind("b", two))


def test_a_kind_that_gives_way_has_the_rest() -> None:
    gives = kind("b", (0, 1), (2, 4), (3, 5), (7, 8), gives_way=True)
    assert spans(kind("a", (0, 3), (8, 13)), gives) == [("a", 0, 3), ("b", 3, 5), ("b", 7, 8), ("a", 8, 13)]


def test_it_gives_way_to_those_before_it_alone() -> None:
    with pytest.raises(PhaseError):
        spans(kind("b", (0, 3), gives_way=True), kind("a", (0, 3)))


@pytest.mark.parametrize("together", [False, True])
def test_a_mark_on_the_line_keeps_what_can_stand_alone(together: bool) -> None:
    kept, free = claims(TEXT, WAREHOUSE, [kind("a", (0, 3), (50, 53), together=together)])
    assert (kept.kept, kept.text) == ((False, "a") if together else (True, None))
    assert (free.kept, free.text) == (False, "a")


def test_the_plan_has_a_say() -> None:
    (found,) = claims(TEXT, WAREHOUSE, [kind("a", (45, 49))], lambda reference: reference.left("so says the plan"))
    assert found.is_open and found.reason == "so says the plan"


def test_a_sign_of_one_kind_is_enough() -> None:
    assert may_hold(TEXT, WAREHOUSE, [kind("ten"), kind("five")])
    assert not may_hold(TEXT, WAREHOUSE, [kind("ten"), kind("seven")])


def test_without_signs_the_needles_decide() -> None:
    for needles, there in (((b"ten", b"five"), True), ((b"ten",), False)):
        plain: Rewriter[Moves] = Rewriter("a", lambda moves, needles=needles: needles, text=Reader(lambda file, moves: ()))  # type: ignore[misc]
        assert may_hold(TEXT, WAREHOUSE, [plain]) is there


def test_a_finding_for_each_open_question() -> None:
    change = Reference("a", 0, 3, "one", "1", "1")
    places = (change, change.left("kept so", kept=True), Reference("a", 40, 44, "four", "4", None, "a doubt"))
    assert [str(finding) for finding in open_questions(TEXT, places, "y.yml", "look")] == ["y.yml:2: four: a doubt -> look"]

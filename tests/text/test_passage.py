"""A passage is a part of a text; offsets count in the whole."""

from __future__ import annotations

from migration.text.passage import Passage, Place
from tests.rewriters.text_tools import MOVES

WHOLE = Passage(b"one two three", MOVES, "path", Place("docs/x.md"))


def test_a_text_as_a_whole() -> None:
    assert (WHOLE.start, WHOLE.stop) == (0, 13)
    assert WHOLE.holds(b"three") and not WHOLE.holds(b"four")
    assert (Passage(b"", MOVES, "path").place.directory, WHOLE.place.directory) == ("", "docs")


def test_a_part_holds_what_lies_in_it_as_a_whole() -> None:
    part = WHOLE.part(4, 10)
    assert part.holds(b"two") and not part.holds(b"three") and not part.holds(b"one")
    assert part.part(0, 3).holds(b"one"), "of the same text, not of the part"


def test_references_have_its_kind() -> None:
    changed, left = WHOLE.rewritten((4, 7), "two", "2", "2"), WHOLE.left((4, 7), "two", "2", "a doubt")
    assert (changed.kind, changed.text, changed.is_open) == ("path", "2", False)
    assert (left.text, left.reason, left.is_open) == (None, "a doubt", True)

from __future__ import annotations

from migration.engine.coverage.patterns import Directory
from migration.engine.coverage.spots import File
from migration.engine.coverage.values import Context, Entry, file_of, of_file
from tests.engine.coverage.tools import Texts


def test_names_that_stand_for_files() -> None:
    assert file_of(of_file("a/b.py")) == "a/b.py"
    assert (file_of("a/b.py"), file_of("")) == (None, None)


def test_an_entry_that_nobody_has_written_is_implied() -> None:
    assert Entry("a", "", File(), Directory("."), "x").implied
    assert not Entry("a", ".", File(), Directory("."), "x").implied


def test_which_texts_may_tell_places_apart() -> None:
    context = Context(Texts(), (), (".",), ("shop", "products"))
    assert [context.may_tell_apart(text) for text in ("docs/**", "**/*.py", "shop/**", "a/*/*/b")] == [False, False, True, True]
    assert Context(Texts(), (), (".",)).may_tell_apart("anything")

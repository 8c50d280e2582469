from __future__ import annotations

import pytest

from migration.repo.git.merge import lines_to_words, merge_changes, words_to_lines


@pytest.mark.parametrize("text", [b"", b"a", b"a b\n", b"from a.b import c  # x\r\n\n\\n\\\\", "ä\n".encode(), b"\n\n"])
def test_there_and_back(text: bytes) -> None:
    assert lines_to_words(words_to_lines(text)) == text


def test_every_word_has_a_line() -> None:
    assert words_to_lines(b"a.bc\n") == b"a\n.\nbc\n\\n\n"


@pytest.mark.parametrize(
    "mine, base, theirs, merged",
    [
        ("new.b.c", "new.b.c", "old.c", "old.c"),
        ("new.b.d", "new.b.c", "old.c", "old.d"),
        ("x\n", "import new.b\nx\n", "import old\nx\n", "x\n"),
        ("", "new.b", "old", ""),
        ("same.c", "new.c", "same.c", "same.c"),
        ("mine.c", "new.c", "old.c", None),
        ("x new.b.d y", "x new.b.c y", "x old.c y", "x old.d y"),
        ("a.new.c", "new.c", "b.new.c", None),
    ],
)
def test_changes_that_touch(mine: str, base: str, theirs: str, merged: str | None) -> None:
    found = merge_changes(mine.encode(), base.encode(), theirs.encode())
    assert found == (None if merged is None else merged.encode())

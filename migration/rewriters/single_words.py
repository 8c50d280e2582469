"""Packages at the top, and their directories, where files that are not Python name them by their one word.

What the word means where is said by :mod:`migration.text.single_words`; longer names and paths are other kinds'.
"""

from __future__ import annotations

from collections.abc import Iterator

from migration.core.moves import Moves
from migration.core.references import Reference, TextFile
from migration.text.before_a_path import workdirs
from migration.text.passage import Passage, Place
from migration.text.single_words import single, words_that_move
from migration.text.text_style import style_of

KIND = "one word"


def needles(moves: Moves) -> frozenset[bytes]:
    """Byte strings of which a file must hold one: the words that move."""
    return words_that_move(moves)


def find_in_text(text: TextFile, moves: Moves) -> Iterator[Reference]:
    """The words of a file that can only be a module that moves or its directory, each rewritten or listed."""
    if any(word in text.raw for word in words_that_move(moves)):
        yield from single(Passage(text.raw, moves, KIND, Place(text.path, style_of(text.path), workdirs(text.raw))))

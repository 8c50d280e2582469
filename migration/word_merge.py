"""Merging texts word by word with a tool that merges lines (pure)."""

from __future__ import annotations

import difflib
import re


def words_to_lines(data: bytes) -> bytes:
    """The text with every word, and every other character, on a line of its own."""
    words = re.findall(rb"\w+|\W", data)
    return b"".join(word.replace(b"\\", b"\\\\").replace(b"\n", b"\\n") + b"\n" for word in words)


def lines_to_words(data: bytes) -> bytes:
    """The text that :func:`words_to_lines` was given."""
    return b"".join(b"\n" if line == b"\\n" else b"\\" if line == b"\\\\" else line for line in data.split(b"\n"))


def lines_in_conflict(mine: bytes, merged: bytes) -> list[int]:
    """The lines of ``mine`` at which the conflicts of a merge in words begin."""
    # No word is as long as a marker that is made of punctuation: each is a line of its own.
    text, starts = b"", []
    for number, piece in enumerate(re.split(rb"(?m)^<{7} .*\n", merged)):
        if number:
            ours, _, rest = piece.partition(b"||||||| ")
            starts.append(text.count(b"\n"))
            text += lines_to_words(ours) + lines_to_words(re.split(rb"(?m)^>{7} .*\n", rest, maxsplit=1)[1])
        else:
            text += lines_to_words(piece)
    matcher = difflib.SequenceMatcher(None, mine.split(b"\n"), text.split(b"\n"), autojunk=False)
    found = set()
    for start in starts:
        block = [b for b in matcher.get_matching_blocks() if b.b <= start and b.size]
        found.add(min(block[-1].a + start - block[-1].b if block else start, mine.count(b"\n")) + 1)
    return sorted(found)

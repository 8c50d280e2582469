"""Merging texts word by word with a tool that merges lines (pure)."""

from __future__ import annotations

import difflib
import re

_WORD = re.compile(rb"\w+|\W")
_Change = tuple[int, int, list[bytes]]  # the words from one position up to another become these


def merge_changes(mine: bytes, base: bytes, theirs: bytes) -> bytes | None:
    """A three-way merge in which changes may touch each other, or None where two overlap.

    git takes changes of neighbouring words for a conflict. What one side has deleted stays deleted,
    whatever the other did within it.
    """
    texts = [_WORD.findall(text) for text in (mine, base, theirs)]
    least = min(map(len, texts))
    head = next((at for at in range(least) if not texts[0][at] == texts[1][at] == texts[2][at]), least)
    rest = range(1, least - head + 1)
    tail = next((at for at in rest if not texts[0][-at] == texts[1][-at] == texts[2][-at]), len(rest) + 1) - 1
    start, end = texts[1][:head], texts[1][len(texts[1]) - tail :]
    ours_words, words, theirs_words = (text[head : len(text) - tail] for text in texts)
    ours, others = _changes(words, ours_words), _changes(words, theirs_words)
    ours = [one for one in ours if one not in others]
    for one in ours:
        overlapping = [other for other in others if _overlap(one, other)]
        if any(not _swallows(one, other) for other in overlapping):
            return None
        others = [other for other in others if other not in overlapping]
    pieces, at = [], 0
    for since, until, new in sorted([*ours, *others], key=lambda change: change[:2]):
        pieces += [*words[at:since], *new]
        at = until
    return b"".join([*start, *pieces, *words[at:], *end])


def _changes(words: list[bytes], new: list[bytes]) -> list[_Change]:
    matcher = difflib.SequenceMatcher(None, words, new, autojunk=False)
    return [(start, end, new[a:b]) for tag, start, end, a, b in matcher.get_opcodes() if tag != "equal"]


def _overlap(one: _Change, other: _Change) -> bool:
    if one[:2] == other[:2]:
        return True
    return one[0] < other[1] and other[0] < one[1]


def _swallows(one: _Change, other: _Change) -> bool:
    return not one[2] and one[0] <= other[0] and other[1] <= one[1]


def words_to_lines(data: bytes) -> bytes:
    """The text with every word, and every other character, on a line of its own."""
    words = _WORD.findall(data)
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

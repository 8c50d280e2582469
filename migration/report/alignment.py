"""Which lines of two versions of a file belong together, in time that grows with the file and not its square (pure).

:mod:`difflib` looks at each line with every equal one: a file of some thousand lines with blank ones and
``return`` in between takes it minutes. So lines that occur once in both versions come first, as in
"patience diff" (https://bramcohen.livejournal.com/73318.html); between two of them, a rewrite that
leaves the number of lines puts each where it was.
"""

from __future__ import annotations

import bisect
import difflib
from collections import Counter
from collections.abc import Iterator, Sequence

Opcode = tuple[str, int, int, int, int]  # as difflib has them

_FEW = 200 * 200  # pairs of lines for which difflib takes no time to speak of


def grouped(old: Sequence[str], new: Sequence[str], context: int) -> Iterator[list[Opcode]]:
    """The changes with the lines around them, as :meth:`difflib.SequenceMatcher.get_grouped_opcodes` gives them.

    :param context: how many equal lines to leave around each change.
    """
    group: list[Opcode] = []
    codes = _opcodes(old, new)
    for index, (tag, a, b, c, d) in enumerate(codes):
        if tag != "equal":
            group.append((tag, a, b, c, d))
            continue
        after = min(context, b - a) if index else 0
        before = min(context, b - a) if index + 1 < len(codes) else 0
        if after and before and b - a <= 2 * context:
            group.append((tag, a, b, c, d))
            continue
        if group:
            yield [*group, (tag, a, a + after, c, c + after)]
        group = [(tag, b - before, b, d - before, d)] if before else []
    if any(code[0] != "equal" for code in group):
        yield group


def _opcodes(old: Sequence[str], new: Sequence[str]) -> list[Opcode]:
    """What makes one version the other, in the order of the lines."""
    found: list[Opcode] = []
    i = j = 0
    for a, c, size in [*_blocks(old, new), (len(old), len(new), 0)]:
        if a > i or c > j:
            found.append(("replace" if a > i and c > j else "delete" if a > i else "insert", i, a, j, c))
        if size and found and found[-1][0] == "equal":
            found[-1] = ("equal", found[-1][1], a + size, found[-1][3], c + size)
        elif size:
            found.append(("equal", a, a + size, c, c + size))
        i, j = a + size, c + size
    return found


def _blocks(old: Sequence[str], new: Sequence[str]) -> Iterator[tuple[int, int, int]]:
    """Where equal lines start in both versions, and how many they are."""
    if len(old) * len(new) <= _FEW:
        yield from _by_difflib(old, new, 0, 0)
        return
    i = j = 0
    for a, c in [*_anchors(old, new), (len(old), len(new))]:
        yield from _between(old[i:a], new[j:c], i, j)
        if a < len(old):
            yield a, c, 1
        i, j = a + 1, c + 1


def _between(old: Sequence[str], new: Sequence[str], i: int, j: int) -> Iterator[tuple[int, int, int]]:
    """The same for what lies between two lines that belong together; ``i`` and ``j`` are where it starts."""
    pairs = zip(old, new, strict=False)
    head = next((at for at, (one, two) in enumerate(pairs) if one != two), min(len(old), len(new)))
    rest = min(len(old), len(new)) - head
    tail = next((at for at in range(rest) if old[-1 - at] != new[-1 - at]), rest)
    if head:
        yield i, j, head
    old, new = old[head : len(old) - tail], new[head : len(new) - tail]
    i, j = i + head, j + head
    if len(old) == len(new):
        yield from ((i + at, j + at, 1) for at, (one, two) in enumerate(zip(old, new, strict=True)) if one == two)
    elif len(old) * len(new) <= _FEW:
        yield from _by_difflib(old, new, i, j)
    if tail:
        yield i + len(old), j + len(new), tail


def _by_difflib(old: Sequence[str], new: Sequence[str], i: int, j: int) -> Iterator[tuple[int, int, int]]:
    matcher = difflib.SequenceMatcher(None, old, new, autojunk=False)
    yield from ((i + block.a, j + block.b, block.size) for block in matcher.get_matching_blocks() if block.size)


def _anchors(old: Sequence[str], new: Sequence[str]) -> list[tuple[int, int]]:
    """The lines that occur once in both versions, as many as stand in the same order."""
    one, two = Counter(old), Counter(new)
    places = {line: at for at, line in enumerate(new) if two[line] == 1}
    ends: list[int] = []  # the earliest place in the new version where so many in a row can end
    last: list[int] = []  # and which of the pairs that is
    pairs: list[tuple[int, int, int]] = []  # with the number of the pair before it
    for at, line in enumerate(old):
        if one[line] == 1 and line in places:
            length = bisect.bisect_left(ends, places[line])
            pairs.append((at, places[line], last[length - 1] if length else -1))
            ends[length : length + 1] = [places[line]]
            last[length : length + 1] = [len(pairs) - 1]
    found: list[tuple[int, int]] = []
    number = last[-1] if last else -1
    while number >= 0:
        at, there, number = pairs[number]
        found.append((at, there))
    return found[::-1]

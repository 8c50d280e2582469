"""What a merge leaves in a file where it could not decide: lines of ``<<<<<<<``, ``=======`` and ``>>>>>>>`` (pure).

https://git-scm.com/docs/git-merge#_how_conflicts_are_presented
"""

from __future__ import annotations

import re

SIZE = 7  # of a marker, where the attribute conflict-marker-size says nothing else


def first_line(raw: bytes, size: int = SIZE) -> int:
    """The line of the first conflict that is marked in a file, from 1; 0 where there is none.

    :param size: how many characters a marker has.
    """
    begin, end = (rb"(?m)^%s(?: [^\n]*)?\r?$" % (sign * size) for sign in (b"<", b">"))
    middle = rb"(?m)^%s\r?$" % (b"=" * size)
    for start in re.finditer(begin, raw):
        between = re.compile(middle).search(raw, start.end())
        if between and re.compile(end).search(raw, between.end()):
            return raw.count(b"\n", 0, start.start()) + 1
    return 0

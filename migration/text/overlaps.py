"""Of what several rules find in one text, each place goes to one of them (pure)."""

from __future__ import annotations

import bisect
import sys
from collections.abc import Sequence

from migration.core.references import Reference


def apart(references: Sequence[Reference]) -> list[Reference]:
    """The references without those that lie in another: one that is sure, or comes earlier in the sequence."""
    found: list[Reference] = []
    ends: list[tuple[int, int]] = []  # where each ends, and starts: they don't overlap, so both go up together
    for reference in sorted(references, key=lambda reference: reference.is_open):
        index = bisect.bisect_right(ends, (reference.start, sys.maxsize))
        if index == len(ends) or ends[index][1] >= reference.end:
            ends.insert(index, (reference.end, reference.start))
            found.append(reference)
    return found

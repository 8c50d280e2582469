from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st

from migration.core.references import Reference
from migration.text.overlaps import apart


@given(st.lists(st.tuples(st.integers(0, 30), st.integers(0, 6), st.booleans()), max_size=20))
def test_of_references_that_overlap_a_sure_one_or_the_first_is_kept(spans: list[tuple[int, int, bool]]) -> None:
    every = [
        Reference("path", start, start + length, str(number), "", "x" if sure else None, "" if sure else "doubt")
        for number, (start, length, sure) in enumerate(spans)
    ]
    kept: list[Reference] = []
    for one in [*(one for one in every if one.text), *(one for one in every if not one.text)]:
        if not any(one.start < other.end and other.start < one.end for other in kept):
            kept.append(one)
    assert sorted(apart(every), key=repr) == sorted(kept, key=repr)

"""Lines of two versions are laid side by side as difflib does it, and in any case without losing one."""

from __future__ import annotations

import difflib

import pytest
from hypothesis import given
from hypothesis import strategies as st

from migration.report.alignment import Opcode, grouped

LINES = st.lists(st.sampled_from(["", "return", "x = 1", "y = a.b", "y = n.b", "z"]), max_size=14)
# 300 lines, of which some stand there many times: more than difflib is asked for as a whole.
MANY = [line for number in range(75) for line in ("", f"    x{number} = a.b.c({number % 5})", "    return", f"y = a.b{number % 9}")]


def made(old: list[str], new: list[str], groups: list[list[Opcode]]) -> list[str]:
    """The new version, put together from the old one and what the groups say has changed."""
    found, at = [], 0
    for tag, a, b, c, d in (code for group in groups for code in group):
        assert tag == ("equal" if old[a:b] == new[c:d] else "replace" if a < b and c < d else "insert" if c < d else "delete")
        found += [*old[at:a], *new[c:d]]
        at = b
    return [*found, *old[at:]]


@given(LINES, LINES, st.integers(1, 3))
def test_small_files_as_difflib_has_them(old: list[str], new: list[str], context: int) -> None:
    groups = [*grouped(old, new, context)]
    matcher = difflib.SequenceMatcher(None, old, new, autojunk=False)
    # An empty file is one equal group to difflib.
    assert groups == [group for group in matcher.get_grouped_opcodes(context) if any(code[0] != "equal" for code in group)]


@given(LINES, LINES, st.integers(0, 290), st.integers(1, 30))
def test_large_files_lose_no_line(before: list[str], after: list[str], at: int, step: int) -> None:
    new = [line.replace("a.b", "n.o") if number % step == 0 else line for number, line in enumerate(MANY)]
    new[at : at + len(before)] = after
    groups = [*grouped(MANY, new, 3)]
    assert made(MANY, new, groups) == new
    assert groups or new == MANY


@pytest.mark.parametrize(("every", "added"), [(1, 0), (3, 2)])
def test_lines_that_a_rewrite_leaves_are_no_change(every: int, added: int) -> None:
    new = [line.replace("a.b", "n.o.b") if number // 4 % every == 0 else line for number, line in enumerate(MANY)]
    changed = sum(map(str.__ne__, MANY, new))
    new[40:40] = [""] * added
    codes = [code for group in grouped(MANY, new, 3) for code in group]
    assert made(MANY, new, [codes]) == new
    assert sum(b - a for tag, a, b, _, _ in codes if tag != "equal") == changed

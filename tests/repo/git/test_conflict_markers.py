"""Which lines are a conflict's."""

from __future__ import annotations

import pytest

from migration.repo.git.conflict_markers import first_line

FULL = b"a\n<<<<<<< HEAD\nb\n=======\nc\n>>>>>>> main\n"


@pytest.mark.parametrize("raw", [
    b"", b"a\n", b"Title\n=======\n", b"<<<<<<< HEAD\nb\n=======\n", b"=======\n>>>>>>> main\n<<<<<<< HEAD\n", b" " + FULL[2:],
    FULL.replace(b"<<<<<<<", b"<<<<<<<<"), FULL.replace(b"<<<<<<< HEAD", b"<<<<<<<HEAD"), FULL.replace(b"=======", b"======= x"),
    FULL.replace(b">>>>>>>", b">>>>>>"),
])
def test_no_conflict(raw: bytes) -> None:
    assert first_line(raw) == 0


@pytest.mark.parametrize(("raw", "line"), [
    (FULL, 2), (FULL.replace(b"\n", b"\r\n"), 2), (FULL[2:], 1), (FULL.replace(b" HEAD", b"").replace(b" main", b""), 2),
    (b"\n" * 9 + FULL.replace(b"=======\n", b"||||||| base\nx\n=======\n"), 11), (b"<<<<<<< x\n\n" + FULL, 1), (FULL[:-1], 2),
])
def test_a_conflict(raw: bytes, line: int) -> None:
    assert first_line(raw) == line


def test_markers_of_another_size() -> None:
    large = FULL.replace(b"<<<<<<<", b"<" * 9).replace(b"=======", b"=" * 9).replace(b">>>>>>>", b">" * 9)
    assert first_line(large) == 0 and first_line(large, 9) == 2 and first_line(FULL, 9) == 0

from __future__ import annotations

import sys

from migration.core import progress
from migration.django import program


def test_nobody_listens() -> None:
    assert list(progress.each("abc", 3)) == ["a", "b", "c"]
    done = program.run([sys.executable, "-c", "print(1)"], capture_output=True, encoding="utf-8")
    assert (done.returncode, done.stdout, done.stderr) == (0, "1\n", "")


def test_after_the_block_nobody_listens_any_more() -> None:
    heard: list[tuple[int, int]] = []
    with progress.heard_by(lambda done, total: heard.append((done, total))):
        pass
    assert list(progress.each("ab", 2)) == ["a", "b"]
    assert heard == []


def test_an_item_counts_when_it_is_done() -> None:
    heard: list[tuple[int, int]] = []
    with progress.heard_by(lambda done, total: heard.append((done, total))):
        items = progress.each("abc", 3)
        assert next(items) == "a" and heard == []
        assert list(items) == ["b", "c"]
    assert heard == [(1, 3), (2, 3), (3, 3)]

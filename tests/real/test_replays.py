"""Moves that people once made by hand: the tool misses nothing that they followed, and breaks nothing.

Not part of the default run: ``pytest -m real``, or one alone: ``pytest -m real -k transformers``.
"""

from __future__ import annotations

import re
from pathlib import Path

import pytest

from tests.real.replays import REPLAYS, Replay, play


@pytest.mark.real
@pytest.mark.parametrize("replay", REPLAYS, ids=lambda replay: replay.id)
def test_as_people_did_it(replay: Replay, tmp_path: Path) -> None:
    result = play(replay, tmp_path)
    left = [str(item) for item in result.judged if item.verdict in ("missed", "wrong")]
    assert [line for line in (*left, *result.undecided) if not re.search(replay.known[0], line)] == []
    assert result.dangling == ()
    assert any(item.verdict == "agree" for item in result.judged)

"""What has been worked out about a value is kept with it, and nowhere else."""

from __future__ import annotations

import pickle
from dataclasses import replace

from migration.core.memo import is_worked_out, once
from migration.core.moves import Moves

CALLS: list[tuple[object, ...]] = []


@once
def size(moves: Moves) -> int:
    CALLS.append((moves,))
    return len(moves.modules)


@once
def size_of(moves: Moves, other: object) -> tuple[int, object]:
    CALLS.append((moves, other))
    return len(moves.modules), other


def moves_of(*names: str) -> Moves:
    return Moves(dict.fromkeys(names, False), {}, {})


def test_an_equal_value_has_its_own() -> None:
    CALLS.clear()
    one, two = moves_of("a"), moves_of("a")
    assert one == two and not is_worked_out(one, size)
    assert (size(one), size(two), len(CALLS)) == (1, 1, 2)


def test_a_copy_with_a_change_starts_anew() -> None:
    moves = moves_of("a")
    assert size(moves) == 1 and is_worked_out(moves, size)
    more = replace(moves, modules={"a": False, "b": False})
    assert not is_worked_out(more, size) and (size(more), size(moves)) == (2, 1)


def test_it_is_done_once() -> None:
    CALLS.clear()
    moves = moves_of("a", "b")
    assert [size(moves) for _ in range(3)] == [2, 2, 2] and [(moves,)] == CALLS
    assert repr(moves) == repr(moves_of("a", "b"))


def test_with_another_argument_it_is_done_anew() -> None:
    CALLS.clear()
    moves, one, two = moves_of("a"), [1], [1]
    assert size_of(moves, one)[1] is one and size_of(moves, one)[1] is one
    assert size_of(moves, two)[1] is two and len(CALLS) == 2


def test_it_goes_along_to_other_processes() -> None:
    CALLS.clear()
    moves = moves_of("a")
    size(moves)
    assert size(pickle.loads(pickle.dumps(moves))) == 1 and len(CALLS) == 1

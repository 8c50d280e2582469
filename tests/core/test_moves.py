"""Where names and paths go."""

from __future__ import annotations

import pytest

from migration.core.moves import Moves

MOVES = Moves(
    modules={"old": True, "old.a": False, "old.stay": False, "old.sub": True, "old.sub.b": False, "x": True, "x.y": False},
    moved={"old": "new.shop", "old.a": "new.shop.a", "old.sub": "new.shop.sub", "old.sub.b": "new.shop.sub.b"},
    packages={"old": "new.shop"},
    files={"old/a.py": "new/shop/a.py"},
    directories={"old": "new/shop", "old/sub": "new/other"},
)


@pytest.mark.parametrize("name", ["", "x", "x.y", "x.old", "x.y.old.a", "older", "older.a", "a", "old.stay", "old.stay.Thing", "new.shop.a"])
def test_names_that_stay(name: str) -> None:
    assert MOVES.new_name(name) == MOVES.new_module(name) == name
    assert not MOVES.moves(name)


@pytest.mark.parametrize("name, new, module, rest", [
    ("old", "new.shop", "old", ""),
    ("old.a", "new.shop.a", "old.a", ""),
    ("old.a.Thing.run", "new.shop.a.Thing.run", "old.a", "Thing.run"),
    ("old.sub.b", "new.shop.sub.b", "old.sub.b", ""),
    ("old.unknown.x", "new.shop.unknown.x", "old", "unknown.x"),
])
def test_names_that_move(name: str, new: str, module: str, rest: str) -> None:
    assert MOVES.new_name(name) == new and MOVES.moves(name)
    assert MOVES.split(name) == (module, rest)


@pytest.mark.parametrize("path, new", [
    ("", ""), ("x/y.py", "x/y.py"), ("older/a.py", "older/a.py"), ("x/old/a.py", "x/old/a.py"),
    ("old", "new/shop"), ("old/a.py", "new/shop/a.py"), ("old/not/there.txt", "new/shop/not/there.txt"),
    ("old/sub/c", "new/other/c"),
])
def test_paths(path: str, new: str) -> None:
    assert MOVES.new_path(path) == new


def test_strays_and_needles() -> None:
    assert MOVES.strays == {"old"}
    assert MOVES.needles == (b"old",)
    assert not MOVES.may_mention("x.y", b"import shop") and not MOVES.may_mention(None, b"")
    assert MOVES.may_mention("old.sub.b", b"") and MOVES.may_mention(None, b"from x import old")

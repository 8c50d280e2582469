from __future__ import annotations

import json
from pathlib import Path

import pytest

from migration.core.errors import GitError
from migration.repo.ledger import Done, Ledger, Origin, State, Step, Written
from migration.repo.ledger_file import load, save

ORIGINS = {"a": Origin("1", "100644", "i1"), "b": Origin("2", "100755", "i2"), "s": Origin("3", "100644", "3")}
LEDGER = Ledger(
    ORIGINS,
    {
        "prepare_structure": Done(writes={"new": Written("n", "n", "100644"), "s": Written("s1", "s1")}),
        "move_files": Done({"a": "b", "b": "c"}, (), {"a": Written("e", "e", "100644")}),
        "update_imports": Done(writes={"b": Written("1u", "1u"), "new": Written("nu", "nu")}),
        "prepare_models": Done({}, ("s",)),
    },
)
START = {"a": State("1", "100644", "a"), "b": State("2", "100755", "b"), "c": None, "new": None, "s": State("3", "100644", "s")}


def test_before_anything_all_is_as_it_was() -> None:
    assert LEDGER.states("prepare_structure") == START
    assert Ledger().states(None) == {}


def test_states_between_the_phases() -> None:
    moved = {"a": State("e", "100644", None), "b": State("1", "100644", "a"), "c": State("2", "100755", "b"),
             "new": State("n", "100644", None), "s": State("s1", "100644", "s")}
    assert LEDGER.states("move_files") == START | {"new": moved["new"], "s": moved["s"]}
    assert LEDGER.states("update_imports") == moved
    rewritten = moved | {"b": State("1u", "100644", "a"), "new": State("nu", "100644", None)}
    assert LEDGER.states("prepare_models") == rewritten
    assert LEDGER.states("generate_migrations") == LEDGER.states(None) == rewritten | {"s": None}


def test_steps_follow_the_files() -> None:
    assert LEDGER.steps() == {
        "a": [Step("move_files", "a", "e")], "b": [Step("", "a", "1"), Step("update_imports", "b", "1u")],
        "c": [Step("", "b", "2")],
        "new": [Step("prepare_structure", "new", "n"), Step("update_imports", "new", "nu")],
    }


def test_what_is_remembered() -> None:
    known = LEDGER.remembering()
    assert known.contents == {"a": ("1", "1u"), "b": ("2",), "s": ("3", "s1")}
    assert known.created == {"a": ("e",), "new": ("n", "nu")}
    assert known.places == {"a": ("b",), "b": ("c",)}
    assert known.shared == {"a", "b"}
    assert known.known == {"a": {"1", "1u", "e"}, "b": {"1", "1u", "2"}, "c": {"2"}, "s": {"3", "s1"}, "new": {"n", "nu"}}
    assert known.touched == {"a", "b", "c", "s", "new"}
    assert known.remembering() == known
    assert LEDGER.blobs == {"1", "2", "3", "n", "s1", "e", "1u", "nu"}


MOVED = Ledger({"a": Origin("1", "100644", "1")}, {"move_files": Done({"a": "n/a"}), "update_imports": Done(writes={"n/a": Written("2", "2")})}).remembering()


@pytest.mark.parametrize("place", ["b", "n/b", "n/a"])
def test_another_name_before_the_move(place: str) -> None:
    found = MOVED.with_origin_at("a", "b", place).remembering()
    assert {path for path, state in found.states("prepare_structure").items() if state} == {"b"}
    assert found.states(None)[place] == State("2", "100644", "b")
    assert "b" not in found.places["b"] and not found.shared  # else it would be taken for two files, and for deleted
    assert {"1", "2"} == found.known["a"] == found.known["n/a"]


def test_a_file_that_was_never_there() -> None:
    gone = MOVED.without("a").remembering()
    assert set(gone.states(None).values()) == {None} and gone.known["n/a"] == {"1", "2"}
    assert gone.phases["move_files"] == gone.phases["update_imports"] == Done()
    assert gone.forgetting("a").touched == set()


def test_saving(tmp_path: Path) -> None:
    path = tmp_path / "x/ledger.json"
    assert load(path) == Ledger()
    save(path, LEDGER.remembering())
    assert load(path) == LEDGER.remembering()
    first = path.read_bytes()
    save(path, load(path))
    assert path.read_bytes() == first


@pytest.mark.parametrize("text", ["", "[]", "{}", '{"version": 1, "origins": {"a": 3}}', '{"version": 1, "origins": []}', "\xff"])
def test_a_file_that_is_no_ledger(tmp_path: Path, text: str) -> None:
    (tmp_path / "ledger.json").write_bytes(text.encode("latin-1"))
    with pytest.raises(GitError, match="can't be read"):
        load(tmp_path / "ledger.json")


@pytest.mark.parametrize(("key", "value"), [
    ("contents", {"a": 3}), ("contents", {"a": "text"}), ("created", []), ("places", {"a": [1]}), ("base", 1), ("under", "x"),
    ("origins", {"a": {"oid": [], "mode": "100644", "index": "1"}}), ("origins", {"a": {"oid": "1"}}), ("origins", {"a": ["1", "100644", "1"]}),
    ("phases", []), ("phases", {"move_files": []}), ("phases", {"move_files": {"renames": {"a": 1}, "removes": [], "writes": {}}}),
    ("phases", {"move_files": {"renames": {}, "removes": "ab", "writes": {}}}), ("phases", {"move_files": {"renames": {}, "removes": [], "writes": {"a": {"oid": 1, "made": "1", "mode": ""}}}}),
    ("undone", {"move_files": None}),
])
def test_a_wrong_shape(tmp_path: Path, key: str, value: object) -> None:
    path = tmp_path / "ledger.json"
    save(path, LEDGER.remembering())
    path.write_text(json.dumps({**json.loads(path.read_text()), key: value}))
    with pytest.raises(GitError, match="can't be read") as error:
        load(path)
    assert "delete that file" in error.value.remedy
    path.write_text("[" * 100_000)
    with pytest.raises(GitError, match="can't be read"):
        load(path)

"""doit's state where it can't be kept: a message with a remedy."""

from __future__ import annotations

import sqlite3
from pathlib import Path

import pytest
from doit.dependency import JSONCodec
from doit.exceptions import InvalidDodoFile

from migration.cli.doit_state import State


def test_what_is_saved_is_read(tmp_path: Path) -> None:
    state = State(str(tmp_path / "db"), JSONCodec())
    state.set("a", "result:", 1)
    state.dump()
    assert State(str(tmp_path / "db"), JSONCodec()).get("a", "result:") == 1


def test_a_file_that_is_no_database(tmp_path: Path) -> None:
    (tmp_path / "db").write_text("no database " * 100)
    with pytest.raises(InvalidDodoFile) as error:
        State(str(tmp_path / "db"), JSONCodec())
    assert str(tmp_path / "db") in str(error.value) and "delete it" in str(error.value)


def test_a_place_that_is_not_there(tmp_path: Path) -> None:
    with pytest.raises(InvalidDodoFile, match="unable to open database file"):
        State(str(tmp_path / "none/db"), JSONCodec())


def test_a_full_disk(tmp_path: Path) -> None:
    state = State(str(tmp_path / "db"), JSONCodec())
    connection: sqlite3.Connection = state._conn
    connection.execute("PRAGMA max_page_count=1")
    for number in range(100):
        state.set(f"task {number}", "result:", "x" * 1000)
    with pytest.raises(InvalidDodoFile, match="full") as error:
        state.dump()
    assert "make room" in str(error.value)

"""A database is asked which one it is, and knows the trial's own by their mark."""

from __future__ import annotations

import os
import sqlite3
import time
from pathlib import Path

import pytest

from migration.django.probe.database_marks import LIFETIME, Place, identity, is_empty, mark_of, where, write

RUN = {"token": "token", "product": "shop", "checkout": "0a", "host": "it's me"}


@pytest.fixture
def own(tmp_path: Path) -> sqlite3.Connection:
    return sqlite3.connect(tmp_path / "own.sqlite3")


def place(tmp_path: Path, token: str, **more: object) -> Place:
    return Place("sqlite", "default", str(tmp_path / "own.sqlite3"), token, **more)  # type: ignore[arg-type]


def test_the_mark_is_what_tells(own: sqlite3.Connection, tmp_path: Path) -> None:
    assert is_empty("sqlite", own) and mark_of("sqlite", own) == {}
    assert place(tmp_path, "").check(own) == ""
    assert place(tmp_path, "token").check(own).endswith("does not bear the mark of this run")
    write("sqlite", own, RUN)
    assert place(tmp_path, "token").check(own) == "" and mark_of("sqlite", own)["token"] == "token"
    assert place(tmp_path, "other").check(own).endswith("does not bear the mark of this run")
    assert place(tmp_path, "").check(own).endswith("is not the one that was just made")
    assert not own.in_transaction


def test_two_marks_are_none(own: sqlite3.Connection) -> None:
    write("sqlite", own, RUN)
    own.execute("INSERT INTO phased_migration_trial SELECT * FROM phased_migration_trial")
    own.commit()
    assert mark_of("sqlite", own) == {}


def test_the_name_that_was_asked_for_proves_nothing(own: sqlite3.Connection, tmp_path: Path) -> None:
    write("sqlite", own, RUN)
    other = Place("sqlite", "default", str(tmp_path / "other.sqlite3"), "token")
    assert other.check(own) == f"`default` arrives at {tmp_path}/own.sqlite3, where the trial's own is {tmp_path}/other.sqlite3"
    assert "the trial's own is" in place(tmp_path, "token", reached=[identity(str(tmp_path / "own.sqlite3"))]).check(own)


def test_attached_files_are_named(own: sqlite3.Connection, tmp_path: Path) -> None:
    write("sqlite", own, RUN)
    own.execute(f"ATTACH '{tmp_path / 'real'}' AS other")
    assert place(tmp_path, "token").check(own).endswith(f"other files are attached to it: {tmp_path / 'real'}")


def test_a_connection_that_does_not_answer(own: sqlite3.Connection, tmp_path: Path) -> None:
    own.close()
    assert "does not say which it is: ProgrammingError" in place(tmp_path, "token").check(own)


def test_where_a_file_is(own: sqlite3.Connection, tmp_path: Path) -> None:
    assert where("sqlite", own) == (str(tmp_path / "own.sqlite3"), "", 0)
    assert where("sqlite", sqlite3.connect(":memory:")) == ("", "", 0)
    assert identity(str(tmp_path / "none")) is None and identity("\0") is None
    os.link(tmp_path / "own.sqlite3", tmp_path / "link")
    assert identity(str(tmp_path / "link")) == identity(str(tmp_path / "own.sqlite3"))


def test_what_the_mark_says(own: sqlite3.Connection) -> None:
    before = int(time.time())
    write("sqlite", own, RUN)
    mark = mark_of("sqlite", own)
    assert {name: mark[name] for name in RUN} == {**RUN, "host": "its me"}
    assert before <= int(mark["began"]) <= time.time() and int(mark["ends"]) - int(mark["began"]) == LIFETIME


def test_another_question_than_for_the_token(own: sqlite3.Connection, tmp_path: Path) -> None:
    asked = place(tmp_path, "")
    asked.accepts = lambda mark, empty: f"{mark.get('product')} {empty}"
    assert asked.check(own).endswith("own.sqlite3: None True")
    write("sqlite", own, RUN)
    assert asked.check(own).endswith("own.sqlite3: shop False")
    asked.accepts = lambda mark, empty: ""
    assert asked.check(own) == ""

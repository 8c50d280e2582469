"""Which databases are dropped as a killed run's, on a server of PostgreSQL."""

from __future__ import annotations

import os
import time
from pathlib import Path

import pytest

from migration.django.left_databases import NOTE, Taken, Trial, noted, take_away
from migration.django.probe.left_databases import Left
from tests import databases
from tests.django_projects import PYTHON, write
from tests.faults.databases import FILES

CHECKOUT, OTHER = "0a0a0a0a", "0b0b0b0b"
TABLE = (
    "CREATE SCHEMA phased_migration; CREATE TABLE phased_migration.phased_migration_trial (token varchar(200), product varchar(200), "
    "checkout varchar(200), host varchar(200), began varchar(200), ends varchar(200))"
)


def make(name: str, checkout: str = CHECKOUT, host: str = "", ends: float = 0, *, table: str = "", marked: bool = True) -> str:
    """A database with a mark, on the server."""
    databases.sql(f"CREATE DATABASE {name}")
    if marked:
        databases.sql(TABLE, name)
        values = ("t", "shop", checkout, host or os.uname().nodename, "0", str(int(ends or time.time() + 1000)))
        listed = ", ".join(f"'{value}'" for value in values)
        databases.sql(f"INSERT INTO phased_migration.phased_migration_trial VALUES ({listed})", name)
    if table:
        databases.sql(f"CREATE TABLE {table} (id integer)", name)
    return name


@pytest.fixture
def trial(tmp_path: Path) -> Trial:
    files = dict(FILES)
    files["shop/settings.py"] += (
        "DATABASES['default'] = {'ENGINE': 'django.db.backends.postgresql', 'NAME': 'mine', 'USER': 'postgres', "
        f"'HOST': {databases.host()!r}}}\n"
    )
    return Trial(PYTHON, str(write(tmp_path / "repo", files)), "shop.settings", (".",))


def test_what_is_ours_and_dead_is_dropped_and_nothing_else(trial: Trial, tmp_path: Path) -> None:
    own = f"test_phased_shop_{CHECKOUT}"
    gone = [
        make(f"{own}_11111111_0_filled"),
        make(f"{own}_11111111_0_filled_copy", table="core_team"),
        make(f"test_phased_other_thing_{CHECKOUT}_22222222_12_empty"),
        make(f"{own}_33333333_0_empty", marked=False),
        make(f"{own}_44444444_0_empty", host="another", ends=time.time() - 10),
    ]
    stays = [
        make(f"{own}_55555555_0_empty", host="another"),
        make(f"{own}_66666666_0_empty", OTHER),
        make(f"{own}_77777777_0_empty", marked=False, table="customers"),
        make(f"test_phased_shop_{OTHER}_88888888_0_empty"),
        make(f"{own}_99999999_0_kept"),
        make(f"test_phased_shop_{CHECKOUT}"),
        make("mine", table="customers"),
    ]
    try:
        before = databases.names()
        taken = take_away(trial, tmp_path / "left", CHECKOUT, tmp_path)
        assert sorted(taken.dropped) == sorted(gone) and before - databases.names() == set(gone)
        assert len(taken.left) == 3
        text = "\n".join(taken.left)
        assert f"{stays[0]}: `default`: the database {stays[0]} of the server behind its socket: a run on another may be" in text
        assert "it is of another checkout" in text and "it has tables and no mark" in text
    finally:
        for name in databases.names() & {*gone, *stays}:
            databases.sql(f"DROP DATABASE {name}")


def test_a_place_that_is_gone(trial: Trial, tmp_path: Path) -> None:
    gone = Trial(trial.python, str(tmp_path / "none"), trial.settings, trial.roots)
    assert take_away(gone, tmp_path / "left", CHECKOUT, Path(trial.repo)) == Taken()
    (tmp_path / "bare").mkdir()
    (line,) = take_away(gone, tmp_path / "left", CHECKOUT, tmp_path / "bare").left
    assert "No module named 'shop'" in line


def test_the_note(trial: Trial, tmp_path: Path) -> None:
    assert noted(tmp_path) is None
    trial.write(tmp_path / "new")
    assert noted(tmp_path / "new") == trial
    for text in ("", "[]", "{}", '{"python": "x"}'):
        (tmp_path / "new" / NOTE).write_text(text)
        assert noted(tmp_path / "new") is None


def test_which_marks_are_left() -> None:
    left, mark = Left("c", "h"), {"checkout": "c", "host": "h", "ends": "0"}
    assert left.why_not(mark, False) == "" and left.why_not({}, True) == ""
    assert left.why_not({**mark, "ends": str(int(time.time()) + 99)}, False) == ""
    assert left.why_not({**mark, "host": "x", "ends": str(int(time.time()) + 99)}, False) == "a run on x may be at work on it"
    assert left.why_not({**mark, "host": "x"}, False) == ""
    assert left.why_not({**mark, "checkout": "x"}, False) == "it is of another checkout"
    assert left.why_not({}, False) == "it has tables and no mark"

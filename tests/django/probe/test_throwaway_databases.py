"""The trial's databases are made where its connections arrive, and nowhere else: poolers, backends, marks."""

from __future__ import annotations

import shutil
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests import databases, mysql
from tests.faults.databases import OTHER, REAL, Odd, World, migration, outcome

NOTHING = Odd("nothing else")


@pytest.fixture
def world(tmp_path: Path) -> Iterator[World]:
    world = World("postgresql", tmp_path / "world")
    world.make()
    yield world
    world.drop()


# A pooler: what is asked for -> where it leads, and what is said of it.
POOLERS = [
    pytest.param({"other": ""}, "", id="every name leads to its database"),
    pytest.param({"other": REAL}, f"a connection to the server arrives in its database {REAL}", id="every name leads to one"),
    pytest.param(
        {"postgres": "", "other": REAL}, f"`default` arrives at the database {REAL} of the server",
        id="every name but that of the server leads to one",
    ),
    pytest.param({"postgres": "", REAL: ""}, "no such database", id="no name but those that are listed"),
]  # fmt: skip


@pytest.mark.skipif(shutil.which("pgbouncer") is None, reason="there is no pgbouncer")
@pytest.mark.parametrize(("leads", "said"), POOLERS)
def test_a_pooler(world: World, tmp_path: Path, leads: dict[str, str], said: str) -> None:
    with databases.pooler(**leads) as port:
        place = f'DATABASES["default"].update(HOST="127.0.0.1", PORT={port}, DISABLE_SERVER_SIDE_CURSORS=True)\n'
        refused, changed = outcome(world, Odd("a pooler", place), NOTHING, tmp_path / "trial")
    assert changed == []
    assert (said in refused) if said else not refused, refused


def test_a_database_of_that_name_that_is_not_ours(world: World, tmp_path: Path) -> None:
    """The name of a run is nobody else's; where it is all the same, nothing is dropped."""
    name = "test_odd_trial_0_filled"
    databases.sql(f"CREATE DATABASE {name}")
    try:
        refused, changed = outcome(world, NOTHING, NOTHING, tmp_path / "trial")
        assert f"a database {name} is there that is not of this run" in refused and "does not bear the mark" in refused
        assert changed == [] and name in databases.names()
    finally:
        databases.sql(f"DROP DATABASE {name}")


def test_a_template_of_the_server_is_used(world: World, tmp_path: Path) -> None:
    """What it brings is there: a table that is no surprise to the check of what was just made."""
    databases.sql("CREATE DATABASE brought IS_TEMPLATE true")
    databases.sql("CREATE TABLE brought (id integer)", "brought")
    try:
        template = Odd("a template", 'DATABASES["default"]["TEST"] = {"TEMPLATE": "brought"}\n')
        assert outcome(world, template, NOTHING, tmp_path / "trial") == ("", [])
    finally:
        databases.sql("ALTER DATABASE brought IS_TEMPLATE false")
        databases.sql("DROP DATABASE brought")


@pytest.mark.skipif(bool(mysql.missing()), reason=mysql.missing())
def test_a_server_of_mysql_that_leads_every_connection_elsewhere(tmp_path: Path) -> None:
    """``init_connect`` runs for each user without special rights, whatever database was asked for."""
    world = World("mysql", tmp_path / "world")
    world.make()
    mysql.sql(
        "CREATE USER led@localhost IDENTIFIED BY 'secret'; GRANT ALL ON `mono%`.* TO led@localhost; GRANT ALL ON `test_odd%`.* TO led@localhost; "
        f"SET GLOBAL init_connect = 'USE {REAL}'"
    )
    try:
        led = Odd("a server that leads elsewhere", 'DATABASES["default"].update(USER="led", PASSWORD="secret")\n')
        refused, changed = outcome(world, led, NOTHING, tmp_path / "trial")
        assert f"`default` arrives at the database {REAL} of the server" in refused and changed == []
    finally:
        mysql.sql("SET GLOBAL init_connect = ''; DROP USER led@localhost")
        world.drop()


def test_two_aliases_that_share_a_database_have_one(world: World, tmp_path: Path) -> None:
    """Rows that one alias writes are there for the other."""
    shared = (
        'DATABASES["other"] = {**DATABASES["default"], "NAME": "ignored", "OPTIONS": {"dbname": REAL}}\n'
        'DATABASES["third"] = {**CONF, "NAME": OTHER}\n'
    )
    code = (
        "from django.db import connections\n"
        "names = [connections[alias].settings_dict['NAME'] for alias in ('default', 'other', 'third')]\n"
        f"assert names[0] == names[1] != names[2] and {{'{REAL}', '{OTHER}'}}.isdisjoint(names), names"
    )
    assert outcome(world, Odd("shared", shared), Odd("asked", files=migration(code)), tmp_path / "trial") == ("", [])

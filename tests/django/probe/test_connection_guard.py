"""Nothing connects to a database by itself; each driver is tried in a process of its own."""

from __future__ import annotations

import importlib.util
import json
import os
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest

from migration.django.probe import connection_guard, database_marks, outside_world
from migration.django.probe.connection_guard import as_words, described, in_memory, shown
from tests import databases

GUARDED = """
import importlib.util, json, os, sys

def load(path):
    spec = importlib.util.spec_from_file_location("part", path)
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module

noted = []
guard = load(sys.argv[1]).Guard(noted.append)
marks = load(sys.argv[2])
{before}
guard.install(load(sys.argv[3]).after_import)
said = ""
try:
    exec(sys.argv[4])
except Exception as error:
    said = f"{{type(error).__name__}}: {{error}}"
    kinds = [f"{{kind.__module__}}.{{kind.__name__}}" for kind in type(error).__mro__]
    print(json.dumps([said, noted, kinds]))
else:
    print(json.dumps(["", noted, []]))
"""


def run(code: str, before: str = "", cwd: Path | None = None) -> Any:
    """What an error says, what was refused, and the classes of the error."""
    parts = [connection_guard.__file__, database_marks.__file__, outside_world.__file__]
    done = subprocess.run(
        [sys.executable, "-c", GUARDED.format(before=before), *parts, code], capture_output=True, text=True, cwd=cwd, check=False
    )
    assert done.returncode == 0, done.stderr
    return json.loads(done.stdout)


# ---- let through


@pytest.mark.parametrize(
    "code",
    [
        "import sqlite3; sqlite3.connect(':memory:').execute('CREATE TABLE x (y)')",
        "import sqlite3; c = sqlite3.connect('file::memory:?cache=shared', uri=True); c.execute('VACUUM')",
        "import sqlite3; sqlite3.connect(':memory:').execute(\"ATTACH ':memory:' AS other\")",
        "import subprocess, sys; subprocess.check_call([sys.executable, '-c', 'print', 'mysql_old'], stdout=-3)",
        "import os; os.system('true manage')",
    ],
)
def test_what_reaches_no_database_is_let_through(code: str) -> None:
    assert run(code) == ["", [], []]


def test_the_place_that_is_given_is_let_through(tmp_path: Path) -> None:
    code = f"""
import sqlite3
name = {str(tmp_path / "own.sqlite3")!r}
with guard.through(marks.Place("sqlite", "default", name, "")):
    connection = sqlite3.connect(name)
marks.write("sqlite", connection, {{"token": "token"}})
with guard.through(marks.Place("sqlite", "default", name, "token")):
    assert sqlite3.connect(name).execute("SELECT token FROM phased_migration_trial").fetchall() == [("token",)]
"""
    assert run(code) == ["", [], []]


# ---- refused


@pytest.mark.parametrize("before", ["", "import sqlite3"])
@pytest.mark.parametrize(
    "code",
    [
        "import sqlite3; sqlite3.connect('real')",
        "from sqlite3 import connect; connect(database='real')",
        "from sqlite3 import dbapi2; dbapi2.connect(b'real')",
        "import _sqlite3; _sqlite3.connect('real')",
        "import sqlite3; sqlite3.connect('file:real?mode=rwc', uri=True)",
        "import sqlite3, pathlib; sqlite3.connect(pathlib.Path('real'))",
    ],
)
def test_a_file_of_sqlite_s(code: str, before: str, tmp_path: Path) -> None:
    said, refused, kinds = run(code, before, tmp_path)
    assert said.startswith("OperationalError: refused by the trial of the migrations: sqlite3.connect(")
    assert len(refused) == 1 and "real" in refused[0] and "sqlite3.OperationalError" in kinds
    assert list(tmp_path.iterdir()) == []


@pytest.mark.parametrize("statement", ["ATTACH '{}' AS other", "ATTACH DATABASE 'file:{}?mode=rw' AS other", "VACUUM INTO '{}'"])
def test_a_file_that_is_attached(statement: str, tmp_path: Path) -> None:
    path = tmp_path / "real"
    said, refused, _ = run(f"import sqlite3; sqlite3.connect('file::memory:', uri=True).execute({statement.format(path)!r})")
    assert said.startswith("DatabaseError: not authorized") or "authoriz" in said
    assert len(refused) == 1 and str(path) in refused[0] and "ATTACH" in refused[0] and not path.exists()


def test_another_file_than_the_place(tmp_path: Path) -> None:
    code = "import sqlite3\nwith guard.through(marks.Place('sqlite', 'default', '/own', 't')):\n    sqlite3.connect('real')"
    said, refused, _ = run(code, cwd=tmp_path)
    assert "`default` is at 'real', where the trial's own is /own" in said and len(refused) == 1
    assert list(tmp_path.iterdir()) == []


def test_the_place_in_another_thread(tmp_path: Path) -> None:
    code = f"""
import sqlite3, threading
name = {str(tmp_path / "own")!r}
said = []
def work():
    try:
        sqlite3.connect(name)
    except sqlite3.OperationalError as error:
        said.append(error)
with guard.through(marks.Place("sqlite", "default", name, "")):
    thread = threading.Thread(target=work); thread.start(); thread.join()
assert said
"""
    assert run(code)[0] == "" and list(tmp_path.iterdir()) == []


def test_a_link_to_another_file(tmp_path: Path) -> None:
    (tmp_path / "real").write_bytes(b"")
    (tmp_path / "own").symlink_to("real")
    (tmp_path / "hard").hardlink_to(tmp_path / "real")
    for name in ("own", "hard"):
        code = f"""
import sqlite3
reached = [marks.identity({str(tmp_path / "real")!r})]
with guard.through(marks.Place("sqlite", "default", {str(tmp_path / name)!r}, "", reached)):
    sqlite3.connect({str(tmp_path / name)!r})
"""
        said, _, _ = run(code)
        assert said.startswith("OperationalError: refused"), said
    assert (tmp_path / "real").read_bytes() == b""


@pytest.mark.parametrize(
    ("driver", "code"),
    [
        ("psycopg", "import psycopg; psycopg.connect('dbname=real password=secret')"),
        ("psycopg", "import psycopg; psycopg.Connection.connect(dbname='real')"),
        ("psycopg", "import psycopg, asyncio; asyncio.run(psycopg.AsyncConnection.connect(dbname='real'))"),
        ("psycopg2", "import psycopg2; psycopg2.connect('postgres://me:secret@host/real')"),
        ("MySQLdb", "import MySQLdb; MySQLdb.connect(db='real', passwd='secret')"),
        ("pymysql", "import pymysql; pymysql.connect(database='real', password='secret')"),
        ("asyncpg", "import asyncpg; asyncpg.connect('postgres://me:secret@host/real')"),
    ],
)
@pytest.mark.parametrize("before", [False, True])
def test_a_server(driver: str, code: str, before: bool) -> None:
    if importlib.util.find_spec(driver) is None:
        pytest.skip(f"{driver} is not installed")
    said, refused, kinds = run(code, f"import {driver}" if before else "")
    assert said.startswith("OperationalError: refused by the trial of the migrations: ") and "real" in said
    assert "secret" not in json.dumps([said, refused]) and len(refused) == 1
    assert driver == "asyncpg" or any(kind.startswith(driver) or kind.startswith("MySQLdb") for kind in kinds), kinds


@pytest.mark.parametrize(
    "code",
    [
        "import subprocess; subprocess.run(['psql', '-c', 'DELETE'])",
        "import subprocess; subprocess.run('/usr/bin/mysql real < x', shell=True)",
        "import os; os.system('sqlite3 real .dump')",
        "import subprocess, sys; subprocess.run([sys.executable, 'manage.py', 'migrate'])",
        "import subprocess, sys; subprocess.run([sys.executable, '-m', 'django', 'migrate'])",
        "import os, sys; os.posix_spawn('/usr/bin/psql', ['psql'], {})",
    ],
)
def test_a_program(code: str) -> None:
    said, refused, _ = run(code)
    assert said.startswith("OperationalError: refused by the trial of the migrations: the program ") and len(refused) == 1


@pytest.mark.parametrize("engine", ["postgresql"])
def test_a_server_s_database_without_the_mark(engine: str) -> None:
    """The name is right, and nothing else."""
    databases.sql("CREATE DATABASE phased_unmarked")
    try:
        code = (
            "import psycopg\n"
            "with guard.through(marks.Place('postgresql', 'default', 'phased_unmarked', 'token')):\n"
            f"    psycopg.connect(dbname='phased_unmarked', host={databases.host()!r}, user='postgres')"
        )
        said, refused, kinds = run(code)
        assert "the database phased_unmarked of the server behind its socket does not bear the mark of this run" in said
        assert "psycopg.OperationalError" in " ".join(kinds) and len(refused) == 1
        other = code.replace("Place('postgresql', 'default', 'phased_unmarked'", "Place('postgresql', 'default', 'phased_other'")
        assert "arrives at the database phased_unmarked" in run(other)[0]
        server = code.replace("Place('postgresql', 'default', 'phased_unmarked', 'token')", "Place('postgresql', 'default', '', '')")
        assert "a connection to the server arrives in its database phased_unmarked" in run(server)[0]
    finally:
        databases.sql("DROP DATABASE phased_unmarked")


# ---- words


def test_names_of_no_file() -> None:
    assert all(map(in_memory, (":memory:", "", b":memory:", "file::memory:?cache=shared", "file:x?mode=memory&cache=shared")))
    assert not any(map(in_memory, ("x", None, "file:x", "x?mode=memory", "file:mode=memory", Path(":memory:x"))))


def test_where_it_was_to_go_without_the_password() -> None:
    assert described((), {"host": "db", "password": "p", "dbname": "x"}) == "host='db', dbname='x'"
    assert described(("host=a password='a b' dbname=c",), {}) == "'host=a password=… dbname=c'"
    assert described(("postgres://me:p@h/x",), {}) == "'postgres://…@h/x'"
    assert shown(Path("a")) == "'a'" and as_words((b"a", 1, "b")) == ["a", "b"] and as_words(os.curdir) == ["."]

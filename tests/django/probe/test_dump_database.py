"""A dump sees every change of a schema or a row, and sees none where nothing changes."""

from __future__ import annotations

import json
import subprocess
from pathlib import Path

import pytest

from migration.django.database_dump import Dump, read
from migration.django.dump_differences import row_differences, schema_differences
from migration.django.probe import dump_database
from tests import databases
from tests.databases import ENGINES
from tests.django_projects import PYTHON

START = (
    "CREATE TABLE team (id integer PRIMARY KEY, name varchar(10) NOT NULL DEFAULT 'a, (b', \"full name\" text, CONSTRAINT short CHECK (length(name) < 9))",
    "CREATE TABLE tag (id integer PRIMARY KEY, team_id integer NULL REFERENCES team (id), word varchar(5), CONSTRAINT once UNIQUE (word))",
    "CREATE INDEX words ON tag (word)",
    "CREATE VIEW teams AS SELECT name FROM team",
    "INSERT INTO team VALUES (1, 'x', NULL)",
)
# A statement -> what it changes.
CHANGES = (
    ("SELECT 1", []),
    ("UPDATE team SET name = 'y'", ["table team: row id=1: column name is y, was x"]),
    ("INSERT INTO tag VALUES (5, 1, NULL)", ["table tag: row id=5 is new: [5, 1, null]"]),
    ("DELETE FROM tag", ["table tag: row id=5 is gone: [5, 1, null]"]),
    ("DROP INDEX words", ["table tag: index words is gone"]),
    ("CREATE UNIQUE INDEX words ON tag (word)", ["table tag: index words is new: CREATE UNIQUE INDEX"]),
    ("ALTER TABLE tag ADD COLUMN size integer NULL", ["table tag: column size is new: integer", "table tag: order of columns is "]),
    ("ALTER TABLE tag RENAME COLUMN size TO width",
     ["table tag: column size is gone: integer", "table tag: column width is new: integer", "table tag: order of columns is "]),
    ("DROP VIEW teams", None),
    ("ALTER TABLE tag RENAME TO label", None),
    ("CREATE TABLE extra (id integer)", ["table extra is new"]),
)  # fmt: skip
POSTGRESQL = (
    ("ALTER TABLE label ALTER COLUMN word TYPE varchar(6)",
     ["table label: column word is character varying(6), was character varying(5)"]),
    ("ALTER TABLE team ALTER COLUMN name SET DEFAULT 'q'", ["table team: column name is "]),
    ("ALTER TABLE team ALTER COLUMN name DROP NOT NULL", None),
    ("ALTER TABLE label RENAME CONSTRAINT once TO twice",
     ["table label: constraint once is gone", "table label: constraint twice is new: UNIQUE (word)",
      "table label: index once is gone", "table label: index twice is new"]),
    ("CREATE SEQUENCE s", ["sequence s is new"]),
    ("SELECT nextval('s')", []),
    ("ALTER SEQUENCE s INCREMENT 5", ["sequence s: sequence is bigint 1 5 1 "]),
    ("SELECT setval('s', 7)", []),
    ("SELECT setval('s', 2, false)", ["sequence s stands at 2 (unused), stood at 7"]),
    ("COMMENT ON COLUMN team.name IS 'what it is called'", ["table team: column name is "]),
    ("ALTER TABLE extra SET (fillfactor = 70)", ["table extra: table is "]),
    ("CREATE SCHEMA other", []),
    ("CREATE TABLE other.team (id integer GENERATED ALWAYS AS IDENTITY)", ["table other.team is new", "sequence other.team_id_seq is new"]),
)  # fmt: skip

CONNECTED = """
import importlib.util, json, sys
from django.conf import settings
engine, name, host, probe, directory, kind = sys.argv[1:7]
settings.configure(DATABASES={"default": {"ENGINE": "django.db.backends." + engine, "NAME": name, "HOST": host, "USER": "postgres"}})
import django
django.setup()
from django.db import connection
spec = importlib.util.spec_from_file_location("probe", probe)
module = importlib.util.module_from_spec(spec)
spec.loader.exec_module(module)
"""
DRIVER = CONNECTED + """
if kind == "any":
    module.sqlite_schema = module.postgresql_schema = module.any_schema
for number, statement in enumerate(json.loads(sys.stdin.read())):
    with connection.cursor() as cursor:
        cursor.execute(statement)
    with open(f"{directory}/{number}.json", "w") as stream:
        json.dump(module.dump(connection), stream)
"""
MISFITS = CONNECTED + """
from django.db import models
from django.db.migrations.state import ModelState, ProjectState
statements, tables = json.loads(sys.stdin.read())
with connection.cursor() as cursor:
    for statement in statements:
        cursor.execute(statement)
state = ProjectState()
for table, columns in tables.items():
    first, *others = columns
    fields = [(f"f_{first}", models.IntegerField(primary_key=True, db_column=first))]
    fields += [(f"f_{column}", models.IntegerField(db_column=column)) for column in others]
    state.add_model(ModelState("shop", table.title(), fields, {"db_table": table}))
print(json.dumps(module.misfits(connection, state.apps)))
"""


def dumps(engine: str, directory: Path, statements: list[str], kind: str) -> list[Dump]:
    """What the database holds after each statement."""
    asked(engine, directory, DRIVER, statements, kind)
    return [read(directory / f"{number}.json") for number in range(len(statements))]


def asked(engine: str, directory: Path, driver: str, given: object, kind: str) -> str:
    """What a script prints that works on a new database."""
    name = str(directory / "db.sqlite3")
    if engine == "postgresql":
        name = f"dump_{kind}"
        databases.sql(f"DROP DATABASE IF EXISTS {name}")
        databases.sql(f"CREATE DATABASE {name}")
    probe = dump_database.__file__
    try:
        engine_name = "sqlite3" if engine == "sqlite" else engine
        host = databases.environment(engine)["TEST_HOST"]
        done = subprocess.run(
            [PYTHON, "-c", driver, engine_name, name, host, probe, str(directory), kind],
            input=json.dumps(given), capture_output=True, text=True, check=False,
        )  # fmt: skip
        assert done.returncode == 0, done.stderr
    finally:
        if engine == "postgresql":
            databases.sql(f"DROP DATABASE {name}")
    return done.stdout


@pytest.mark.parametrize("engine", ENGINES)
def test_every_change_is_seen_and_nothing_else(engine: str, tmp_path: Path) -> None:
    changes = [*CHANGES, *(POSTGRESQL if engine == "postgresql" else ())]
    found = dumps(engine, tmp_path, [*START, *(statement for statement, _ in changes)], "own")
    for number, (statement, expected) in enumerate(changes, len(START)):
        said = [*schema_differences(found[number - 1], found[number]), *row_differences(found[number - 1], found[number])]
        if expected is None:
            assert said, statement
            continue
        assert len(said) == len(expected), (statement, said)
        for line in expected:
            assert any(one.startswith(line) for one in said), (statement, said)


@pytest.mark.parametrize("engine", ENGINES)
def test_what_django_s_introspection_sees(engine: str, tmp_path: Path) -> None:
    """The way of every engine that has none of its own here."""
    changes = [change for change in CHANGES if not change[0].startswith(("DROP VIEW", "ALTER TABLE tag RENAME TO"))]
    found = dumps(engine, tmp_path, [*START, *(statement for statement, _ in changes)], "any")
    assert {"constraint words", "column word", "order of columns"} <= set(found[len(START) - 1].schema["tag"])
    for number, (statement, expected) in enumerate(changes, len(START)):
        said = [*schema_differences(found[number - 1], found[number]), *row_differences(found[number - 1], found[number])]
        assert bool(said) == bool(expected), (statement, said)


@pytest.mark.parametrize(("engine", "hidden"), [("sqlite", "rowid"), ("postgresql", "ctid")])
def test_columns_that_the_engine_has_but_does_not_list_are_there(engine: str, hidden: str, tmp_path: Path) -> None:
    """As a model on the full-text index of SQLite has one."""
    tables = {"team": [hidden, "name", "rowids"], "tag": ["id", hidden], "gone": ["id"]}
    assert json.loads(asked(engine, tmp_path, MISFITS, [START, tables], "misfits")) == [
        "shop.Gone has the table gone, which does not exist",
        "shop.Team.f_rowids has the column team.rowids, which does not exist",
    ]


def test_the_full_text_index_of_sqlite_fits(tmp_path: Path) -> None:
    made = ["CREATE VIRTUAL TABLE words USING fts5 (body)", "CREATE TABLE plain (id integer PRIMARY KEY) WITHOUT ROWID"]
    tables = {"words": ["rowid", "body"], "plain": ["rowid"]}
    assert json.loads(asked("sqlite", tmp_path, MISFITS, [made, tables], "misfits")) == [
        "shop.Plain.f_rowid has the column plain.rowid, which does not exist"
    ]


def test_the_full_text_index_of_sqlite_is_compared_by_what_it_holds(tmp_path: Path) -> None:
    """How it keeps that depends on the order in which it came."""
    statements = [
        "CREATE VIRTUAL TABLE words USING fts5 (body)",
        "INSERT INTO words VALUES ('one two')",
        "UPDATE words SET body = 'three'",
        "UPDATE words SET body = 'one two'",
        "UPDATE words SET body = 'one'",
        "DROP TABLE words",
    ]
    found = dumps("sqlite", tmp_path, statements, "own")
    assert {*found[1].tables} == {"words"} and {"words_data", "words_idx"} <= {*found[1].schema}
    assert [*row_differences(found[1], found[3])] == [*schema_differences(found[1], found[3])] == []
    assert [line.partition(": [")[0] for line in row_differences(found[3], found[4])] == [
        "table words: row body=one two is gone",
        "table words: row body=one is new",
    ]
    assert "table words is gone" in [*schema_differences(found[4], found[5])]


def test_the_columns_of_sqlite_are_told_apart(tmp_path: Path) -> None:
    schema = dumps("sqlite", tmp_path, list(START), "own")[-1].schema
    assert schema["team"] == {
        "table": "plain",
        "column id": "integer PRIMARY KEY",
        "column name": "varchar(10) NOT NULL DEFAULT 'a, (b'",
        "column full name": "text",
        "constraint short": "CHECK (length(name) < 9)",
        "order of columns": "id, name, full name",
    }


UNNAMED = CONNECTED + """
from django.db import models
from django.db.migrations.state import ModelState, ProjectState
from django.db.models import Q
from django.db.models.functions import Lower
check = "check" if django.VERSION < (5, 1) else "condition"

def model(prefix, table="thing"):
    fields = [("id", models.AutoField(primary_key=True)), ("a", models.CharField(max_length=9))]
    indexes = [
        models.Index(fields=["a"], name=prefix + "_index"),
        models.Index(Lower("a"), name=prefix + "_lower"),
        models.Index(fields=["a"], name=prefix + "_part", condition=Q(a="x")),
    ]
    constraints = [
        models.UniqueConstraint(fields=["a"], name=prefix + "_one"),
        models.UniqueConstraint(Lower("a"), name=prefix + "_one_lower"),
        models.UniqueConstraint(fields=["a"], name=prefix + "_one_part", condition=Q(a="x")),
        models.CheckConstraint(name=prefix + "_check", **{check: Q(a__gte="a")}),
    ]
    options = {"db_table": table, "indexes": indexes, "constraints": constraints}
    state = ProjectState()
    state.add_model(ModelState("shop", "Thing", fields, options))
    return state.apps.get_model("shop", "Thing")

with connection.schema_editor() as editor:
    editor.create_model(model("core"))
print(json.dumps([module.unnamed(connection, [model(*given)]) for given in json.loads(sys.stdin.read())]))
"""


@pytest.mark.parametrize("engine", ENGINES)
def test_names_of_indexes_and_constraints_that_the_table_does_not_have(engine: str, tmp_path: Path) -> None:
    fine, elsewhere, lacking = json.loads(asked(engine, tmp_path, UNNAMED, [["core"], ["core", "gone"], ["depot"]], "unnamed"))
    assert fine == elsewhere == []  # a table that is not there is said elsewhere
    assert lacking == [
        f"table thing has no {kind} depot_{name}, which the model Thing names"
        for kind, name in (
            ("constraint", "check"), ("constraint", "one"), ("constraint", "one_lower"), ("constraint", "one_part"),
            ("index", "index"), ("index", "lower"), ("index", "part"),
        )
    ]  # fmt: skip

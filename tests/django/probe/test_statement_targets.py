"""What a statement says about other databases is seen; what only looks like it is let through."""

from __future__ import annotations

import re

import pytest

from migration.django.probe.statement_targets import _LITERAL, _POSTGRESQL, _TOKEN, Statements, without_literals

NAMES = re.compile(r"(?<![\w$])(?:mono_real|blog)(?![\w$])", re.IGNORECASE)


class Known(Statements):
    """The server's other databases are given."""

    def __init__(self) -> None:
        super().__init__(None)
        self.others["trial"] = NAMES


def said(vendor: str, text: str) -> str:
    return Known().elsewhere(vendor, "trial", text)


@pytest.mark.parametrize(
    "text",
    [
        "SELECT `core_team`.`name` FROM `core_team`",
        "INSERT INTO core_team VALUES (1, 'mono_real.core_team')",
        "INSERT INTO core_team VALUES (1, 'it''s in \\'mono_real.core_team')",
        "SELECT blog.id FROM blog WHERE blog.id = 1",
        "SELECT blog.id FROM core_team AS blog JOIN core_item ON blog.id = core_item.id",
        "SELECT blog.id FROM core_team blog",
        "SELECT mono_real FROM core_team -- mono_real.core_team",
        "SELECT name # mono_real.core_team\nFROM core_team",
        "SELECT core.mono_real.x FROM core",
        "UPDATE mono_real_too.x SET y = 1",
        "CREATE TABLE use_case (id int)",
    ],
)
def test_mysql_lets_through(text: str) -> None:
    assert said("mysql", text) == ""


@pytest.mark.parametrize(
    "text",
    [
        "UPDATE mono_real.core_team SET name = 'x'",
        "update `MONO_REAL` . `core_team` set name = 'x'",
        'DELETE FROM "mono_real"."core_team"',
        "INSERT INTO core_team SELECT * FROM blog.core_team",
        "SELECT * FROM core_team, blog.core_team",
        "SELECT * FROM blog JOIN blog.core_team ON 1",
        "DELETE core_team FROM core_team JOIN mono_real.x ON mono_real.x.id = core_team.id",
        "/*!50001 DROP TABLE mono_real.core_team */",
        "/*M!100100 DROP TABLE mono_real.core_team */",
        "/* nothing */ DROP TABLE mono_real.core_team",
        "RENAME TABLE core_team TO mono_real.core_team",
        "GRANT ALL ON mono_real.* TO me",
        "SET @words = 'DELETE FROM mono_real.core_team'",
        'PREPARE it FROM "DELETE FROM mono_real.core_team"',
        "EXECUTE IMMEDIATE 'DELETE FROM mono_real.core_team'",
        "SELECT 1--1 FROM mono_real.core_team",
    ],
)
def test_mysql_sees_a_table_of_another_database(text: str) -> None:
    assert re.fullmatch(r"a statement in the database trial names the database (mono_real|blog)", said("mysql", text).lower())


@pytest.mark.parametrize(
    "text", ["USE mono_real", " use `x`", "SELECT 1; USE x", "DROP DATABASE x", "CREATE SCHEMA x", "SET GLOBAL read_only = 1",
             "SELECT 1 INTO OUTFILE '/tmp/x'", "DROP USER me"],
)  # fmt: skip
def test_mysql_sees_what_leaves_the_database(text: str) -> None:
    assert said("mysql", text).startswith("a statement reaches out of the database trial (")


@pytest.mark.parametrize(
    "text",
    [
        'SELECT "core_team"."name" FROM "core_team"',
        "CREATE SCHEMA more",
        "INSERT INTO core_team VALUES ('DROP DATABASE x')",
        "INSERT INTO core_team VALUES (E'it\\'s DROP DATABASE x')",
        "SELECT data #> '{a}' FROM core_team -- ALTER SYSTEM",
        "COMMENT ON TABLE core_team IS 'see the database'",
        "CREATE EXTENSION IF NOT EXISTS dblink",
        "ALTER TABLE core_team ADD COLUMN server text",
        'ALTER TABLE "drop database" ADD x int',
        "COPY core_team TO STDOUT",
    ],
)
def test_postgresql_lets_through(text: str) -> None:
    assert said("postgresql", text) == ""


@pytest.mark.parametrize(
    "text",
    [
        "SELECT dblink_exec('dbname=mono_real', 'DELETE FROM core_team')",
        "SELECT * FROM dblink ('x', 'y')",
        "CREATE SERVER other FOREIGN DATA WRAPPER postgres_fdw",
        "IMPORT FOREIGN SCHEMA public FROM SERVER other INTO here",
        "alter database mono_real set search_path = x",
        "DROP /* x */ DATABASE mono_real",
        "SELECT data #> '{a}' FROM t; DROP DATABASE mono_real",
        "SELECT 'it\\'; DROP DATABASE mono_real; --'",
        "ALTER SYSTEM SET fsync = off",
        "REVOKE ALL ON DATABASE mono_real FROM PUBLIC",
        "DO $$ BEGIN PERFORM dblink_exec('a', 'b'); END $$",
        "DROP ROLE me",
        "COPY core_team TO '/tmp/x'",
        "COPY core_team TO PROGRAM 'sh'",
    ],
)
def test_postgresql_sees_what_leaves_the_database(text: str) -> None:
    assert said("postgresql", text).startswith("a statement reaches out of the database trial (")


def test_sqlite_is_not_looked_at() -> None:
    assert said("sqlite", "ATTACH 'x' AS y") == ""  # its authorizer says no


def test_literals_are_taken_out() -> None:
    assert without_literals("SELECT 'a', \"b\", `c` -- d", _TOKEN) == "SELECT  '' , b, c  "
    assert _POSTGRESQL.search(without_literals("SELECT 'drop database x'", _LITERAL)) is None

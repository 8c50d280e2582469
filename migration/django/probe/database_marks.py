"""The part of the probe that asks a database which one it is, and knows the trial's own by their mark.

A throw-away database holds a table with the token of the run that has made it. A connection is where it must
be if the server (or the file) says that it is the database of that name, if the mark is there, and if it is
none that the settings reach; the name that was asked for proves nothing.

Kept to the syntax of Python 3.8; imports nothing of ours.
"""

from __future__ import annotations

import os
from typing import Any, Iterable  # noqa: UP035  Python 3.8

TABLE = "phased_migration_trial"
SCHEMA = "phased_migration"  # PostgreSQL: nothing that lists a project's own tables looks into it
_WHERE = {
    "sqlite": "PRAGMA database_list",
    "postgresql": "SELECT current_database(), "
    "coalesce(host(inet_server_addr()) || ':' || inet_server_port(), 'behind its socket'), "
    "(SELECT oid FROM pg_catalog.pg_database WHERE datname = current_database())",
    "mysql": "SELECT DATABASE(), concat(@@hostname, ':', @@port), 0",
}
ADMINISTRATIVE = ("postgres", "template1")


class Place:
    """Where a connection of the trial must arrive.

    :param alias: of the settings; people are told it.
    :param name: of the database, a path for SQLite; empty for the server itself.
    :param token: of this run; empty while the database has no mark yet.
    :param reached: names of databases that the settings reach (for SQLite: what ``identity`` says of files).
    :param number: of the database in PostgreSQL's catalogue, where there is no mark yet.
    """

    def __init__(
        self, vendor: str, alias: str, name: str, token: str, reached: Iterable[Any] = (), number: int = 0
    ) -> None:
        self.vendor, self.alias, self.name, self.token = vendor, alias, name, token
        self.reached, self.number = frozenset(reached), number

    def is_at(self, database: Any) -> bool:
        """Whether a path of SQLite's is this one; one that leads elsewhere by a link is not."""
        if not isinstance(database, (str, bytes, os.PathLike)):
            return False
        path = os.fsdecode(database)
        return path == self.name and os.path.realpath(path) == os.path.join(
            os.path.realpath(os.path.dirname(self.name)), os.path.basename(self.name)
        )

    def check(self, raw: Any) -> str:
        """Ask a driver's connection where it is; why that is not here, or nothing."""
        try:
            name, server, number = where(self.vendor, raw)
        except Exception as error:  # any driver's own
            return f"`{self.alias}`: the database that was reached does not say which it is: {one_line(error)}"
        at = "" if self.vendor == "sqlite" else f" of the server {server}"
        if not self.name:
            if self.vendor != "postgresql" or name in ADMINISTRATIVE:
                return ""
            return f"`{self.alias}`: a connection to the server arrives in its database {name}{at}"
        if self.vendor == "sqlite":
            if not self.is_at(name) or identity(name) in self.reached:
                return f"`{self.alias}` arrives at {name}, where the trial's own is {self.name}"
        elif name != self.name or name.lower() in self.reached:
            return f"`{self.alias}` arrives at the database {name}{at}, where the trial's own is {self.name}"
        if not self.token:
            fresh = self.number == number if self.vendor == "postgresql" else is_empty(self.vendor, raw)
            return "" if fresh else f"`{self.alias}`: the database {name}{at} is not the one that was just made"
        if token_of(self.vendor, raw) != self.token:
            return f"`{self.alias}`: the database {name}{at} does not bear the mark of this run"
        return ""


def where(vendor: str, raw: Any) -> tuple[str, str, int]:
    """The database's own name, its server, and its number there.

    :raises Exception: the driver's own; or ValueError where other files are attached to one of SQLite's.
    """
    found = rows(raw, _WHERE[vendor])
    if vendor != "sqlite":
        name, server, number = found[0]
        return as_text(name), as_text(server), int(number)
    files = {row[1]: row[2] for row in found if row[2]}
    name = files.pop("main", "")
    if files:
        raise ValueError(f"other files are attached to it: {', '.join(sorted(files.values()))}")
    return name, "", 0


def as_text(value: Any) -> str:
    """What a driver gives for a name."""
    return value.decode() if isinstance(value, (bytes, bytearray)) else str(value or "")


def is_empty(vendor: str, raw: Any) -> bool:
    """Whether there is no table in a database."""
    query = {
        "sqlite": "SELECT count(*) FROM sqlite_master",
        "mysql": "SELECT count(*) FROM information_schema.tables WHERE table_schema = DATABASE()",
    }
    return bool(rows(raw, query[vendor])[0][0] == 0)


def identity(path: str) -> Any:
    """What tells a file from every other, or nothing where it is not there."""
    try:
        found = os.stat(path)
    except (OSError, ValueError):
        return None
    return (found.st_dev, found.st_ino)


def table(vendor: str) -> str:
    """The mark's table, for a statement."""
    return f"{SCHEMA}.{TABLE}" if vendor == "postgresql" else TABLE


def token_of(vendor: str, raw: Any) -> str:
    """The token in a database; empty where it has no mark."""
    try:
        found = rows(raw, f"SELECT token FROM {table(vendor)}")
    except Exception:  # any driver's own: there is no such table
        with_rollback(raw)
        return ""
    return as_text(found[0][0]) if len(found) == 1 else ""


def write(vendor: str, raw: Any, token: str) -> None:
    """Put the mark into a database that this run has just made."""
    if vendor == "postgresql":
        run(raw, f"CREATE SCHEMA {SCHEMA}")
        run(raw, f"GRANT USAGE ON SCHEMA {SCHEMA} TO PUBLIC")
    run(raw, f"CREATE TABLE {table(vendor)} (token varchar(64) NOT NULL)")
    run(raw, f"INSERT INTO {table(vendor)} (token) VALUES ('{token}')")
    if vendor == "postgresql":
        run(raw, f"GRANT SELECT ON {table(vendor)} TO PUBLIC")
    raw.commit()


def rows(raw: Any, query: str) -> list[Any]:
    """What a driver's connection answers; no transaction is left open."""
    cursor = raw.cursor()
    try:
        cursor.execute(query)
        return list(cursor.fetchall())
    finally:
        cursor.close()
        with_rollback(raw)


def run(raw: Any, statement: str) -> None:
    """A statement without an answer."""
    cursor = raw.cursor()
    try:
        cursor.execute(statement)
    finally:
        cursor.close()


def with_rollback(raw: Any) -> None:
    """End a transaction that a question has begun."""
    try:
        raw.rollback()
    except Exception:  # any driver's own; the connection is closed, and the next statement says so
        return


def one_line(error: BaseException) -> str:
    return " ".join(f"{type(error).__name__}: {error}".split())

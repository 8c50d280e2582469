"""The part of the probe that asks a database which one it is, and knows the trial's own by their mark.

A throw-away database holds a table that says which run has made it: its token, the product, the checkout, the
host, when it began, and when it ends at the latest. A connection is where it must
be if the server (or the file) says that it is the database of that name, if the mark is there, and if it is
none that the settings reach; the name that was asked for proves nothing.

Kept to the syntax of Python 3.8; imports nothing of ours.
"""

from __future__ import annotations

import os
import time
from typing import Any, Callable, Dict, Iterable  # noqa: UP035  Python 3.8

Plain = Dict[str, Any]  # noqa: UP006

TABLE = "phased_migration_trial"
SCHEMA = "phased_migration"  # PostgreSQL: nothing that lists a project's own tables looks into it
_WHERE = {
    "sqlite": "PRAGMA database_list",
    "postgresql": "SELECT current_database(), "
    "coalesce(host(inet_server_addr()) || ':' || inet_server_port(), 'behind its socket'), "
    "(SELECT oid FROM pg_catalog.pg_database WHERE datname = current_database())",
    "mysql": "SELECT DATABASE(), concat(@@hostname, ':', @@port), 0",
}
COLUMNS = ("token", "product", "checkout", "host", "began", "ends")
LIFETIME = 2 * 24 * 60 * 60  # seconds; the boots of one run may take half a day together
ADMINISTRATIVE = ("postgres", "template1")


class Place:
    """Where a connection of the trial must arrive.

    :param alias: of the settings; people are told it.
    :param name: of the database, a path for SQLite; empty for the server itself.
    :param token: of this run; empty while the database has no mark yet.
    :param reached: names of databases that the settings reach (for SQLite: what ``identity`` says of files).
    :param number: of the database in PostgreSQL's catalogue, where there is no mark yet.
    :ivar accepts: in place of the token: why a mark (and whether there is no table) is not what is wanted.
    """

    def __init__(
        self, vendor: str, alias: str, name: str, token: str, reached: Iterable[Any] = (), number: int = 0
    ) -> None:
        self.vendor, self.alias, self.name, self.token = vendor, alias, name, token
        self.reached, self.number = frozenset(reached), number
        self.accepts: Callable[[Plain, bool], str] | None = None

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
        if self.accepts is not None:
            mark = mark_of(self.vendor, raw)
            why = self.accepts(mark, not mark and is_empty(self.vendor, raw))
            return f"`{self.alias}`: the database {name}{at}: {why}" if why else ""
        if not self.token:
            fresh = self.number == number if self.vendor == "postgresql" else is_empty(self.vendor, raw)
            return "" if fresh else f"`{self.alias}`: the database {name}{at} is not the one that was just made"
        if mark_of(self.vendor, raw).get("token") != self.token:
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
        "postgresql": "SELECT count(*) FROM information_schema.tables "
        "WHERE table_schema NOT IN ('pg_catalog', 'information_schema')",
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


def mark_of(vendor: str, raw: Any) -> Plain:
    """What a database says of who has made it; nothing where it has no mark."""
    try:
        found = rows(raw, f"SELECT {', '.join(COLUMNS)} FROM {table(vendor)}")
    except Exception:  # any driver's own: there is no such table
        with_rollback(raw)
        return {}
    return dict(zip(COLUMNS, map(as_text, found[0]))) if len(found) == 1 else {}  # noqa: B905  Python 3.8


def write(vendor: str, raw: Any, run_of: Plain) -> None:
    """Put the mark into a database that this run has just made.

    :param run_of: its ``token``, ``product``, ``checkout`` and ``host``.
    """
    began = int(time.time())
    values = [str(run_of.get(name, "")).replace("'", "").replace("\\", "")[:200] for name in COLUMNS[:4]]
    values += [str(began), str(began + LIFETIME)]
    if vendor == "postgresql":
        run(raw, f"CREATE SCHEMA {SCHEMA}")
        run(raw, f"GRANT USAGE ON SCHEMA {SCHEMA} TO PUBLIC")
    columns = ", ".join(f"{name} varchar(200) NOT NULL" for name in COLUMNS)
    run(raw, f"CREATE TABLE {table(vendor)} ({columns})")
    listed = ", ".join(f"'{value}'" for value in values)
    run(raw, f"INSERT INTO {table(vendor)} ({', '.join(COLUMNS)}) VALUES ({listed})")
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

"""The part of the probe that lets nothing reach a database but the trial, and the trial none but its own.

It is in force from before the settings load until the process ends. Every driver's own function that opens
a connection is replaced: what settings, apps or migrations open by themselves is refused and named. A
connection that the trial opens is let through, and before anything else happens on it the server or the file
is asked where it has arrived (``database_marks``): options, service files, poolers and servers
may all lead elsewhere than a name says, and only the place itself knows. A refusal is an OperationalError of
the driver's, as for a server that does not answer: code that gets along without a database goes on.

Kept to the syntax of Python 3.8; imports nothing of ours.
"""

from __future__ import annotations

import contextlib
import functools
import os
import re
import sys
import threading
from typing import Any, Callable, Dict, Iterator, Sequence  # noqa: UP035  Python 3.8

Plain = Dict[str, Any]  # noqa: UP006
SAID = "refused by the trial of the migrations"
# A driver that no trial uses here, and what opens its connections.
_OTHER_DRIVERS: dict[str, tuple[str, ...]] = {
    "aiomysql": ("connect", "create_pool"),
    "asyncmy": ("connect", "create_pool"),
    "asyncpg": ("connect", "create_pool"),
    "asyncpg.connection": ("connect",),
    "apsw": ("Connection",),
    "cx_Oracle": ("connect", "Connection", "SessionPool"),
    "duckdb": ("connect",),
    "oracledb": ("connect", "create_pool", "connect_async"),
    "pg8000": ("connect",),
    "pg8000.dbapi": ("connect",),
    "pg8000.native": ("Connection",),
    "pymssql": ("connect",),
    "pyodbc": ("connect",),
    "snowflake.connector": ("connect",),
}
_SQLITE = ("sqlite3", "sqlite3.dbapi2", "pysqlite3", "pysqlite3.dbapi2", "sqlcipher3", "sqlcipher3.dbapi2",
           "pysqlcipher3.dbapi2")  # fmt: skip
_STARTS = frozenset(("subprocess.Popen", "os.exec", "os.posix_spawn", "os.system", "os.spawn"))
# Programs that speak to a database of their own accord, or start a Django that knows nothing of a trial.
_PROGRAMS = re.compile(
    r"(?:^|[\s/\\;&|(])(psql|pg_restore|createdb|dropdb|pgbench|mysql|mariadb|mysqlimport|mariadb-import|mysqladmin|"
    r"mariadb-admin|sqlite3|spatialite|django-admin|manage\.py|-m\s+django)(?:\.exe)?(?=$|[\s;&|)])"
)


class Refusal(Exception):
    """A connection, a statement or a program that was not let through; the message says which."""


class Guard:
    """What stands between this process and every database.

    :param note: writes down what is not let through, and where in the project it was tried.
    """

    def __init__(self, note: Callable[[str], Any]) -> None:
        self.note = note
        self.refused: list[str] = []  # one line each, in the order in which they happened
        self.known: dict[str, Any] = {}  # alias -> where its connections must arrive (``marks.Place``)
        self.of_statement: Callable[[str, str, str], str] = lambda vendor, name, sql: ""
        self._local = threading.local()  # a thread that the monolith starts is none of the trial's

    # ---- in force

    def install(self, after_import: Callable[[str, Callable[[Any], None]], None]) -> None:
        """Replace what opens connections.

        :param after_import: does something to a module that is loaded, or as soon as it is.
        """
        for name, patch in self._patches().items():
            after_import(name, patch)
        sys.addaudithook(self._heard)

    def _patches(self) -> dict[str, Callable[[Any], None]]:
        patches: dict[str, Callable[[Any], None]] = dict.fromkeys(_SQLITE, self._patch_sqlite)
        for name, attributes in _OTHER_DRIVERS.items():
            patches[name] = functools.partial(self._patch_other, attributes)
        patches["psycopg"] = self._patch_psycopg
        patches["psycopg2"] = patches["psycopg2cffi"] = self._patch_psycopg2
        patches["MySQLdb.connections"] = functools.partial(self._patch_mysql, "__init__")
        patches["pymysql.connections"] = functools.partial(self._patch_mysql, "connect")
        patches["MySQLdb._mysql"] = functools.partial(self._patch_other, ("connect",))
        patches["mysql.connector.abstracts"] = self._patch_connector
        patches["django.db.backends.base.base"] = self._patch_django
        return patches

    def _heard(self, event: str, arguments: tuple[Any, ...]) -> None:
        """An audit hook: https://docs.python.org/3/library/audit_events.html"""
        if event == "sqlite3.connect":
            if not self._through() and not in_memory(arguments[0]):
                driver = sys.modules.get("sqlite3", sys.modules.get("_sqlite3"))
                self.refuse(f"sqlite3.connect({shown(arguments[0])})", driver)
        elif event in _STARTS and not self._through():
            words = [word for argument in arguments[:3] for word in as_words(argument)]
            found = _PROGRAMS.search(" ".join(words[:20]))
            if found:
                self.refuse(f"the program {found[1]}", None)

    # ---- who is let through

    @contextlib.contextmanager
    def through(self, place: Any) -> Iterator[None]:
        """Let this thread open connections to a place, in the block; each must arrive there.

        :param place: a ``marks.Place``, which is asked to ``check`` each new connection.
        """
        before = self._through()
        self._local.place = place
        try:
            yield
        finally:
            self._local.place = before

    def _through(self) -> Any:
        return getattr(self._local, "place", None)

    def refuse(self, what: str, driver: Any) -> None:
        """Write down what was tried, and fail as the driver would."""
        self.note(what)
        self.refused.append(what)
        base = getattr(driver, "OperationalError", None)
        kinds = (Refusal, base) if isinstance(base, type) and issubclass(base, Exception) else (Refusal,)
        raise type("OperationalError", kinds, {})(f"{SAID}: {what}")

    def arrive(self, connection: Any, place: Any, driver: Any) -> None:
        """Ask a new connection where it is; it is closed and refused where that is not the place."""
        with self.asking():
            why = place.check(connection)
        with contextlib.suppress(AttributeError, TypeError):  # a class that takes no attributes
            connection._phased_name = place.name
        if why:
            with contextlib.suppress(Exception):
                connection.close()
            self.refuse(why, driver)

    @contextlib.contextmanager
    def asking(self) -> Iterator[None]:
        """Statements of the trial's own, in the block, are not looked at."""
        before, self._local.asking = getattr(self._local, "asking", False), True
        try:
            yield
        finally:
            self._local.asking = before

    def look_at(self, vendor: str, name: str, statement: Any, driver: Any) -> None:
        """Refuse a statement that names a database of its own."""
        if getattr(self._local, "asking", False) or not name:
            return
        text = statement.decode("utf-8", "replace") if isinstance(statement, (bytes, bytearray)) else str(statement)
        with self.asking():
            why = self.of_statement(vendor, name, text)
        if why:
            self.refuse(f"{why}: {' '.join(text.split())[:200]}", driver)

    # ---- the drivers

    def _opening(self, original: Callable[..., Any], driver: Any, name: str) -> Callable[..., Any]:
        """A driver's function that returns a connection, guarded."""

        @functools.wraps(original)
        def connect(*args: Any, **kwargs: Any) -> Any:
            place = self._through()
            if place is None:
                self.refuse(f"{name}({described(args, kwargs)})", driver)
            connection = original(*args, **kwargs)
            self.arrive(connection, place, driver)
            return connection

        return connect

    def _patch_other(self, attributes: Sequence[str], module: Any) -> None:
        """A driver that the trial itself never uses."""
        for attribute in attributes:
            if hasattr(module, attribute):
                name = f"{module.__name__}.{attribute}"

                def connect(*args: Any, _name: str = name, **kwargs: Any) -> Any:
                    self.refuse(f"{_name}({described(args, kwargs)})", module)

                setattr(module, attribute, connect)

    def _patch_sqlite(self, module: Any) -> None:
        original = module.connect
        if getattr(original, "_phased", False):
            return

        @functools.wraps(original)
        def connect(*args: Any, **kwargs: Any) -> Any:
            database, place = args[0] if args else kwargs.get("database"), self._through()
            memory = in_memory(database)
            if place is None and not memory:
                self.refuse(f"sqlite3.connect({shown(database)})", module)
            if place is not None and not memory and not place.is_at(database):
                self.refuse(f"`{place.alias}` is at {shown(database)}, where the trial's own is {place.name}", module)
            connection = original(*args, **{"factory": self._attaches_nothing(module), **kwargs})
            if not memory:
                self.arrive(connection, place, module)
            module.Connection.set_authorizer(connection, self._authorizer(module))
            return connection

        connect._phased = True  # type: ignore[attr-defined]
        module.connect = connect

    def _attaches_nothing(self, module: Any) -> type:
        """A class of connections whose authorizer can't be taken off."""
        guard = self

        class Connection(module.Connection):  # type: ignore[misc]
            def set_authorizer(self, allows: Any) -> None:
                own = guard._authorizer(module)

                def both(action: int, *arguments: Any) -> int:
                    said = own(action, *arguments)
                    return said if said or allows is None else int(allows(action, *arguments))

                super().set_authorizer(both)

        return Connection

    def _authorizer(self, module: Any) -> Callable[..., int]:
        """No other file is attached: https://www.sqlite.org/c3ref/c_alter_table.html lists the actions."""

        def allows(action: int, first: Any, *_: Any) -> int:
            if action == getattr(module, "SQLITE_ATTACH", 24) and not in_memory(first):
                with contextlib.suppress(Refusal):
                    self.refuse(f"ATTACH {shown(first)}", None)
                return int(getattr(module, "SQLITE_DENY", 1))
            return 0

        return allows

    def _patch_psycopg(self, module: Any) -> None:
        original = module.Connection.__dict__["connect"].__func__
        guarded = self._opening(original, module, "psycopg.connect")
        module.Connection.connect = classmethod(guarded)
        module.connect = module.Connection.connect
        for cls in (module.Cursor, getattr(module, "ServerCursor", module.Cursor)):
            for name in ("execute", "executemany", "copy", "stream"):
                if name in cls.__dict__:
                    setattr(cls, name, self._looking(cls.__dict__[name], module))
        if hasattr(module, "AsyncConnection"):

            async def connect(cls: Any, *args: Any, **kwargs: Any) -> Any:
                self.refuse(f"psycopg.AsyncConnection.connect({described(args, kwargs)})", module)

            module.AsyncConnection.connect = classmethod(connect)

    def _looking(self, original: Callable[..., Any], driver: Any) -> Callable[..., Any]:
        """A cursor's function that takes a statement first, guarded."""

        @functools.wraps(original)
        def run(cursor: Any, statement: Any, *args: Any, **kwargs: Any) -> Any:
            text = statement.as_string(cursor) if hasattr(statement, "as_string") else statement
            self.look_at("postgresql", getattr(cursor.connection, "_phased_name", ""), text, driver)
            return original(cursor, statement, *args, **kwargs)

        return run

    def _patch_psycopg2(self, module: Any) -> None:
        def opening(original: Callable[..., Any]) -> Callable[..., Any]:
            guarded = self._opening(original, module, f"{module.__name__}.connect")

            def connect(*args: Any, **kwargs: Any) -> Any:
                connection = guarded(*args, **kwargs)
                if connection.cursor_factory in (None, module.extensions.cursor):
                    connection.cursor_factory = self._psycopg2_cursor(module)
                return connection

            return connect

        for attribute in ("_connect", "connect"):
            if hasattr(module, attribute):
                setattr(module, attribute, opening(getattr(module, attribute)))

    def _psycopg2_cursor(self, module: Any) -> Any:
        """A class of cursors that looks at statements; a connection of this driver's takes no attributes."""
        guard, place = self, self._through()

        class Cursor(module.extensions.cursor):  # type: ignore[misc]
            pass

        def looking(original: Callable[..., Any]) -> Callable[..., Any]:
            def run(cursor: Any, statement: Any, *args: Any, **kwargs: Any) -> Any:
                text = statement.as_string(cursor) if hasattr(statement, "as_string") else statement
                guard.look_at("postgresql", place.name, text, module)
                return original(cursor, statement, *args, **kwargs)

            return run

        for name in ("execute", "executemany", "copy_expert"):
            setattr(Cursor, name, looking(getattr(module.extensions.cursor, name)))
        return Cursor

    def _patch_mysql(self, opens: str, module: Any) -> None:
        """The class of a connection, which connects in a method; all its statements go through ``query``."""
        cls, driver = module.Connection, sys.modules[module.__name__.partition(".")[0]]
        original, query, select_db = getattr(cls, opens), cls.query, cls.select_db
        guard = self

        @functools.wraps(original)
        def connect(this: Any, *args: Any, **kwargs: Any) -> Any:
            place = guard._through()
            if place is None:
                given = kwargs or {"host": getattr(this, "host", ""), "database": getattr(this, "db", "")}
                guard.refuse(f"{driver.__name__}.connect({described(args, given)})", driver)
            result = original(this, *args, **kwargs)
            guard.arrive(this, place, driver)
            return result

        @functools.wraps(query)
        def looked_at(this: Any, sql: Any, *args: Any, **kwargs: Any) -> Any:
            guard.look_at("mysql", getattr(this, "_phased_name", ""), sql, driver)
            return query(this, sql, *args, **kwargs)

        @functools.wraps(select_db)
        def stay(this: Any, name: Any) -> Any:
            if name != getattr(this, "_phased_name", ""):
                guard.refuse(f"select_db({shown(name)})", driver)
            return select_db(this, name)

        setattr(cls, opens, connect)
        cls.query, cls.select_db = looked_at, stay

    def _patch_connector(self, module: Any) -> None:
        """MySQL's own driver: https://dev.mysql.com/doc/connector-python/en/connector-python-django-backend.html"""
        cls, driver = module.MySQLConnectionAbstract, sys.modules["mysql.connector"]
        original, guard = cls.connect, self

        @functools.wraps(original)
        def connect(this: Any, **kwargs: Any) -> Any:
            place = guard._through()
            if place is None:
                guard.refuse(f"mysql.connector.connect({described((), kwargs)})", driver)
            result = original(this, **kwargs)
            guard.arrive(this, place, driver)
            return result

        cls.connect = connect

    def _patch_django(self, module: Any) -> None:
        """Every backend connects here; one that does it elsewhere is not let through by its driver."""
        cls, guard = module.BaseDatabaseWrapper, self
        original = cls.connect

        @functools.wraps(original)
        def connect(this: Any) -> Any:
            place: Any = guard.known.get(this.alias)
            if place is None:
                guard.refuse(f"a connection to the database `{this.alias}` of the settings", this.Database)
            given = this.get_new_connection

            def arrived(parameters: Any) -> Any:
                raw = given(parameters)
                if place.vendor != "sqlite" or not isinstance(raw, sqlite_connection()):
                    guard.arrive(raw, place, this.Database)  # a driver that is not known here is asked, too
                return raw

            this.get_new_connection = arrived
            try:
                with guard.through(place):
                    result = original(this)
            finally:
                del this.get_new_connection
            if guard._wrapper not in this.execute_wrappers:
                this.execute_wrappers.append(guard._wrapper)
            return result

        cls.connect = connect

    def _wrapper(self, execute: Callable[..., Any], sql: Any, params: Any, many: bool, context: Plain) -> Any:
        """https://docs.djangoproject.com/en/stable/topics/db/instrumentation/"""
        connection = context["connection"]
        if connection.vendor != "sqlite":
            self.look_at(connection.vendor, str(connection.settings_dict["NAME"]), sql, connection.Database)
        return execute(sql, params, many, context)


@functools.lru_cache(maxsize=None)  # noqa: UP033  Python 3.8
def sqlite_connection() -> Any:
    import sqlite3

    return sqlite3.Connection


def in_memory(database: Any) -> bool:
    """Whether a name of SQLite's is that of no file: https://www.sqlite.org/inmemorydb.html"""
    text = os.fsdecode(database) if isinstance(database, (bytes, str, os.PathLike)) else ""
    if text in ("", ":memory:"):
        return database is not None
    path, _, query = text.partition("?")
    return path == "file::memory:" or (path.startswith("file:") and "mode=memory" in query.split("&"))


def shown(value: Any) -> str:
    """A name as people are told it."""
    return repr(os.fsdecode(value) if isinstance(value, (bytes, os.PathLike)) else value)[:200]


def described(args: tuple[Any, ...], kwargs: Plain) -> str:
    """Where a connection was to go, without its password."""
    names = ("service", "host", "port", "dbname", "database", "db", "unix_socket", "read_default_file")
    words = [f"{name}={shown(kwargs[name])}" for name in names if kwargs.get(name)]
    dsn = next((value for value in [*args, kwargs.get("dsn"), kwargs.get("conninfo")] if isinstance(value, str)), "")
    if dsn:
        words.append(shown(re.sub(r"(password\s*=\s*)('[^']*'|\S+)|(?<=://)[^@/]*(?=@)", r"\1…", dsn)))
    return ", ".join(words)


def as_words(argument: Any) -> list[str]:
    """An argument of an audit event about a program."""
    if isinstance(argument, (str, bytes, os.PathLike)):
        return [os.fsdecode(argument)]
    if isinstance(argument, (list, tuple)):
        return [os.fsdecode(word) for word in argument if isinstance(word, (str, bytes, os.PathLike))]
    return []

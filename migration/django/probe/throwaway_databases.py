"""The part of the probe that makes, copies and drops throw-away databases.

They bear names of our own and a mark (``database_marks``); the aliases of the settings are pointed
at them, with settings that are built anew (``trial_settings``), and every connection is asked
where it has arrived before anything is done on it (``connection_guard``).

Kept to the syntax of Python 3.8; imports nothing of ours.
"""

from __future__ import annotations

import contextlib
import functools
import os
import shutil
import sqlite3
import subprocess
import uuid
from typing import Any, Callable, Dict, Iterator  # noqa: UP035  Python 3.8

Plain = Dict[str, Any]  # noqa: UP006
COPY = "copy"  # the suffix of the one copy that is there at a time
ELSEWHERE = (
    "see what DATABASES says of this alias (HOST, PORT, OPTIONS, files and variables that they stand on), what stands "
    "between it and the server (a pooler, a proxy), and what the code connects to by itself: the trial works on "
    "databases that it has made, and on nothing else"
)


class Failed(Exception):
    """The databases can't be made; the message says why.

    :param remedy: what to do, where it is not about the server.
    """

    def __init__(self, message: str, remedy: str = "") -> None:
        super().__init__(message)
        self.remedy = remedy


class Databases:
    """The throw-away databases: for each name one per alias of the settings (one for aliases that share theirs).

    :param prefix: of their names, ours alone.
    :param directory: where SQLite's files go.
    :param run_of: what the mark says of this run, its ``token`` among it.
    """

    def __init__(self, prefix: str, directory: str, run_of: Plain, guard: Any, helper: Callable[[str], Any]) -> None:
        from django.db import connections
        from django.test.utils import get_unique_databases_and_mirrors

        self.prefix, self.directory, self.guard = prefix, os.path.realpath(directory), guard
        self.run_of, self.token = run_of, run_of["token"]
        self.marks = helper("database_marks")
        unique, self.mirrors = get_unique_databases_and_mirrors()
        real = [aliases for _, aliases in unique.values()]
        groups = [sorted(group, key=lambda alias: (alias != "default", alias)) for group in real]
        groups = [group for group in groups if connections[group[0]].vendor != "unknown"]
        self.left_out: dict[str, list[str]] = {}
        self.reached: set[Any] = set()  # the project's own databases: names on servers, identities of files
        self.groups = self.rebuild(groups, helper("trial_settings"))
        self.aliases = [group[0] for group in self.groups]
        guard.of_statement = helper("statement_targets").Statements(self).elsewhere

    def rebuild(self, groups: list[list[str]], settings: Any) -> list[list[str]]:
        """Give the aliases the trial's own settings; those that share a database come together."""
        from django.conf import settings as project
        from django.db import connections

        shared: dict[Any, list[str]] = {}
        mirrors = [[alias] for alias in self.mirrors if connections[alias].vendor != "unknown"]
        for group in groups + mirrors:
            for alias in group:
                conf, vendor = connections.databases[alias], connections[alias].vendor
                try:
                    rebuilt = settings.rebuild(alias, vendor, conf)
                except settings.Unsafe as error:
                    raise Failed(str(error), ELSEWHERE) from error
                self.left_out[alias] = rebuilt.left_out
                self.reached |= rebuilt.names
                self.reached.update(filter(None, map(self.marks.identity, rebuilt.names if vendor == "sqlite" else ())))
                if group in groups:
                    first = group[0] if rebuilt.reach is None or alias != group[0] else rebuilt.reach
                    where = next((key for key, aliases in shared.items() if group[0] in aliases), first)
                    shared.setdefault(where, []).append(alias)
                conf.clear()  # in place: others may hold the same dictionary
                conf.update(rebuilt.conf)
        for alias in connections.databases:
            project.DATABASES[alias] = connections.databases[alias]
            if hasattr(connections._connections, alias):
                del connections[alias]  # it may have kept what the settings said
        settings.forget_variables()
        return list(shared.values())

    def name(self, alias: str, what: str) -> str:
        """The name of a database: a path for SQLite."""
        from django.db import connections

        name = f"{self.prefix}_{self.aliases.index(alias)}_{what}"
        return os.path.join(self.directory, f"{name}.sqlite3") if connections[alias].vendor == "sqlite" else name

    def place(self, alias: str, name: str, token: str = "", number: int = 0) -> Any:
        """Where a connection must arrive."""
        from django.db import connections

        return self.marks.Place(connections[alias].vendor, alias, name, token, self.reached, number)

    # ---- on the server

    @contextlib.contextmanager
    def raw(self, place: Any) -> Iterator[Any]:
        """A connection of the driver's own to a place, past everything that Django or the project do with one."""
        from django.db import connections

        wrapper = connections[place.alias]
        conf = {**wrapper.settings_dict, "NAME": place.name or ("postgres" if place.vendor == "postgresql" else None)}
        other = wrapper.__class__(conf, alias=place.alias)
        with self.guard.through(place), self.guard.asking():
            try:
                connection = other.get_new_connection(other.get_connection_params())
            except Exception:  # any driver's own
                if place.name or place.vendor != "postgresql" or self.guard.refused:
                    raise
                other.settings_dict["NAME"] = "template1"  # some servers have no postgres
                connection = other.get_new_connection(other.get_connection_params())
            try:
                role = conf["OPTIONS"].get("assume_role")
                if role and place.vendor == "postgresql":
                    self.marks.run(connection, f"SET SESSION ROLE {wrapper.ops.quote_name(role)}")
                    connection.commit()
                yield connection
            finally:
                connection.close()

    @contextlib.contextmanager
    def server(self, alias: str) -> Iterator[Callable[..., list[Any]]]:
        """Ask the server, with no database of the project's in use; statements take effect at once."""
        from django.db import connections

        vendor = connections[alias].vendor
        with self.raw(self.place(alias, "")) as connection:
            if vendor == "postgresql":
                connection.autocommit = True

            def ask(statement: str) -> list[Any]:
                cursor = connection.cursor()
                try:
                    cursor.execute(statement)
                    return list(cursor.fetchall()) if cursor.description else []
                finally:
                    cursor.close()

            yield ask

    def number(self, alias: str, ask: Callable[..., list[Any]], name: str) -> int:
        """What the server knows a database by; 0 where it has none of that name."""
        from django.db import connections

        if connections[alias].vendor == "postgresql":
            found = ask(f"SELECT oid FROM pg_catalog.pg_database WHERE datname = '{name}'")
            return int(found[0][0]) if found else 0
        return len(ask(f"SELECT 1 FROM information_schema.schemata WHERE schema_name = '{name}'"))

    def create(self, alias: str, name: str, template: str = "") -> None:
        """A new database with our mark; for a copy the mark is that of the template.

        :raises Failed: if one of that name is there and is not of this run.
        """
        from django.db import connections

        connection = connections[alias]
        if connection.vendor == "sqlite":
            self.create_file(alias, name)
            return
        quote = connection.ops.quote_name
        with self.server(alias) as ask:
            if self.number(alias, ask, name):
                self.drop_marked(alias, name, ask)
            suffix = connection.creation.sql_table_creation_suffix()
            if connection.vendor == "postgresql":
                suffix = f"WITH TEMPLATE {quote(template)}" if template else self.own_suffix(alias, ask, suffix)
                self.disconnect(ask, template)
            ask(f"CREATE DATABASE {quote(name)} {suffix}")
            if template and connection.vendor == "postgresql":
                return
            try:
                with self.raw(self.place(alias, name, number=self.number(alias, ask, name))) as new:
                    self.marks.write(connection.vendor, new, self.run_of)
            except BaseException:  # nobody could tell it from another's without the mark
                ask(f"DROP DATABASE {quote(name)}")
                raise

    def own_suffix(self, alias: str, ask: Callable[..., list[Any]], suffix: str) -> str:
        """TEST TEMPLATE and CHARSET, where the template is one, and none of the project's databases."""
        from django.db import connections

        template = connections[alias].settings_dict["TEST"].get("TEMPLATE")
        if not template:
            return suffix
        quoted = template.replace("'", "''")
        found = ask(f"SELECT datistemplate FROM pg_catalog.pg_database WHERE datname = '{quoted}'")
        if template.lower() in self.reached or (found and not found[0][0]):
            why = f"TEST TEMPLATE of `{alias}` is {template}, which is no template but a database of its own"
            raise Failed(why, ELSEWHERE)
        return suffix

    @staticmethod
    def disconnect(ask: Callable[..., list[Any]], name: str) -> None:
        """End what is still connected to a database of ours: a pooler keeps connections open."""
        if name:
            ask(
                "SELECT pg_terminate_backend(pid) FROM pg_catalog.pg_stat_activity "
                f"WHERE datname = '{name}' AND pid <> pg_backend_pid() AND usename = session_user"
            )

    def drop_marked(self, alias: str, name: str, ask: Callable[..., list[Any]]) -> None:
        """Drop a database that is there, and bears the mark of this run.

        :raises Failed: if it doesn't.
        """
        try:
            self.drop_at(self.place(alias, name, self.token), ask)
        except Failed as error:
            raise Failed(f"a database {name} is there that is not of this run: {error}", ELSEWHERE) from error

    def drop_at(self, place: Any, ask: Callable[..., list[Any]]) -> None:
        """Drop a database, once a connection has arrived at it.

        :raises Failed: if none does.
        """
        from django.db import connections

        before = len(self.guard.refused)
        try:
            with self.raw(place):
                pass
        except Exception as error:  # any driver's own
            why = self.guard.refused[before:] or [self.marks.one_line(error)]
            raise Failed(why[-1], ELSEWHERE) from error
        if place.vendor == "postgresql":
            self.disconnect(ask, place.name)
        ask(f"DROP DATABASE {connections[place.alias].ops.quote_name(place.name)}")

    def create_file(self, alias: str, name: str) -> None:
        """An empty file of SQLite's with our mark, in place of the one that is there."""
        if os.path.lexists(name):
            os.remove(name)
        with self.guard.through(self.place(alias, name)):
            connection = sqlite3.connect(name)
        with contextlib.closing(connection):
            self.marks.write("sqlite", connection, self.run_of)

    # ---- what a trial does

    def make(self, what: str) -> None:
        """Empty databases, in the place of those that are there; now in use."""
        from django.db import connections

        for alias in self.aliases:
            self.close(alias)
            connection = connections[alias]
            if connection.vendor == "mysql":
                have_programs()
            if connection.vendor in ("postgresql", "mysql"):
                connection.settings_dict["OPTIONS"].setdefault("connect_timeout", 5)
            with self.reasons(f"the database of `{alias}` ({connection.vendor}{server(connection)})"):
                self.create(alias, self.name(alias, what))
        self.use(what)

    def use(self, what: str) -> None:
        """From now on the aliases stand for these."""
        from django.apps import apps
        from django.conf import settings
        from django.db import connections

        for group, alias in zip(self.groups, self.aliases):  # noqa: B905  Python 3.8
            for each in group:
                self.close(each)
                name = self.name(alias, what)
                settings.DATABASES[each]["NAME"] = connections[each].settings_dict["NAME"] = name
                self.guard.known[each] = self.place(each, name, self.token)
        for alias, primary in self.mirrors.items():
            self.close(alias)
            connections.databases[alias].update(connections.databases[primary])
            self.guard.known[alias] = self.guard.known[primary]
        if apps.is_installed("django.contrib.contenttypes"):
            apps.get_model("contenttypes", "ContentType").objects.clear_cache()

    @staticmethod
    def close(alias: str) -> None:
        """Let go of a database, so that it can be copied or dropped.

        The next use of the alias opens a connection anew: a migration that failed may have left this
        one in the middle of a transaction.
        """
        from django.db import connections

        connections[alias].close()
        del connections[alias]

    @contextlib.contextmanager
    def copy(self, what: str) -> Iterator[None]:
        """A copy, in use until the end of the block, then dropped."""
        from django.db import connections

        self.use(what)
        counts: dict[str, dict[str, int]] = {}
        try:
            for alias in self.aliases:
                there = counted(connections[alias])
                self.close(alias)
                with self.reasons(f"a copy of the database of `{alias}`"):
                    self.copy_one(alias, self.name(alias, what), self.name(alias, f"{what}_{COPY}"))
                counts[alias] = there
            self.use(f"{what}_{COPY}")
            for alias in self.aliases:
                if counted(connections[alias]) != counts[alias]:
                    raise Failed(f"the copy of the database of `{alias}` is not whole: {MYSQLDUMP_FAILED}")
            yield
        finally:
            self.drop(f"{what}_{COPY}")

    def copy_one(self, alias: str, source: str, target: str) -> None:
        """A database once more, with its mark."""
        from django.db import connections

        vendor = connections[alias].vendor
        if vendor == "sqlite":
            if os.path.lexists(target):
                os.remove(target)
            shutil.copy(source, target)
            return
        self.create(alias, target, source)
        if vendor == "mysql":
            self.copy_tables(alias, source, target)

    def copy_tables(self, alias: str, source: str, target: str) -> None:
        """``mysqldump | mysql``, which read no option file, and fill nothing but the database that was just made.

        What the client does first is to drop a table that is there alone.
        """
        from django.db import connections

        wrapper = connections[alias]
        arrived = f"arrived_{uuid.uuid4().hex}"
        with self.raw(self.place(alias, target, self.token)) as new:
            self.marks.run(new, f"CREATE TABLE {arrived} (id integer)")
            new.commit()
        client, variables = programs(wrapper, target)
        dump = ["mysqldump", *client[1:-1], "--routines", "--events", f"--ignore-table={source}.{self.marks.TABLE}"]
        dump.append(source)
        with self.guard.through(self.place(alias, target, self.token)), contextlib.ExitStack() as stack:
            read = stack.enter_context(subprocess.Popen(dump, stdout=subprocess.PIPE, env=variables))
            to, nowhere = subprocess.PIPE, subprocess.DEVNULL
            load = stack.enter_context(subprocess.Popen(client, stdin=to, stdout=nowhere, env=variables))
            assert read.stdout is not None and load.stdin is not None
            with contextlib.suppress(BrokenPipeError):
                load.stdin.write(f"DROP TABLE {arrived};\n".encode())
                shutil.copyfileobj(read.stdout, load.stdin)
            read.stdout.close()
            with contextlib.suppress(BrokenPipeError):
                load.stdin.close()
        if read.returncode or load.returncode:
            raise Failed(f"the copy of the database of `{alias}` is not whole: {MYSQLDUMP_FAILED}")

    def drop(self, *names: str) -> None:
        """Drop databases, where they are there; the aliases keep these names, so that nothing opens the user's.

        :raises Failed: if one of them is not ours.
        """
        from django.db import connections

        for what in names:
            self.use(what)
            for alias in self.aliases:
                name = self.name(alias, what)
                if connections[alias].vendor == "sqlite":
                    with contextlib.suppress(FileNotFoundError):
                        os.remove(name)
                    continue
                with self.server(alias) as ask:
                    if self.number(alias, ask, name):
                        self.drop_marked(alias, name, ask)

    @contextlib.contextmanager
    def reasons(self, what: str) -> Iterator[None]:
        """Make one error of what a driver says; a place that is not ours is told as such."""
        before = len(self.guard.refused)
        try:
            yield
        except Failed:
            raise
        except Exception as error:  # any driver's own
            if len(self.guard.refused) > before:
                raise Failed(self.guard.refused[before], ELSEWHERE) from error
            raise Failed(f"{what} can't be made: {' '.join(str(error).split())}") from error


MYSQLDUMP_FAILED = "mysqldump or mysql has failed half way, see what they print for this user by hand"


def have_programs() -> None:
    """A database of MySQL is copied by ``mysqldump | mysql``, as Django does it.

    :raises Failed: if one of them is not there.
    """
    missing = [program for program in ("mysqldump", "mysql") if shutil.which(program) is None]
    if missing:
        raise Failed(
            f"a database of MySQL is copied by mysqldump and mysql, and there is no {' and no '.join(missing)}",
            "install the client programs of MySQL or MariaDB (default-mysql-client, mariadb-client), with these names "
            "on PATH, then run the same command again",
        )


def programs(wrapper: Any, name: str) -> tuple[list[str], dict[str, str]]:
    """The client of MySQL for a database, without option files, and its environment."""
    from django.db.backends.mysql.client import DatabaseClient

    words, own = DatabaseClient.settings_to_cmd_args_env({**wrapper.settings_dict, "NAME": name}, [])
    variables = {key: value for key, value in os.environ.items() if key not in ("MYSQL_HOST", "MARIADB_HOST")}
    variables.update(own or {}, MYSQL_TEST_LOGIN_FILE=os.devnull)
    options = [word for word in words[1:-1] if not word.startswith("--defaults-file")]
    conf = wrapper.settings_dict
    socket = conf["OPTIONS"].get("unix_socket")
    if socket and not any(word.startswith("--socket") for word in options):
        options.append(f"--socket={socket}")
    elif not any(word.startswith(("--host", "--socket")) for word in options):
        options.append("--host=localhost")
    return [words[0], "--no-defaults", *options, name], variables


def counted(connection: Any) -> dict[str, int]:
    """Table -> how many rows it has, where a copy may fail unnoticed (MySQL); else nothing."""
    if connection.vendor != "mysql":
        return {}
    found = {}
    with connection.cursor() as cursor:
        for table in connection.introspection.table_names(cursor):
            cursor.execute(f"SELECT count(*) FROM {connection.ops.quote_name(table)}")
            found[table] = cursor.fetchone()[0]
    return found


def server(connection: Any) -> str:
    """Where its server is, as the settings have it."""
    conf = connection.settings_dict
    place = ":".join(str(conf[key]) for key in ("HOST", "PORT") if conf.get(key))
    return f" at {place}" if place else ""


def careless(connection: Any, **_: Any) -> None:
    """Called for each new connection: what is thrown away need not reach the disk."""
    statement = {"sqlite": "PRAGMA synchronous = OFF", "postgresql": "SET synchronous_commit = off"}
    if connection.vendor in statement:
        with connection.cursor() as cursor:
            cursor.execute(statement[connection.vendor])


def remember_swappable() -> None:
    """Keep what Django forgets although it can't change: which setting names a swappable model.

    Each relation of each model in each state asks for it, and registering a model in a state empties the
    cache of the code's own registry too, since it hangs on the class, so a long ``migrate`` looks through all
    models again and again. See ``Apps.get_swappable_settings_name``.
    """
    from django.apps import apps

    apps.get_swappable_settings_name = functools.lru_cache(maxsize=None)(apps.get_swappable_settings_name)

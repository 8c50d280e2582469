"""The part of the probe that makes, copies and drops throw-away databases.

Django's own machinery for tests does it
(https://docs.djangoproject.com/en/stable/topics/testing/overview/#the-test-database), under names of
our own; the databases that the settings name are never opened. ``connection.creation`` knows how to
make, copy and destroy one on each engine, so the same code serves all.

Kept to the syntax of Python 3.8; imports nothing of ours.
"""

from __future__ import annotations

import contextlib
import functools
import io
import os
import shutil
from typing import Any, Iterator  # noqa: UP035  Python 3.8

COPY = "copy"  # the suffix of the one copy that is there at a time


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
    """

    def __init__(self, prefix: str, directory: str) -> None:
        from django.db import connections
        from django.test.utils import get_unique_databases_and_mirrors

        self.prefix, self.directory = prefix, directory
        unique, self.mirrors = get_unique_databases_and_mirrors()
        real = [aliases for _, aliases in unique.values()]
        self.groups = [sorted(group, key=lambda alias: (alias != "default", alias)) for group in real]
        self.groups = [group for group in self.groups if connections[group[0]].vendor != "unknown"]
        self.aliases = [group[0] for group in self.groups]
        self.own = {alias: connections[alias].settings_dict["NAME"] for group in real for alias in group}

    def name(self, alias: str, what: str) -> str:
        """The name of a database: a path for SQLite."""
        from django.db import connections

        name = f"{self.prefix}_{self.aliases.index(alias)}_{what}"
        return os.path.join(self.directory, f"{name}.sqlite3") if connections[alias].vendor == "sqlite" else name

    def make(self, what: str) -> None:
        """Empty databases, in the place of those that a dead process may have left; now in use."""
        from django.db import connections

        for alias in self.aliases:
            self.close(alias)
            connection = connections[alias]
            connection.settings_dict["NAME"] = self.own[alias]
            connection.settings_dict["TEST"]["NAME"] = self.name(alias, what)
            if connection.vendor == "mysql":
                have_programs()
            with reasons(f"the database of `{alias}` ({connection.vendor}{server(connection)})"):
                if connection.vendor in ("postgresql", "mysql"):
                    connection.settings_dict["OPTIONS"].setdefault("connect_timeout", 5)
                connection.creation._create_test_db(verbosity=0, autoclobber=True, keepdb=False)
        self.use(what)

    def use(self, what: str) -> None:
        """From now on the aliases stand for these."""
        from django.apps import apps
        from django.conf import settings
        from django.db import connections

        for group, alias in zip(self.groups, self.aliases):  # noqa: B905  Python 3.8
            for each in group:
                self.close(each)
                settings.DATABASES[each]["NAME"] = connections[each].settings_dict["NAME"] = self.name(alias, what)
        for alias, primary in self.mirrors.items():
            self.close(alias)
            connections[alias].creation.set_as_test_mirror(connections[primary].settings_dict)
        if apps.is_installed("django.contrib.contenttypes"):
            apps.get_model("contenttypes", "ContentType").objects.clear_cache()

    @staticmethod
    def close(alias: str) -> None:
        """Let go of a database, so that it can be copied or dropped.

        The next use of the alias opens a connection anew: a migration that failed may have left this
        one in the middle of a transaction.
        """
        from django.db import connections

        connection = connections[alias]
        connection.close()
        if hasattr(connection, "close_pool"):  # Django 5.1
            connection.close_pool()
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
                with reasons(f"a copy of the database of `{alias}`"):
                    connections[alias].creation.clone_test_db(COPY, verbosity=0, autoclobber=True)
                counts[alias] = there
            self.use(f"{what}_{COPY}")
            for alias in self.aliases:
                if counted(connections[alias]) != counts[alias]:
                    raise Failed(f"the copy of the database of `{alias}` is not whole: {MYSQLDUMP_FAILED}")
            yield
        finally:
            self.drop(f"{what}_{COPY}")

    def drop(self, *names: str) -> None:
        """Drop databases, where they are there; the aliases keep these names, so that nothing opens the user's."""
        from django.db import connections

        for what in names:
            self.use(what)
            for alias in self.aliases:
                if exists(connections[alias]):
                    self.close(alias)
                    connections[alias].creation.destroy_test_db(verbosity=0)


def exists(connection: Any) -> bool:
    """Whether the database is there; SQLite would make it when asked."""
    from django.db import OperationalError

    if connection.vendor == "sqlite":
        return os.path.isfile(connection.settings_dict["NAME"])
    try:
        connection.ensure_connection()
    except OperationalError:
        return False
    return True


@contextlib.contextmanager
def reasons(what: str) -> Iterator[None]:
    """Django prints why it can't make a database, and ends the process: make one error of both."""
    said = io.StringIO()
    try:
        with contextlib.redirect_stderr(said):
            yield
    except (Exception, SystemExit) as error:  # any driver's own
        lines = [line for line in said.getvalue().strip().splitlines() if line]
        why = str(error).strip() if isinstance(error, Exception) else (lines or ["Django ended the process"])[-1]
        raise Failed(f"{what} can't be made: {' '.join(why.split())}") from error


MYSQLDUMP_FAILED = "mysqldump or mysql has failed half way, see what they print for this user by hand"


def have_programs() -> None:
    """Django copies a database of MySQL by ``mysqldump | mysql``, and does not look how they end.

    :raises Failed: if one of them is not there.
    """
    missing = [program for program in ("mysqldump", "mysql") if shutil.which(program) is None]
    if missing:
        raise Failed(
            f"Django copies a database of MySQL by mysqldump and mysql, and there is no {' and no '.join(missing)}",
            "install the client programs of MySQL or MariaDB (default-mysql-client, mariadb-client), with these names "
            "on PATH, then run the same command again",
        )


def counted(connection: Any) -> dict[str, int]:
    """Table -> how many rows it has, where Django does not notice that a copy failed (MySQL); else nothing."""
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

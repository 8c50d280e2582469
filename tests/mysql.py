"""A server of MySQL or MariaDB for the tests, where somebody gives one.

    PHASED_MIGRATION_MYSQL=mysql://root:secret@127.0.0.1:3306 pytest tests/test_mysql.py
    PHASED_MIGRATION_MYSQL='mysql://root@/?unix_socket=/tmp/my.sock' pytest tests/test_mysql.py

The user must be allowed to make databases; only those are touched whose names start with ``test_phased``
or ``phased``, and an empty one that the settings name, since Django's checks ask a server of MySQL what it can. ``mysqldump`` and ``mysql`` must be on PATH, and mysqlclient or PyMySQL in the Python that
runs the projects (``pip install -e '.[mysql]'``).
"""

from __future__ import annotations

import functools
import os
import subprocess
from pathlib import Path
from textwrap import indent
from typing import Any
from urllib.parse import parse_qs, unquote, urlsplit

from tests.django_projects import PYTHON, write

VARIABLE = "PHASED_MIGRATION_MYSQL"
OWN = "named_by_settings"  # nothing is ever written to it
DRIVER = """\
try:
    import MySQLdb
except ImportError:
    import pymysql

    pymysql.install_as_MySQLdb()
"""
# Read by every Python that has its directory on PYTHONPATH (the tool's too): no project needs to know the driver.
SITE = f"import contextlib\n\nwith contextlib.suppress(ImportError):\n{indent(DRIVER, '    ')}"


@functools.cache
def missing() -> str:
    """Why MySQL can't be tried here; empty where it can."""
    if not os.environ.get(VARIABLE):
        return f"no server is given: {VARIABLE}=mysql://USER:PASSWORD@HOST:PORT"
    done = subprocess.run([PYTHON, "-c", DRIVER], capture_output=True, text=True, check=False)
    return f"neither mysqlclient nor PyMySQL is installed for {PYTHON}" if done.returncode else ""


def settings() -> dict[str, Any]:
    """The server as Django's settings name it."""
    url = urlsplit(os.environ[VARIABLE])
    socket = parse_qs(url.query).get("unix_socket", [""])[0]
    return {
        "ENGINE": "django.db.backends.mysql",
        "NAME": OWN,
        "USER": unquote(url.username or ""),
        "PASSWORD": unquote(url.password or ""),
        "HOST": socket or url.hostname or "",
        "PORT": str(url.port or ""),
    }


def driver(directory: Path) -> dict[str, str]:
    """The environment in which a project finds its driver."""
    return {"PYTHONPATH": str(write(directory, {"sitecustomize.py": SITE}))}


def client(program: str, *arguments: str, given: str = "") -> str:
    """What a client program prints."""
    conf = settings()
    place = {"user": conf["USER"], "port": conf["PORT"], "socket" if "/" in conf["HOST"] else "host": conf["HOST"]}
    options = [f"--{name}={value}" for name, value in place.items() if value]
    done = subprocess.run(
        [program, *options, *arguments], input=given, capture_output=True, text=True, check=False,
        env={**os.environ, "MYSQL_PWD": conf["PASSWORD"]},
    )  # fmt: skip
    assert done.returncode == 0, done.stderr
    return done.stdout


def sql(statement: str, database: str = "") -> list[str]:
    """Run statements: the lines of the answer, with tabs between the columns."""
    return client("mysql", "--batch", "--skip-column-names", *([database] if database else []), given=statement).splitlines()


def copy(source: str, target: str) -> None:
    """A database once more, in place of what had that name."""
    sql(f"DROP DATABASE IF EXISTS {target}; CREATE DATABASE {target}")
    client("mysql", target, given=client("mysqldump", source))


def names() -> set[str]:
    """The databases that tests have made."""
    return set(sql("SHOW DATABASES LIKE '%phased%'"))

"""Odd settings of databases: the trial of the migrations must leave every database of the project as it was.

A project's settings name its database in one of the ways that Django and the drivers know, and its code may reach
for it by itself. The trial runs (or refuses, in words); the real databases are compared byte for byte (SQLite) or
by dump, and nothing of the trial is left on the server.
"""

from __future__ import annotations

import random
import shutil
import sqlite3
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from migration.core.errors import DjangoError, PhaseError
from migration.django.process import Django
from migration.phases.verify_migrations import Place, try_out
from migration.plan.plan import App, Model, Plan
from tests import databases, mysql
from tests.django_projects import django, project, write

REAL = "mono_real"  # the project's own database on a server; OTHER is a second one
OTHER = "mono_other"
TABLES = (
    "CREATE TABLE core_team (id integer PRIMARY KEY, name varchar(50) NOT NULL)",
    "CREATE TABLE shop_item (id integer PRIMARY KEY, name varchar(50) NOT NULL, team_id integer NOT NULL)",
    "INSERT INTO core_team VALUES (1, 'customer')",
    "INSERT INTO shop_item VALUES (1, 'valuable', 1)",
)
MODELS = """\
from django.db import models


class {name}(models.Model):
{fields}
"""
MIGRATION = """\
{imports}from django.db import migrations, models

{code}

class Migration(migrations.Migration):
    dependencies = {dependencies}
    operations = [{operations}]
"""
KEY = '("id", models.BigAutoField(primary_key=True, serialize=False, auto_created=True, verbose_name="ID"))'
FILES = project(
    ("core", "shopping"),
    {
        "core/__init__.py": "",
        "core/models.py": MODELS.format(name="Team", fields="    name = models.CharField(max_length=50)"),
        "core/migrations/__init__.py": "",
        "core/migrations/0001_initial.py": MIGRATION.format(
            imports="", code="", dependencies=[],
            operations=f'migrations.CreateModel("Team", [{KEY}, ("name", models.CharField(max_length=50))])',
        ),
        "core/fixtures/demo.json": '[{"model": "core.team", "pk": 1, "fields": {"name": "demo"}}]',
        "shopping/__init__.py": "",
        "shopping/apps.py": "from django.apps import AppConfig\n\n\nclass Shop(AppConfig):\n    name = 'shopping'\n    label = 'shop'\n",
        "shopping/models.py": MODELS.format(name="Item", fields='    team = models.ForeignKey("core.Team", models.CASCADE)'),
        "shopping/migrations/__init__.py": "",
        "shopping/migrations/0001_initial.py": MIGRATION.format(
            imports="", code="", dependencies=[("core", "0001_initial")],
            operations=f'migrations.CreateModel("Item", [{KEY}, ("name", models.CharField(max_length=50)), '
            '("team", models.ForeignKey(on_delete=models.CASCADE, to="core.team"))])',
        ),
        # nobody has applied this one yet
        "shopping/migrations/0002_remove_name.py": MIGRATION.format(
            imports="", code="", dependencies=[("shop", "0001_initial")], operations='migrations.RemoveField("item", "name")'
        ),
    },
)  # fmt: skip
PLAN = Plan(
    "shop", "shopping", "products.shop", {}, {}, {},
    app=App("app", "shop", "shop", "shopping.apps.Shop", "shopping", "", (Model("Item", "shopping.models", "shop_item"),)),
)  # fmt: skip


@dataclass(frozen=True)
class World:
    """The real databases and how to reach their server.

    :param engine: ``sqlite``, ``postgresql`` or ``mysql``.
    :param place: an empty directory; SQLite's real files are in ``real`` below.
    """

    engine: str
    place: Path

    @property
    def conf(self) -> dict[str, Any]:
        """What reaches the server, without a database."""
        if self.engine == "postgresql":
            return {"ENGINE": "django.db.backends.postgresql", "HOST": databases.host(), "USER": "postgres"}
        if self.engine == "mysql":
            return mysql.settings() | {"NAME": ""}
        return {"ENGINE": "django.db.backends.sqlite3"}

    def name(self, name: str) -> str:
        """A real database, as NAME has it."""
        return str(self.place / "real" / f"{name}.sqlite3") if self.engine == "sqlite" else name

    def make(self) -> None:
        """The real databases, with rows that nobody may lose."""
        (self.place / "real").mkdir(parents=True, exist_ok=True)
        for name in (REAL, OTHER):
            if self.engine == "sqlite":
                with sqlite3.connect(self.name(name)) as connection:
                    for statement in TABLES:
                        connection.execute(statement)
                connection.close()
                continue
            if self.engine == "postgresql":
                databases.sql(f"CREATE DATABASE {name}")
            else:
                mysql.sql(f"CREATE DATABASE {name}")
            for statement in TABLES:
                (databases if self.engine == "postgresql" else mysql).sql(statement, name)

    def drop(self) -> None:
        """Away with them."""
        for name in (REAL, OTHER):
            if self.engine == "postgresql":
                databases.sql(f"DROP DATABASE {name}")
            if self.engine == "mysql":
                mysql.sql(f"DROP DATABASE {name}")

    def state(self) -> dict[str, object]:
        """The real databases in full, and the names of all on the server."""
        if self.engine == "sqlite":
            return {path.name: path.read_bytes() for path in sorted((self.place / "real").iterdir())}
        if self.engine == "postgresql":
            dumped: dict[str, object] = {name: databases.dump(name) for name in (REAL, OTHER, "postgres")}
            return {**dumped, "names": databases.names(), "roles": databases.sql("SELECT rolname, rolconfig FROM pg_roles ORDER BY 1")}
        dumped = {name: mysql.client("mysqldump", "--skip-dump-date", name) for name in (REAL, OTHER)}
        return {**dumped, "names": set(mysql.sql("SHOW DATABASES"))}


@dataclass(frozen=True)
class Odd:
    """One way of naming a database, or of reaching for one.

    :param settings: appended to the settings module; ``REAL``, ``OTHER``, ``CONF`` and ``HERE`` are known there.
    :param files: more files of the project, by path.
    :param env: variables of the environment.
    :param engines: that have it.
    :param outside: files beside the repo, by name.
    :param said: what the refusal says, where there must be one; nothing where the trial must go through.
    """

    name: str
    settings: str = ""
    files: Mapping[str, str] = field(default_factory=dict)
    env: Mapping[str, str] = field(default_factory=dict)
    engines: tuple[str, ...] = ("sqlite", "postgresql", "mysql")
    outside: Mapping[str, str] = field(default_factory=dict)
    said: str = ""


def settings(world: World) -> str:
    """The beginning of what is appended to the settings: the plain case."""
    return f"""
import os
HERE = {str(world.place)!r}
CONF = {world.conf!r}
REAL, OTHER = {world.name(REAL)!r}, {world.name(OTHER)!r}
DATABASES = {{"default": {{**CONF, "NAME": REAL}}}}
"""


SERVERS = ("postgresql", "mysql")
IGNORED = 'DATABASES["default"]["NAME"] = os.path.join(HERE, "real", "ignored") if "sqlite" in CONF["ENGINE"] else "ignored"\n'


def options(text: str) -> str:
    return f'DATABASES["default"]["OPTIONS"] = {text}\n'


NAMINGS = (
    Odd("NAME"),
    Odd("OPTIONS database", IGNORED + options('{"database": REAL}'), engines=("sqlite", "mysql")),
    Odd("OPTIONS dbname", IGNORED + options('{"dbname": REAL}'), engines=("postgresql",)),
    Odd("OPTIONS db", IGNORED + options('{"db": REAL}'), engines=("mysql",)),
    Odd("TEST NAME", 'DATABASES["default"]["TEST"] = {"NAME": REAL}\n'),
    Odd("TEST NAME of another", 'DATABASES["default"]["TEST"] = {"NAME": OTHER}\n'),
    Odd("a file: URI", 'DATABASES["default"]["NAME"] = f"file:{REAL}?mode=rwc"\n', engines=("sqlite",)),
    Odd("a file: URI in OPTIONS", options('{"database": f"file://{REAL}", "uri": True}'), engines=("sqlite",)),
    Odd("a path relative to the checkout", 'DATABASES["default"]["NAME"] = os.path.relpath(REAL)\n', engines=("sqlite",)),
    Odd("a symbolic link", 'link = os.path.join(HERE, "link.sqlite3")\nos.path.lexists(link) or os.symlink(REAL, link)\n'
        'DATABASES["default"]["NAME"] = link\n', engines=("sqlite",)),
    Odd("a factory of its own", "import sqlite3\n\n\nclass Real(sqlite3.Connection):\n    def __init__(self, database, *rest, **more):\n"
        "        super().__init__(REAL, *rest, **more)\n\n\n" + options('{"factory": Real}'), engines=("sqlite",)),
    Odd("init_command attaches", options('{"init_command": f"ATTACH \'{REAL}\' AS other"}'), engines=("sqlite",)),
    Odd("a service", IGNORED + options('{"service": "mono", "servicefile": os.path.join(HERE, "service.conf")}')
        + 'os.environ["PGSERVICEFILE"] = os.path.join(HERE, "service.conf")\ndel DATABASES["default"]["NAME"]\n',
        engines=("postgresql",), outside={"service.conf": "[mono]\ndbname=mono_real\noptions=-csearch_path=pg_catalog\n"}),
    Odd("PGSERVICE", IGNORED + 'os.environ["PGSERVICEFILE"] = os.path.join(HERE, "service.conf")\n',
        env={"PGSERVICE": "mono"}, engines=("postgresql",), outside={"service.conf": "[mono]\ndbname=mono_real\nuser=postgres\n"}),
    Odd("PGDATABASE", options('{"dbname": os.environ["PGDATABASE"]}'), env={"PGDATABASE": REAL}, engines=("postgresql",)),
    Odd("PGOPTIONS", env={"PGOPTIONS": "-c search_path=pg_catalog"}, engines=("postgresql",)),
    Odd("search_path", options('{"options": "-c search_path=nowhere,public"}'), engines=("postgresql",)),
    Odd("a pool", options('{"pool": True}') if databases.has_pool() else "", engines=("postgresql",)),
    Odd("conninfo in OPTIONS", options('{"conninfo": f"dbname={REAL}"}'), engines=("postgresql",)),
    Odd("a template that is a database", 'DATABASES["default"]["TEST"] = {"TEMPLATE": OTHER}\n', engines=("postgresql",),
        said="TEST TEMPLATE of `default` is mono_other"),
    Odd("template0", 'DATABASES["default"]["TEST"] = {"TEMPLATE": "template0"}\n', engines=("postgresql",)),
    Odd("DATABASE_URL", 'from urllib.parse import urlsplit\n'
        'DATABASES["default"]["NAME"] = urlsplit(os.environ["DATABASE_URL"]).path[1:]\n',
        env={"DATABASE_URL": "postgres://postgres@localhost/mono_real"}, engines=("postgresql",)),
    Odd("init_command uses", options('{"init_command": f"USE {REAL}"}'), engines=("mysql",)),
    Odd("init_command sets", options('{"init_command": "SET sql_mode=\'STRICT_TRANS_TABLES\', innodb_strict_mode=1"}'), engines=("mysql",)),
    Odd("read_default_file", IGNORED + options('{"read_default_file": os.path.join(HERE, "my.cnf")}'), engines=("mysql",),
        outside={"my.cnf": "[client]\ndatabase = mono_real\ninit-command = USE mono_real\n"}),
    Odd("read_default_group", IGNORED + options('{"read_default_file": os.path.join(HERE, "my.cnf"), "read_default_group": "mono"}'),
        engines=("mysql",), outside={"my.cnf": "[client]\n\n[mono]\ndatabase = mono_real\n"}),
    Odd("a user's own option file", env={"HOME": "HERE", "MYSQL_HOME": "HERE"}, engines=("mysql",),
        outside={".my.cnf": "[mysql]\ndatabase=mono_real\ninit-command=USE mono_real\n[mysqldump]\nall-databases\n",
                 "my.cnf": "[client]\ndatabase=mono_real\n"}),
)  # fmt: skip

OPEN = {
    "sqlite": "import sqlite3\nconnection = sqlite3.connect({name})\n",
    "postgresql": "try:\n    import psycopg\nexcept ImportError:\n    import psycopg2 as psycopg\n"
    "connection = psycopg.connect(dbname={name}, host={host!r}, user='postgres')\n",
    "mysql": "import MySQLdb\nconnection = MySQLdb.connect(db={name}, **{server!r})\n",
}
HARM = "cursor = connection.cursor()\ncursor.execute(\"UPDATE core_team SET name = 'lost'\")\nconnection.commit()\n"


def opening(world: World, name: str) -> str:
    """Python that connects by the driver and does harm."""
    conf = world.conf
    server = {"user": conf.get("USER", ""), "passwd": conf.get("PASSWORD", "")}
    host = str(conf.get("HOST", ""))
    server |= {"unix_socket": host} if host.startswith("/") else {"host": host}
    if conf.get("PORT"):
        server["port"] = int(conf["PORT"])
    return OPEN[world.engine].format(name=repr(name), host=host, server=server) + HARM


def indent(text: str) -> str:
    return "".join(f"    {line}\n" for line in text.splitlines())


def migration(code: str, imports: str = "") -> dict[str, str]:
    """A last migration that runs Python."""
    body = f"def forth(apps, schema_editor):\n{indent(code)}\n"
    text = MIGRATION.format(
        imports=imports, code=body, dependencies=[("core", "0001_initial")],
        operations="migrations.RunPython(forth, migrations.RunPython.noop)",
    )  # fmt: skip
    return {"core/migrations/0002_more.py": text.replace("    dependencies", "    atomic = False\n    dependencies")}


def statement(sql: str) -> dict[str, str]:
    return migration(f"schema_editor.connection.cursor().execute({sql!r})")


ROUTER = {"shop/routers.py": """\
class Router:
    def db_for_write(self, model, **hints):
        return "other"

    def db_for_read(self, model, **hints):
        return "other"
"""}
RECEIVER = """\
from django.apps import AppConfig
from django.db.backends.signals import connection_created


def connected(connection, **more):
    with connection.cursor() as cursor:
        cursor.execute({sql!r})


class Core(AppConfig):
    name = "core"

    def ready(self):
        connection_created.connect(connected)
"""


READY = """\
from django.apps import AppConfig


class Core(AppConfig):
    name = "core"

    def ready(self):
        from core.models import Team

        Team.objects.update_or_create(pk=1, defaults={"name": "lost"})
"""


def reaching(world: World) -> tuple[Odd, ...]:
    """Code of a project that reaches for a real database."""
    real, harm = world.name(REAL), opening(world, world.name(REAL))
    both = 'DATABASES["other"] = {**CONF, "NAME": OTHER}\n'
    guarded = "refused|OperationalError|can't be tried"
    found = [
        Odd("nothing else"),
        Odd("two aliases with one NAME", 'DATABASES["other"] = {**DATABASES["default"]}\n'),
        Odd("two aliases", both),
        Odd("a mirror", 'DATABASES["other"] = {**CONF, "NAME": OTHER, "TEST": {"MIRROR": "default"}}\n'),
        Odd("a router that writes elsewhere", both + 'DATABASE_ROUTERS = ["shop.routers.Router"]\n', ROUTER),
        Odd("settings connect", harm, said=guarded),
        Odd("settings connect and don't mind", f"try:\n{indent(harm)}except Exception:\n    pass\n"),
        Odd("models connect", files={"core/more.py": harm, "core/__init__.py": "from core import more\n"}, said=guarded),
        Odd("the URLconf asks while it loads", files={
            "shop/urls.py": "from core.models import Team\n\nCHOICES = list(Team.objects.values_list('name'))\nurlpatterns = []\n"}),
        Odd("an app writes while it starts", files={"core/apps.py": READY}, said=guarded),
        Odd("a migration connects", files=migration(harm), said=guarded),
        Odd("a migration connects and doesn't mind", files=migration(f"try:\n{indent(harm)}except Exception:\n    pass")),
        Odd("a migration connects by Django", files=migration(
            "from django.db import connections\nconf = {**connections['default'].settings_dict, 'NAME': " f"{real!r}}}\n"
            "connection = type(connections['default'])(conf, 'real')\nconnection.cursor().execute(\"DELETE FROM core_team\")"),
            said=guarded),
        Odd("a migration changes where an alias leads", files=migration(
            "from django.db import connections\nconnection = connections['default']\nconnection.close()\n"
            f"connection.settings_dict['NAME'] = {real!r}\nconnection.cursor().execute(\"DELETE FROM core_team\")"), said=guarded),
        Odd("a migration runs manage.py", files=migration(
            "import os, subprocess, sys\nsubprocess.check_call([sys.executable, 'manage.py', 'migrate'])"), said=guarded),
        Odd("a backend that connects where it likes", files={
            "backend/__init__.py": "", "backend/base.py": f"from {world.conf['ENGINE']}.base import DatabaseWrapper as Base\n\n\n"
            "class DatabaseWrapper(Base):\n    def get_new_connection(self, params):\n"
            f"        return super().get_new_connection({{**params, {name_key(world)!r}: {real!r}}})\n"},
            settings='DATABASES["default"]["ENGINE"] = "backend"\n', said=guarded),
    ]  # fmt: skip
    if world.engine == "sqlite":
        attach = f"ATTACH '{real}' AS other"
        found += [
            Odd("a migration attaches", files=migration(
                f"schema_editor.connection.cursor().execute({attach!r})\nschema_editor.execute(\"UPDATE other.core_team SET name = 'lost'\")"),
                said=guarded),
            Odd("a migration attaches without an authorizer", files=migration(
                "connection = schema_editor.connection.connection\nconnection.set_authorizer(None)\n"
                f"connection.execute({attach!r})\nconnection.execute('DELETE FROM other.core_team')"), said=guarded),
            Odd("a connection attaches", files={"core/apps.py": RECEIVER.format(sql=attach)}, said=guarded),
            Odd("a migration vacuums into it", files=migration(
                f"connection = schema_editor.connection\nconnection.cursor().execute(\"VACUUM INTO '{real}'\")"), said="refused|VACUUM"),
            Odd("memory attaches", files=migration(
                f"import sqlite3\nconnection = sqlite3.connect(':memory:')\nconnection.execute({attach!r})\n"
                "connection.execute('DELETE FROM other.core_team')\nconnection.commit()"), said=guarded),
        ]  # fmt: skip
    if world.engine == "postgresql":
        link = f"SELECT dblink_exec('dbname={REAL} host={databases.host()} user=postgres', 'DELETE FROM core_team')"
        found += [
            Odd("dblink", files=statement(link), said=guarded),
            Odd("dblink by a raw cursor", files=migration(
                f"cursor = schema_editor.connection.connection.cursor()\ncursor.execute({link!r})"), said=guarded),
            Odd("another database is dropped", files=migration(
                f"schema_editor.execute('DROP DATABASE {REAL}')"), said=guarded),
            Odd("another database is changed", files=statement(f"ALTER DATABASE {REAL} SET search_path = nowhere"), said=guarded),
            Odd("a grant on another database", files=statement(f"REVOKE ALL ON DATABASE {REAL} FROM PUBLIC"), said=guarded),
            Odd("psql", files=migration(
                f"import subprocess\nsubprocess.call(['psql', '-h', {databases.host()!r}, '-U', 'postgres', {REAL!r}, '-c', 'DELETE FROM core_team'])"),
                said=guarded),
        ]  # fmt: skip
    if world.engine == "mysql":
        found += [
            Odd("a table with its database", files=statement(f"UPDATE `{REAL}`.`core_team` SET name = 'lost'"), said=guarded),
            Odd("a table with its database in a comment", files=statement(f"/*!50000 DELETE FROM {REAL} . core_team */"), said=guarded),
            Odd("a statement that is prepared", files=migration(
                f"cursor = schema_editor.connection.cursor()\ncursor.execute(\"SET @words = 'DELETE FROM {REAL}.core_team'\")\n"
                "cursor.execute('PREPARE it FROM @words')\ncursor.execute('EXECUTE it')"), said=guarded),
            Odd("USE", files=statement(f"USE {REAL}"), said=guarded),
            Odd("select_db", files=migration(
                f"schema_editor.connection.ensure_connection()\nschema_editor.connection.connection.select_db({REAL!r})\n"
                "schema_editor.connection.cursor().execute('DELETE FROM core_team')"), said=guarded),
            Odd("a raw cursor", files=migration(
                f"cursor = schema_editor.connection.connection.cursor()\ncursor.execute('DELETE FROM {REAL}.core_team')"), said=guarded),
            Odd("a model's table with its database", files=migration(
                "from django.db import models\nTeam = type('Lost', (models.Model,), {'__module__': 'core.models', "
                f"'Meta': type('Meta', (), {{'app_label': 'core', 'db_table': '{REAL}`.`core_team'}})}})\nTeam.objects.all().delete()"),
                said=guarded),
            Odd("another database is dropped", files=statement(f"DROP DATABASE {REAL}"), said=guarded),
            Odd("a connection uses", files={"core/apps.py": RECEIVER.format(sql=f"USE {REAL}")}, said=guarded),
        ]  # fmt: skip
    return tuple(found)


def name_key(world: World) -> str:
    return {"sqlite": "database", "postgresql": "dbname", "mysql": "database"}[world.engine]


def every(world: World) -> list[tuple[Odd, Odd]]:
    """All ways of naming, with all ways of reaching."""
    ways = [naming for naming in NAMINGS if world.engine in naming.engines]
    return [(naming, more) for naming in ways for more in reaching(world)]


def some(world: World, count: int, seed: int) -> list[tuple[Odd, Odd]]:
    """A seeded choice; each way of naming and of reaching comes before any comes twice, as far as it goes."""
    chance = random.Random(f"{seed} {world.engine}")
    ways, more = [naming for naming in NAMINGS if world.engine in naming.engines], list(reaching(world))
    chance.shuffle(ways)
    chance.shuffle(more)
    first = [(ways[number % len(ways)], more[number % len(more)]) for number in range(max(len(ways), len(more)))]
    rest = [pair for pair in every(world) if pair not in first]
    chance.shuffle(rest)
    return (first + rest)[:count]


def try_some(world: World, count: int, seed: int) -> dict[str, list[str]]:
    """Make the real databases and try a seeded choice of settings; what went wrong, by their names."""
    wrong = {}
    world.make()
    try:
        for number, (naming, more) in enumerate(some(world, count, seed)):
            if problems := attempt(world, naming, more, world.place / f"trial_{number}"):
                wrong[f"{naming.name}; {more.name}"] = problems
    finally:
        world.drop()
    return wrong


def attempt(world: World, naming: Odd, more: Odd, directory: Path) -> list[str]:
    """Try a project with such settings; what went wrong, a line each.

    :param directory: a new one, for the checkout and the trial's own files.
    """
    said, problems = outcome(world, naming, more, directory)
    expected = [odd.said for odd in (naming, more) if odd.said]
    if said and not expected:
        problems.append(f"refused without a reason: {said}")
    if expected and not any(word in said for words in expected for word in words.split("|")):
        problems.append(f"nothing was said of it, but: {said}")
    return problems


def outcome(world: World, naming: Odd, more: Odd, directory: Path) -> tuple[str, list[str]]:
    """Why the trial was refused, and which databases have changed."""
    env = {name: str(world.place) if value == "HERE" else value for odd in (naming, more) for name, value in odd.env.items()}
    for odd in (naming, more):
        for name, text in odd.outside.items():
            (world.place / name).write_text(text)
    files = {**FILES, **naming.files, **more.files}
    files["shop/settings.py"] += settings(world) + naming.settings + more.settings
    repo = write(directory / "repo", files)
    before = world.state()
    monolith = _with(django(repo), {**(mysql.driver(directory / "driver") if world.engine == "mysql" else {}), **env})
    said = ""
    try:
        try_out(PLAN, monolith, monolith, Place(f"test_odd_{directory.name[-24:]}".lower(), directory / "work"))
    except (PhaseError, DjangoError) as error:
        said = str(error)
    after = world.state()
    problems = [f"{name} has changed" for name in before.keys() | after.keys() if before.get(name) != after.get(name)]
    shutil.rmtree(directory, ignore_errors=True)
    return said, problems


def _with(monolith: Django, env: Mapping[str, str]) -> Django:
    from dataclasses import replace

    return replace(monolith, env=env)


def engines() -> Iterator[str]:
    """Those that can be tried here."""
    yield "sqlite"
    yield "postgresql"
    if not mysql.missing():
        yield "mysql"


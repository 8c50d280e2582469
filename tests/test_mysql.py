"""MySQL and MariaDB: what verify_migrations needs of them, tried on a server that somebody gives (see ``tests.mysql``)."""

from __future__ import annotations

import json
import os
import shutil
import subprocess
from collections.abc import Callable, Iterator
from dataclasses import replace as changed
from pathlib import Path

import pytest

from migration.core.errors import PhaseError
from migration.django.database_dump import Dump, read
from migration.django.dump_differences import row_differences, schema_differences
from migration.django.probe import dump_database
from migration.django.process import Django
from migration.phases.verify_migrations import Place, tried, try_out
from tests import databases, model_cases, mysql
from tests.databases import Kept, keep
from tests.django_projects import PYTHON, django, replace
from tests.model_cases import move
from tests.model_rows import ROWS
from tests.phases.test_verify_migrations import CASES, LAST, Code, before_and_after, with_outside, with_sql
from tests.test_dodo import Home
from tests.test_model_rows import django_version, other_names
from tests.test_sample import tried as table_of

pytestmark = pytest.mark.skipif(bool(mysql.missing()), reason=mysql.missing())
WHERE = "default (mysql)"


@pytest.fixture(scope="module")
def env(tmp_path_factory: pytest.TempPathFactory) -> Iterator[dict[str, str]]:
    mysql.sql(f"CREATE DATABASE {mysql.OWN}")
    try:
        yield {**databases.environment("mysql"), **mysql.driver(tmp_path_factory.mktemp("driver"))}
        assert mysql.sql("SHOW TABLES", mysql.OWN) == []
    finally:
        mysql.sql(f"DROP DATABASE {mysql.OWN}")


@pytest.fixture(scope="module")
def code(tmp_path_factory: pytest.TempPathFactory) -> Code:
    return before_and_after(tmp_path_factory.mktemp("code"))


@pytest.fixture(scope="module")
def kept(code: Code, env: dict[str, str], tmp_path_factory: pytest.TempPathFactory) -> Iterator[Kept]:
    directory = tmp_path_factory.mktemp("kept")
    with keep(code.plan, on(code.old, env), "mysql", "test_phased_small", directory) as kept:
        yield kept


def on(repo: Path, env: dict[str, str]) -> Django:
    return changed(django(repo), env=env)


# ---- what is right


def test_the_migrations_that_we_write_pass(code: Code, env: dict[str, str], tmp_path: Path) -> None:
    rolling = changed(code.plan, deploy="rolling")
    result = try_out(rolling, on(code.old, env), on(code.rolling, env), Place("test_phased_right", tmp_path / "work"))
    assert {row["outcome"] for row in result.table} == {"equal"} and {row["database"] for row in result.table} == {WHERE, ""}
    assert {"back", "old code was still running", "both content types", "empty database"} <= {row["check"] for row in result.table}
    assert result.counts["tables"] == 14 and result.counts["rows"] > 60
    assert mysql.names() == set()


def test_another_connection_to_the_same_server_is_refused(code: Code, env: dict[str, str], tmp_path: Path) -> None:
    """What Django opens gets through, by a driver that connects in Python too; what a migration opens by itself does not."""
    pytest.importorskip("pymysql")
    conf = mysql.settings()
    place = {"unix_socket": conf["HOST"]} if "/" in conf["HOST"] else {"host": conf["HOST"], "port": int(conf["PORT"] or 3306)}
    given = {"user": conf["USER"], "password": conf["PASSWORD"], **place}
    deed = f"try:\n        __import__('pymysql').connect(**{given!r})\n    except Exception as error:\n        assert 'refuses' in str(error)"
    the = with_outside(code, tmp_path, deed)
    with pytest.raises(PhaseError, match=r"can't be tried: pymysql.connect\(") as error:
        try_out(the.plan, on(the.old, env), on(the.new, env), Place("test_phased_outside", tmp_path / "work"))
    assert "audit/migrations/0002_outside.py:9: refused in the trial: pymysql.connect(" in "\n".join(error.value.details)
    assert mysql.names() == set()


# By default an extraction and a change of label, and an app that moves as it is; the others with `-m engines`.
SOME = ("names with the label", "an app that changes its label", "an app that moves, with default_app_config and ready")


@pytest.mark.parametrize(
    "name", [pytest.param(name, marks=() if name in SOME else pytest.mark.engines) for name in ROWS]
)
def test_no_mysql_database_notices(
    name: str, env: dict[str, str], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    case = ROWS[name]
    if django_version() < case.django:
        pytest.skip(f"needs Django {'.'.join(map(str, case.django))}")
    moved = move(changed(case, settings=case.settings + databases.BY_ENVIRONMENT), tmp_path / "move")
    for variable, value in env.items():
        monkeypatch.setenv(variable, value)
    done = model_cases.run(moved.session, "verify_migrations")["verify_migrations"]
    if not moved.session.plan().app.models:
        assert done["skipped"].startswith("nothing to do: no models move")
        return
    renamed = other_names(name)
    otherwise = {f"equal but for names of foreign keys ({len(renamed)})"} if renamed else set()
    assert {row["outcome"] for row in done["table"]} == {"equal"} | otherwise
    assert {row["database"] for row in done["table"]} == {WHERE, ""}
    assert mysql.names() == set()


def test_the_sample(env: dict[str, str], tmp_path: Path) -> None:
    """Without its own tests: one of them asks for a unique constraint with a condition, which MySQL does not have."""
    home = Home(tmp_path / "home")
    asked = {f"DATABASE_{name}": str(value) for name, value in mysql.settings().items()}
    home.doit("product=data_warehouse", f"python={PYTHON}", "verify_migrations", env={**env, **asked})
    table = table_of(home)
    assert len(table) == 11 and {row["outcome"] for row in table} == {"equal"}
    assert {row["database"] for row in table} == {WHERE, ""}
    assert mysql.names() == set()


# ---- what is left out


LEFT_OUT = [
    (
        "a table that is not pinned",
        "filled database: {where}: data_warehouse.Tag has the table data_warehouse_tag, which does not exist",
        "pin db_table",
    ),
    (
        "tables that are made for real",
        "filled database: {where}: OperationalError: (1050, \"Table 'core_tag' already exists\")",
        "keep the operations in SeparateDatabaseAndState",
    ),
    (
        "no step for the content types",
        "filled database: {where}: table django_content_type: row id=",
        "give the content types their new label",
    ),
    ("content types that both exist are not merged", "last part back and forth: {where}: IntegrityError: ", ""),
    ("a row that is changed", "filled database: {where}: table core_team: row id=7: column name is second, was first", "no row"),
]
EDITS: dict[str, Callable[[Path], None]] = {str(case.id): case.values[0] for case in CASES}  # type: ignore[misc]


@pytest.mark.parametrize(("name", "said", "remedy"), LEFT_OUT, ids=[name for name, _, _ in LEFT_OUT])
def test_what_is_left_out_is_noticed(
    code: Code, kept: Kept, env: dict[str, str], tmp_path: Path, name: str, said: str, remedy: str
) -> None:
    text, advice = refused(code, kept, env, tmp_path, EDITS[name])
    assert said.format(where=WHERE) in text
    assert remedy in advice


@pytest.mark.parametrize(
    ("statement", "said"),
    [
        ("ALTER TABLE core_table RENAME INDEX table_names TO other_names", "table core_table: index table_names is gone: KEY"),
        ("ALTER TABLE core_tag COMMENT 'moved'", "table core_tag: table is ENGINE=InnoDB "),
        ("ALTER TABLE core_table MODIFY name varchar(11) NOT NULL", "table core_table: column name is varchar(11)"),
    ],
)
def test_what_a_schema_loses_is_noticed(
    code: Code, kept: Kept, env: dict[str, str], tmp_path: Path, statement: str, said: str
) -> None:
    text, _ = refused(code, kept, env, tmp_path, with_sql(statement))
    assert f"filled database: {WHERE}: {said}" in text


def refused(code: Code, kept: Kept, env: dict[str, str], tmp_path: Path, edit: Callable[[Path], None]) -> tuple[str, str]:
    """What is said of migrations that a person has changed, and what to do."""
    kept.restore()
    repo = Path(shutil.copytree(code.new, tmp_path / "new"))
    edit(repo)
    with pytest.raises(PhaseError, match="checks of the migrations fail") as caught:
        tried(code.plan, on(repo, env), kept.place, kept.filled)
    return str(caught.value), caught.value.remedy


def test_without_the_client_programs(code: Code, env: dict[str, str], tmp_path: Path) -> None:
    bare = on(code.old, {**env, "PATH": str(tmp_path)})
    with pytest.raises(PhaseError, match="there is no mysqldump and no mysql") as caught:
        try_out(code.plan, bare, bare, Place("test_phased_bare", tmp_path / "work"))
    assert caught.value.remedy.startswith("install the client programs") and "verify=no" in caught.value.remedy


def test_a_copy_that_is_not_whole_is_not_taken_for_the_database(code: Code, kept: Kept, env: dict[str, str], tmp_path: Path) -> None:
    """Up to 5.2 Django does not look how ``mysqldump`` ends."""
    kept.restore()
    dump = tmp_path / "bin/mysqldump"
    dump.parent.mkdir()
    dump.write_text("#!/bin/sh\necho 'CREATE TABLE half (id int);'\nexit 2\n")
    dump.chmod(0o755)
    broken = on(code.new, {**env, "PATH": f"{dump.parent}{os.pathsep}{os.environ['PATH']}"})
    with pytest.raises(PhaseError, match="the copy of the database of `default` is not whole|Got an error on mysqldump"):
        tried(code.plan, broken, kept.place, kept.filled)
    assert mysql.names() <= {"phased_kept"}


# ---- killed half way


KILL = """

def kill(apps, schema_editor):
    import os, signal

    if os.environ.get("KILL"):
        os.kill(os.getpid(), signal.SIGKILL)

"""


def before_the_end(repo: Path) -> None:
    """The step is killed when it has done all it does."""
    replace(repo / LAST, "    ContentType.objects.clear_cache()\n", "    kill(apps, schema_editor)\n")


def before_the_record(repo: Path) -> None:
    """The step is done, and Django has not written down that the migration is."""
    step = "        migrations.RunPython(move_content_types, return_content_types),\n"
    replace(repo / LAST, step, step + "        migrations.RunPython(kill),\n")


@pytest.mark.parametrize(("edit", "label"), [(before_the_end, "core"), (before_the_record, "data_warehouse")])
def test_killed_half_way_the_same_command_does_the_rest(
    code: Code, env: dict[str, str], tmp_path: Path, edit: Callable[[Path], None], label: str
) -> None:
    """No transaction holds a whole migration on MySQL, but one holds the step for the content types."""
    types = "SELECT id, app_label, model FROM django_content_type WHERE model IN ('table', 'tag') ORDER BY id"
    done = "SELECT name FROM django_migrations WHERE app = 'core' ORDER BY id"
    repo = Path(shutil.copytree(code.new, tmp_path / "new"))
    replace(repo / LAST, "\n\nclass Migration", KILL + "\nclass Migration")
    edit(repo)
    mysql.sql("DROP DATABASE IF EXISTS phased_killed; CREATE DATABASE phased_killed")
    env = {**env, "TEST_DATABASE": json.dumps({**mysql.settings(), "NAME": "phased_killed"})}
    try:
        migrate(code.old, env)
        before = mysql.sql(types, "phased_killed")
        assert len(before) == 2 and all("\tcore\t" in line for line in before)
        migrate(repo, {**env, "KILL": "1"}, code=-9)
        assert mysql.sql(types, "phased_killed") == [line.replace("\tcore\t", f"\t{label}\t") for line in before]
        assert mysql.sql(done, "phased_killed") == ["0001_initial"]
        migrate(repo, env)
        wanted = [line.replace("\tcore\t", "\tdata_warehouse\t") for line in before]
        assert mysql.sql(types, "phased_killed") == wanted
        assert mysql.sql(done, "phased_killed") == ["0001_initial", Path(LAST).stem]
    finally:
        mysql.sql("DROP DATABASE phased_killed")


def migrate(repo: Path, env: dict[str, str], code: int = 0) -> None:
    done = subprocess.run(
        [PYTHON, "manage.py", "migrate"], cwd=repo, env={**os.environ, **env}, capture_output=True, text=True, check=False
    )
    assert done.returncode == code, done.stdout + done.stderr


# ---- the dump


START = (
    "CREATE TABLE Team (id bigint AUTO_INCREMENT PRIMARY KEY, name varchar(10) NOT NULL DEFAULT 'a, (b', `full, ``name` text, CONSTRAINT short CHECK (length(name) < 9))",
    "CREATE TABLE tag (id integer PRIMARY KEY, team_id bigint NULL, word varchar(5), CONSTRAINT fk FOREIGN KEY (team_id) REFERENCES Team (id))",
    "CREATE INDEX words ON tag (word)",
    "CREATE VIEW teams AS SELECT name FROM Team",
    "INSERT INTO Team VALUES (1, 'x', NULL)",
)
CHANGES: tuple[tuple[str, list[str]], ...] = (
    ("SELECT 1", []),
    ("UPDATE Team SET name = 'y'", ["table Team: row id=1: column name is y, was x"]),
    ("INSERT INTO tag VALUES (5, 1, NULL)", ["table tag: row id=5 is new: [5, 1, null]"]),
    ("DROP INDEX words ON tag", ["table tag: index words is gone: KEY (`word`)"]),
    ("CREATE UNIQUE INDEX words ON tag (word)", ["table tag: index words is new: UNIQUE KEY (`word`)"]),
    ("ALTER TABLE tag DROP FOREIGN KEY fk", ["table tag: constraint fk is gone: FOREIGN KEY (`team_id`)"]),
    ("ALTER TABLE Team DROP CONSTRAINT short", ["table Team: constraint short is gone: CHECK"]),
    ("ALTER TABLE Team MODIFY name varchar(10) NOT NULL DEFAULT 'q'", ["table Team: column name is varchar(10) NOT NULL DEFAULT 'q'"]),
    ("ALTER TABLE Team MODIFY name varchar(10) NULL", ["table Team: column name is varchar(10) DEFAULT NULL"]),
    ("ALTER TABLE tag MODIFY word varchar(6) COLLATE utf8mb4_bin", ["table tag: column word is varchar(6)"]),
    ("ALTER TABLE tag ENGINE=MyISAM", ["table tag: table is ENGINE=MyISAM"]),
    ("ALTER TABLE tag DROP PRIMARY KEY, ADD PRIMARY KEY (id, team_id)",
     ["table tag: constraint PRIMARY KEY is PRIMARY KEY (`id`,`team_id`)", "table tag: column team_id is "]),
    ("INSERT INTO Team VALUES (41, 'z', NULL)", ["table Team: row id=41 is new"]),
    ("DELETE FROM Team WHERE id = 41", ["table Team: row id=41 is gone"]),
    ("ALTER TABLE Team AUTO_INCREMENT = 2", ["sequence AUTO_INCREMENT of Team stands at 2, stood at 42"]),
    ("CREATE TRIGGER tr BEFORE INSERT ON tag FOR EACH ROW SET NEW.id = 4", ["table tag: trigger tr is new: BEFORE INSERT"]),
    ("CREATE OR REPLACE VIEW teams AS SELECT id FROM Team", ["table teams: view is "]),
    ("DROP VIEW teams", ["table teams is gone"]),
    ("DROP TABLE tag", ["table tag is gone"]),
    ("CREATE TABLE extra (id integer)", ["table extra is new"]),
)  # fmt: skip

CONNECTED = """
import importlib.util, json, os, sys
from django.conf import settings
settings.configure(DATABASES={"default": json.loads(os.environ["TEST_DATABASE"])})
import django
django.setup()
from django.db import connection
probe, directory = sys.argv[1:3]
spec = importlib.util.spec_from_file_location("probe", probe)
module = importlib.util.module_from_spec(spec)
spec.loader.exec_module(module)
"""
DUMPS = CONNECTED + """
for number, statement in enumerate(json.loads(sys.stdin.read())):
    with connection.cursor() as cursor:
        cursor.execute(statement)
    with open(f"{directory}/{number}.json", "w") as stream:
        json.dump(module.dump(connection), stream)
"""
MISFITS = CONNECTED + """
from django.db import models
from django.db.migrations.state import ModelState, ProjectState
with connection.cursor() as cursor:
    cursor.execute("CREATE TABLE Team (id integer PRIMARY KEY)")
state = ProjectState()
for table in json.loads(sys.stdin.read()):
    state.add_model(ModelState("shop", table, [("id", models.IntegerField(primary_key=True))], {"db_table": table}))
print(json.dumps(module.misfits(connection, state.apps)))
"""


def asked(script: str, directory: Path, env: dict[str, str], given: list[str]) -> str:
    """What a script prints that works on a new database."""
    mysql.sql("DROP DATABASE IF EXISTS phased_dump; CREATE DATABASE phased_dump CHARACTER SET utf8mb4")
    env = {**os.environ, **env, "TEST_DATABASE": json.dumps({**mysql.settings(), "NAME": "phased_dump"})}
    command = [PYTHON, "-c", script, dump_database.__file__, str(directory)]
    try:
        done = subprocess.run(command, input=json.dumps(given), env=env, capture_output=True, text=True, check=False)
        assert done.returncode == 0, done.stderr
    finally:
        mysql.sql("DROP DATABASE phased_dump")
    return done.stdout


def dumps(directory: Path, env: dict[str, str], statements: list[str]) -> list[Dump]:
    """What a new database holds after each statement."""
    asked(DUMPS, directory, env, statements)
    return [read(directory / f"{number}.json") for number in range(len(statements))]


def test_every_change_is_seen_and_nothing_else(env: dict[str, str], tmp_path: Path) -> None:
    found = dumps(tmp_path, env, [*START, *(statement for statement, _ in CHANGES)])
    for number, (statement, expected) in enumerate(CHANGES, len(START)):
        said = [*schema_differences(found[number - 1], found[number]), *row_differences(found[number - 1], found[number])]
        assert bool(said) == bool(expected), (statement, said)
        expected, said = ([line.replace("Team", "team") for line in lines] for lines in (expected, said))  # it may fold the case
        for line in expected:
            assert any(one.startswith(line) for one in said), (statement, said)
        assert all(any(one.startswith(line) for line in expected) for one in said), (statement, said)


def test_the_columns_are_told_apart(env: dict[str, str], tmp_path: Path) -> None:
    found = next(parts for table, parts in dumps(tmp_path, env, list(START))[-1].schema.items() if table.lower() == "team")
    assert {name for name in found if name != "table"} == {
        "column id", "column name", "column full, ``name", "constraint PRIMARY KEY", "constraint short", "order of columns",
    }  # fmt: skip
    assert found["column name"] == "varchar(10) NOT NULL DEFAULT 'a, (b'"
    assert "AUTO_INCREMENT" not in found["table"] and found["table"].startswith("ENGINE=InnoDB")


def test_tables_are_found_in_any_case_where_the_server_folds_it(env: dict[str, str], tmp_path: Path) -> None:
    (folds,) = mysql.sql("SELECT @@lower_case_table_names")
    missing = ["shop.TEAM has the table TEAM, which does not exist", "shop.gone has the table gone, which does not exist"]
    assert json.loads(asked(MISFITS, tmp_path, env, ["Team", "TEAM", "gone"])) == missing[folds != "0" :]

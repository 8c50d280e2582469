"""What is left out of a move's migrations is noticed, on SQLite and on PostgreSQL; what is right passes."""

from __future__ import annotations

import os
import re
import shutil
import signal
import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from dataclasses import replace as changed
from pathlib import Path
from typing import Any

import pytest

from migration.core.errors import DjangoError, PhaseError, RefusedError
from migration.django.process import Django
from migration.django.registry import Registry
from migration.phases.generate_migrations import generated, request
from migration.phases.verify_migrations import Place, tried, try_out
from migration.plan.plan import Plan, Trial
from tests import databases
from tests.databases import BY_ENVIRONMENT, ENGINES, Kept, keep
from tests.django_projects import HOME, contents, django, extraction, manage, moved, project, replace, rows, write
from tests.outside import sink
from tests.test_dodo import Home, git, make_repo, tree

NEW = f"{HOME}/migrations/0001_initial.py"
THIRD = "billing/migrations/0002_relations_to_data_warehouse.py"
LAST = "core/migrations/0002_move_models_to_data_warehouse.py"
AGAIN = "core/migrations/0003_merge_content_types_again.py"

SMALL = project(
    ("core", "billing", "audit"),
    {
        "core/__init__.py": "",
        "core/migrations/__init__.py": "",
        "core/fixtures/teams.json": '[{"model": "core.team", "pk": 7, "fields": {"name": "first"}}]',
        "core/models.py": """\
            from django.db import models

            from core.warehouse.models import Table, Tag  # noqa: F401


            class Team(models.Model):
                name = models.CharField(max_length=10)
            """,
        "core/warehouse/__init__.py": "",
        "core/warehouse/models.py": """\
            from django.db import models


            class Tag(models.Model):
                name = models.CharField(max_length=10, unique=True)


            class Table(models.Model):
                team = models.ForeignKey("core.Team", models.CASCADE)
                name = models.CharField(max_length=10)
                parent = models.ForeignKey("self", models.CASCADE, null=True)
                tags = models.ManyToManyField(Tag)

                class Meta:
                    permissions = [("query_table", "Can query")]
                    indexes = [models.Index(fields=["name"], name="table_names")]
            """,
        "billing/__init__.py": "",
        "billing/migrations/__init__.py": "",
        "billing/models.py": """\
            from django.db import models


            class Invoice(models.Model):
                table = models.ForeignKey("core.Table", models.CASCADE)
            """,
        "audit/__init__.py": "",
        "audit/migrations/__init__.py": "",
        "audit/models.py": """\
            from django.contrib.contenttypes.fields import GenericForeignKey
            from django.db import models


            class Entry(models.Model):
                content_type = models.ForeignKey("contenttypes.ContentType", models.CASCADE)
                object_id = models.CharField(max_length=20)
                target = GenericForeignKey()
            """,
    },
)
SMALL["shop/settings.py"] += BY_ENVIRONMENT


@dataclass(frozen=True)
class Code:
    """The project before the move and after it.

    :param rolling: the same moved with ``deploy: rolling``.
    """

    old: Path
    new: Path
    rolling: Path
    plan: Plan

    def django(self, repo: Path, engine: str) -> Django:
        return changed(django(repo), env=databases.environment(engine))


def generate(repo: Path, plan: Plan, before: Registry) -> None:
    answer = django(repo).ask("migrations", migrations=request(plan, before))
    write(repo, generated(answer, plan, before, lambda path: (repo / path).is_file()).files)


@pytest.fixture(scope="module")
def code(tmp_path_factory: pytest.TempPathFactory) -> Code:
    return before_and_after(tmp_path_factory.mktemp("code"))


def before_and_after(directory: Path) -> Code:
    """The small project and its move."""
    old = write(directory / "old", SMALL)
    manage(old, "makemigrations", "core", "billing", "audit")
    (old / "db.sqlite3").unlink()  # makemigrations has looked into it
    before = django(old).ask("registry", "check").registry
    plan = extraction(before)
    files = {**contents(old), "core/fixtures/teams.json": SMALL["core/fixtures/teams.json"]}
    new = moved(write(directory / "new", files), plan, before)
    rolling = Path(shutil.copytree(new, directory / "rolling"))
    generate(new, plan, before)
    generate(rolling, changed(plan, deploy="rolling"), before)
    return Code(old, new, rolling, plan)


@pytest.fixture(scope="module", params=ENGINES)
def kept(request: pytest.FixtureRequest, code: Code, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Kept]:
    directory = tmp_path_factory.mktemp("kept")
    with keep(code.plan, code.django(code.old, request.param), request.param, "test_phased_small", directory) as kept:
        yield kept


# ---- what is right


@pytest.mark.parametrize("engine", ENGINES)
def test_the_migrations_that_we_write_pass(code: Code, engine: str, tmp_path: Path) -> None:
    before = databases.names() if engine == "postgresql" else set()
    write(tmp_path, {"work/filled.default.json": "half"})
    place = Place("test_phased_right", tmp_path / "work")
    result = try_out(code.plan, code.django(code.old, engine), code.django(code.new, engine), place)
    where = f"default ({engine})"
    tables = result.counts["tables"]
    assert [(row["check"], row["database"], row["outcome"]) for row in result.table] == [
        ("filled database", where, "equal"),
        ("back", where, "equal"),
        ("forth again", where, "equal"),
        ("last part back and forth", where, "equal"),
        ("both content types", where, "equal"),
        ("each migration in a run of its own", where, "equal"),
        ("core first, then the rest", where, "equal"),
        ("empty database", where, "equal"),
        ("empty database, data_warehouse first", where, "equal"),
        ("each migration on what it depends on", "", "equal"),
        ("makemigrations --check", "", "equal"),
    ]
    assert tables == 14 and {row["tables"] for row in result.table} == {0, tables}
    assert result.counts["rows"] == result.table[1]["rows"] and result.table[0]["rows"] == result.counts["rows"] + 3
    assert result.summary == f"11 checks, 1 database, 14 tables, {result.counts['rows']} rows"
    assert result.findings == () and not result.changes
    assert not place.directory.exists()
    assert not (code.old / "db.sqlite3").exists() and not (code.new / "db.sqlite3").exists()
    if engine == "postgresql":
        assert databases.names() == before


def test_there_are_rows_to_lose(kept: Kept) -> None:
    tables = kept.filled.before["default"].tables
    counted = ("core_team", "core_tag", "core_table", "core_table_tags", "billing_invoice", "audit_entry")
    assert {name: len(tables[name].rows) for name in counted} == {
        "core_team": 1, "core_tag": 2, "core_table": 2, "core_table_tags": 2, "billing_invoice": 2, "audit_entry": 2,
    }  # fmt: skip
    assert tables["core_team"].rows == ((7, "first"),)
    assert len(tables["auth_group_permissions"].rows) == len(tables["auth_user_user_permissions"].rows) == 9
    assert kept.filled.answer["notes"] == {"default": []}


def test_rolling(code: Code, kept: Kept) -> None:
    kept.restore()
    plan = changed(code.plan, deploy="rolling")
    result = tried(plan, code.django(code.rolling, kept.engine), kept.place, kept.filled)
    assert "old code was still running" in [row["check"] for row in result.table]
    assert {row["outcome"] for row in result.table} == {"equal"}
    steps = [str(finding) for finding in result.findings]
    assert [step[:10] for step in steps] == ["deploy: 1.", "deploy: 2.", "deploy: 3."]
    assert "everything but core.0003_merge_content_types_again" in steps[0]
    assert "data_warehouse.0001_initial, billing.0002_relations_to_data_warehouse" in steps[0]
    assert "deploy core.0003_merge_content_types_again" in steps[2]


# ---- what a migration does beside its databases


OUTSIDE = """\
import urllib.request

from django.core.mail import send_mail
from django.db import migrations


def ask(apps, schema_editor):
    {deed}
    send_mail("moved", "text", "from@example.com", ["to@example.com"])


class Migration(migrations.Migration):
    dependencies = [("audit", "0001_initial")]
    operations = [migrations.RunPython(ask, migrations.RunPython.noop)]
"""
SWALLOWED = """try:
        urllib.request.urlopen("http://127.0.0.1:{port}/")
    except OSError:
        pass"""


def with_outside(code: Code, directory: Path, deed: str) -> Code:
    """The project with a migration of an app that stays, which reaches out."""
    old, new = (Path(shutil.copytree(repo, directory / name)) for repo, name in ((code.old, "old"), (code.new, "new")))
    for repo in (old, new):
        write(repo, {"audit/migrations/0002_outside.py": OUTSIDE.format(deed=deed)})
    return changed(code, old=old, new=new)


@pytest.mark.parametrize("engine", ENGINES)
def test_what_is_refused_is_named(code: Code, engine: str, tmp_path: Path) -> None:
    with sink() as seen:
        the = with_outside(code, tmp_path, SWALLOWED.format(port=seen.port))
        place = Place("test_phased_outside", tmp_path / "work")
        result = try_out(the.plan, the.django(the.old, engine), the.django(the.new, engine), place)
    assert seen.lines == []
    assert [str(finding) for finding in result.findings] == [
        f"audit/migrations/0002_outside.py:9: refused in the trial: a connection to 127.0.0.1:{seen.port} -> "
        f'if the trial may do it, say so in moves.yml: trial: {{allow: ["127.0.0.1:{seen.port}"]}}'
    ]
    assert {row["outcome"] for row in result.table} == {"equal"}
    assert not place.directory.exists()


def test_what_the_plan_allows(code: Code, tmp_path: Path) -> None:
    with sink() as seen:
        the = with_outside(code, tmp_path, f'urllib.request.urlopen("http://localhost:{seen.port}/")')
        plan = changed(the.plan, trial=Trial(allow=(f"localhost:{seen.port}",)))
        result = try_out(plan, the.django(the.old, "sqlite"), the.django(the.new, "sqlite"), Place("test_phased_x", tmp_path / "work"))
    assert set(seen.lines) == {"connected"} and result.findings == ()


def test_a_migration_that_can_t_do_without(code: Code, tmp_path: Path) -> None:
    """Where the old code already fails for it, and where the moved code alone does."""
    with sink() as seen:
        the = with_outside(code, tmp_path, f'urllib.request.urlopen("http://127.0.0.1:{seen.port}/")')
        allow = f'if the trial may do it, say so in moves.yml: trial: {{allow: ["127.0.0.1:{seen.port}"]}}'
        place = Place("test_phased_outside", tmp_path / "work")
        with pytest.raises(RefusedError, match=rf"refuses a connection to 127.0.0.1:{seen.port} \(audit/migrations/0002_outside.py:8\)") as error:
            try_out(the.plan, the.django(the.old, "sqlite"), the.django(the.new, "sqlite"), place)
        without = "see to it that the code does without, as where the network is down"
        assert error.value.remedy == f"{allow}; or {without}; or leave the phase out: verify=no"
        assert f"audit/migrations/0002_outside.py:8: refused in the trial: a connection to 127.0.0.1:{seen.port}" in error.value.details
        (the.old / "audit/migrations/0002_outside.py").write_text(OUTSIDE.format(deed="pass"))
        with pytest.raises(PhaseError, match="checks of the migrations fail") as failure:
            try_out(the.plan, the.django(the.old, "sqlite"), the.django(the.new, "sqlite"), place)
    assert seen.lines == [] and not place.directory.exists()
    assert failure.value.remedy.startswith("see what is refused below, with what lets it through")
    assert [line for line in failure.value.details if line.endswith(f'trial: {{allow: ["127.0.0.1:{seen.port}"]}}')]


# ---- what is left out


def cut(path: str, pattern: str, new: str = "") -> Callable[[Path], None]:
    """An edit: the one place that the pattern finds is replaced."""

    def edit(repo: Path) -> None:
        text, count = re.subn(pattern, new.replace("\\", r"\\"), (repo / path).read_text(), flags=re.DOTALL)
        assert count == 1, (count, (repo / path).read_text())
        (repo / path).write_text(text)

    return edit


def all_of(*edits: Callable[[Path], None]) -> Callable[[Path], None]:
    def edit(repo: Path) -> None:
        for one in edits:
            one(repo)

    return edit


def for_real(path: str) -> Callable[[Path], None]:
    """State operations become real ones."""
    return cut(path, r"SeparateDatabaseAndState\(\s*state_operations=", "SeparateDatabaseAndState(database_operations=")


def with_sql(statement: str) -> Callable[[Path], None]:
    """One more step of the last migration."""
    step = f"    operations = [\n        migrations.RunSQL({statement!r}, migrations.RunSQL.noop),\n"
    return cut(LAST, r"    operations = \[\n", step)


def step_too_early(repo: Path) -> None:
    """The content types with the new app's first migration."""
    text = (repo / LAST).read_text()
    functions = text[text.index("\nOLD_LABEL") : text.index("\n\nclass Migration")]
    step = "        migrations.RunPython(move_content_types, return_content_types),\n"
    replace(repo / LAST, step, "")
    replace(repo / NEW, "\n\nclass Migration", functions + "\n\nclass Migration")
    new = (repo / NEW).read_text().replace("import migrations, models", "import connections, migrations, models, router")
    assert new.endswith("    ]\n") and "router" in new
    contenttypes = "    dependencies = [\n        ('contenttypes', '0002_remove_content_type_name'),\n"
    (repo / NEW).write_text(new[: -len("    ]\n")].replace("    dependencies = [\n", contenttypes) + step + "    ]\n")


CASES = [
    pytest.param(
        all_of(
            cut(f"{HOME}/models.py", r'        db_table = "core_tag"\n', "        pass\n"),
            cut(NEW, r"'db_table': 'core_tag',", ""),
        ),
        "filled database: {where}: data_warehouse.Tag has the table data_warehouse_tag, which does not exist",
        "pin db_table",
        id="a table that is not pinned",
    ),
    pytest.param(
        cut(NEW, r"'db_table': 'core_tag',", ""),
        "makemigrations --check: makemigrations would write for data_warehouse: Rename table for tag to core_tag",
        "pin db_table",  # the state in between has no table either
        id="a table that is pinned in the model alone",
    ),
    pytest.param(
        for_real(NEW),
        'filled database: {where}: OperationalError: table "core_tag" already exists'
        '|filled database: {where}: ProgrammingError: relation "core_tag" already exists',
        "keep the operations in SeparateDatabaseAndState",
        id="tables that are made for real",
    ),
    pytest.param(
        for_real(LAST), "has an invalid foreign key|: table core_tag is gone", "keep the operations in SeparateDatabaseAndState",
        id="tables that are dropped for real",
    ),
    pytest.param(
        cut(NEW, r"        \('core', '0001_initial'\),\n", ""),
        "empty database, data_warehouse first: {where}: after migrate data_warehouse: "
        "data_warehouse.Tag has the table core_tag, which does not exist"
        "|empty database, data_warehouse first: {where}: ValueError: The field data_warehouse.Table.team was declared with a lazy reference",
        "",
        id="the new app does not stand on the old one",
    ),
    pytest.param(
        cut(THIRD, r"operations = \[.*\]\n", "operations = []\n"),
        "lazy reference to 'core.table'", "point the relation at the new label",
        id="a relation of a third app that is not pointed at the new model",
    ),
    pytest.param(
        cut(THIRD, r"        \('data_warehouse', '0001_initial'\),\n", ""),
        "each migration on what it depends on: billing.0002_relations_to_data_warehouse: ValueError: ",
        "point the relation at the new label",
        id="the third app does not stand on the new one",
    ),
    pytest.param(
        cut(LAST, r"        \('billing', '0002_relations_to_data_warehouse'\),\n", ""),
        "core first, then the rest: {where}: ValueError: The field billing.Invoice.table was declared with a lazy reference",
        "point the relation at the new label",
        id="the old app does not come last",
    ),
    pytest.param(
        cut(LAST, r"        migrations.RunPython\(move_content_types, return_content_types\),\n"),
        "filled database: {where}: table django_content_type: row id=", "give the content types their new label",
        id="no step for the content types",
    ),
    pytest.param(
        step_too_early,
        "last part back and forth: {where}: table django_content_type: row id="
        "|each migration in a run of its own: {where}: table django_content_type: row id=",
        "give the content types their new label",
        id="the step for the content types before the old models have left the state",
    ),
    pytest.param(
        cut(LAST, r", return_content_types\)", ")"), "back: {where}: IrreversibleError: ", "a reverse",
        id="no reverse",
    ),
    pytest.param(
        cut(LAST, r", return_content_types\)", ", migrations.RunPython.noop)"),
        "back: {where}: table django_content_type: row id=", "and back in reverse",
        id="a reverse that does nothing",
    ),
    pytest.param(
        cut(LAST, r"            merge\(kept, double, alias\)\n", "            pass\n"),
        "last part back and forth: {where}: IntegrityError: ", "",
        id="content types that both exist are not merged",
    ),
    pytest.param(
        cut(LAST, r"            merge\(kept, double, alias\)\n", "            double.delete(using=alias)\n"),
        "both content types: {where}: table audit_entry: row id=", "",
        id="what refers to the second content type is lost",
    ),
    pytest.param(
        with_sql("DROP INDEX table_names"), "filled database: {where}: table core_table: index table_names is gone: CREATE INDEX",
        "names of tables, indexes",
        id="an index that is gone",
    ),
    pytest.param(
        with_sql("UPDATE core_team SET name = 'second'"),
        "filled database: {where}: table core_team: row id=7: column name is second, was first", "no table and no row",
        id="a row that is changed",
    ),
    pytest.param(
        with_sql("DELETE FROM audit_entry"), "filled database: {where}: table audit_entry: row id=", "",
        id="rows that are gone",
    ),
    pytest.param(
        with_sql("DELETE FROM auth_group_permissions"),
        "filled database: {where}: table auth_group_permissions: row id=", "",
        id="grants that are gone",
    ),
]  # fmt: skip


# SQLite tries each by default; on PostgreSQL these are tried by default, the others with `-m engines`.
SOME = (
    "a table that is not pinned", "no step for the content types", "content types that both exist are not merged",
    "tables that are dropped for real", "rows that are gone",
)  # fmt: skip
ON_ENGINES = [
    pytest.param(
        engine, *case.values, id=f"{engine}-{case.id}",
        marks=pytest.mark.engines if engine != "sqlite" and case.id not in SOME else (),
    )
    for engine in ENGINES
    for case in CASES
]  # fmt: skip


@pytest.mark.parametrize(("kept", "edit", "said", "remedy"), ON_ENGINES, indirect=["kept"])
def test_what_is_left_out_is_noticed(
    code: Code, kept: Kept, tmp_path: Path, edit: Callable[[Path], None], said: str, remedy: str
) -> None:
    kept.restore()
    repo = Path(shutil.copytree(code.new, tmp_path / "new"))
    edit(repo)
    with pytest.raises(PhaseError, match="checks of the migrations fail") as caught:
        tried(code.plan, code.django(repo, kept.engine), kept.place, kept.filled)
    text = str(caught.value)
    wanted = said.format(where=f"default ({kept.engine})").split("|")
    assert any(line in text for line in wanted), text
    assert remedy in caught.value.remedy, text


def test_a_second_merge_that_does_nothing(code: Code, kept: Kept, tmp_path: Path) -> None:
    kept.restore()
    repo = Path(shutil.copytree(code.rolling, tmp_path / "new"))
    replace(repo / AGAIN, "RunPython(move_content_types,", "RunPython(migrations.RunPython.noop,")
    with pytest.raises(PhaseError) as caught:
        tried(changed(code.plan, deploy="rolling"), code.django(repo, kept.engine), kept.place, kept.filled)
    assert all(line.startswith("old code was still running: ") for line in caught.value.details[:-1]), str(caught.value)


def test_a_sequence_that_falls_back(code: Code, kept: Kept, tmp_path: Path) -> None:
    if kept.engine == "sqlite":
        pytest.skip("SQLite's sequences are rows, and stay with the table")
    kept.restore()
    repo = Path(shutil.copytree(code.new, tmp_path / "new"))
    with_sql("SELECT setval('core_tag_id_seq', 1, false)")(repo)
    with pytest.raises(PhaseError, match=r"sequence core_tag_id_seq stands at 1 \(unused\), stood at \d+"):
        tried(code.plan, code.django(repo, kept.engine), kept.place, kept.filled)


# ---- what can't be tried


def test_a_server_that_does_not_answer(code: Code, tmp_path: Path) -> None:
    silent = changed(django(code.old), env={"TEST_HOST": str(tmp_path)})
    with pytest.raises(PhaseError, match=r"the database of `default` \(postgresql at .*can't be made: .*No such file") as caught:
        try_out(code.plan, silent, silent, Place("test_phased_silent", tmp_path / "work"))
    assert "start the database server" in caught.value.remedy and "verify=no" in caught.value.remedy
    assert not (tmp_path / "work").exists()


def test_code_before_the_move_that_does_not_start(code: Code, tmp_path: Path) -> None:
    repo = Path(shutil.copytree(code.old, tmp_path / "old"))
    with (repo / "shop/settings.py").open("a") as stream:
        stream.write("from shop.local import SECRET_KEY\n")
    with pytest.raises(DjangoError, match="in a copy of the files that git tracks.*No module named 'shop.local'") as caught:
        try_out(code.plan, django(repo), django(code.new), Place("test_phased_local", tmp_path / "work"))
    assert "[tool.phased-migration] local" in caught.value.remedy and "verify=no" in caught.value.remedy


BROKEN = """
from django.db import migrations


class Migration(migrations.Migration):
    dependencies = [("billing", "0001_initial")]
    operations = [migrations.RunSQL("SELECT no_such_function()")]
"""


@pytest.mark.parametrize("engine", ENGINES)
def test_a_history_that_does_not_run_leaves_no_database(code: Code, engine: str, tmp_path: Path) -> None:
    before = databases.names() if engine == "postgresql" else set()
    old = write(Path(shutil.copytree(code.old, tmp_path / "old")), {"billing/migrations/0002_broken.py": BROKEN})
    place = Place("test_phased_history", tmp_path / "work")
    with pytest.raises(DjangoError, match="no.such.function"):
        try_out(code.plan, code.django(old, engine), code.django(code.new, engine), place)
    assert not place.directory.exists()
    if engine == "postgresql":
        assert databases.names() == before


@pytest.mark.parametrize("engine", ENGINES)
def test_moved_code_that_does_not_start_leaves_no_database(code: Code, engine: str, tmp_path: Path) -> None:
    before = databases.names() if engine == "postgresql" else set()
    repo = Path(shutil.copytree(code.new, tmp_path / "new"))
    (repo / "billing/models.py").write_text("raise RuntimeError('broken')\n")
    place = Place("test_phased_broken", tmp_path / "work")
    with pytest.raises(DjangoError, match="RuntimeError: broken"):
        try_out(code.plan, code.django(code.old, engine), code.django(repo, engine), place)
    assert not place.directory.exists()
    if engine == "postgresql":
        assert databases.names() == before


def test_without_models_there_is_nothing_to_try(code: Code, tmp_path: Path) -> None:
    plan = changed(code.plan, app=changed(code.plan.app, models=()))
    assert try_out(plan, django(code.old), django(code.new), Place("x", tmp_path / "work")).skipped.startswith("nothing to do")


# ---- old code that still runs, for real


def test_old_code_runs_on_the_migrated_database_and_the_second_merge_ends_it(code: Code, tmp_path: Path) -> None:
    """With ``deploy: rolling``, step by step; the old code is the old code."""
    old, new = (Path(shutil.copytree(repo, tmp_path / name)) for repo, name in ((code.old, "old"), (code.rolling, "new")))
    for repo in (old, new):
        replace(repo / "shop/settings.py", 'Path(__file__).parent.parent / "db.sqlite3"', repr(str(tmp_path / "db.sqlite3")))
    manage(old, "migrate")
    manage(old, "loaddata", "teams")
    make = "from core.models import *; t = Table.objects.create(team_id=7, name='a'); t.tags.add(Tag.objects.create(name='x'))"
    refer = (
        "from core.models import *; from audit.models import Entry\n"
        "Entry.objects.create(target=Table.objects.get(name='{}'))"
    )
    manage(old, "shell", "-c", make)
    manage(old, "shell", "-c", refer.format("a"))
    types = "SELECT id, app_label, model FROM django_content_type WHERE model IN ('table', 'tag') ORDER BY model, id"
    before = rows(tmp_path, types)
    # 1. migrate, while the old code still serves: it reads and writes, and makes its content type again
    manage(new, "migrate", "core", "0002")
    manage(old, "shell", "-c", make.replace("'a'", "'b'").replace("'x'", "'y'"))
    manage(old, "shell", "-c", refer.format("b"))
    assert len(rows(tmp_path, types)) == 3
    manage(old, "migrate")  # it may even come to this: all its post_migrate handlers run
    # 3. nothing old runs any more
    manage(new, "migrate")
    assert rows(tmp_path, types) == [(key, "data_warehouse", model) for key, _, model in before]
    table = next(key for key, _, model in before if model == "table")
    assert rows(tmp_path, "SELECT content_type_id, object_id FROM audit_entry ORDER BY id") == [(table, "1"), (table, "2")]
    permissions = "SELECT count(*), count(DISTINCT codename) FROM auth_permission WHERE content_type_id = {}"
    assert rows(tmp_path, permissions.format(table)) == [(5, 5)]
    # once more, by hand
    manage(old, "shell", "-c", refer.format("b"))
    manage(new, "migrate", "core", "0002")
    manage(new, "migrate")
    assert rows(tmp_path, types) == [(key, "data_warehouse", model) for key, _, model in before]
    assert len(rows(tmp_path, f"SELECT * FROM audit_entry WHERE content_type_id = {table}")) == 3


# ---- several databases


ROUTED = """
DATABASES["default"]["TEST"] = {"NAME": "never used"}
DATABASES["things"] = {**DATABASES["default"], "NAME": Path(__file__).parent.parent / "things.sqlite3"}
DATABASES["mirror"] = {**DATABASES["default"], "TEST": {"MIRROR": "default"}}
DATABASE_ROUTERS = ["shop.routers.Router"]
"""
ROUTER = """
class Router:
    \"\"\"Content types, users and the log live in the first database; everything is in the second one.\"\"\"

    def allow_migrate(self, db, app_label, **hints):
        return db == "default" or app_label in ("core", "data_warehouse", "billing")
"""


def test_several_databases_one_of_them_without_content_types(code: Code, tmp_path: Path) -> None:
    old, new = (Path(shutil.copytree(repo, tmp_path / name)) for repo, name in ((code.old, "old"), (code.new, "new")))
    for repo in (old, new):
        (repo / "shop/settings.py").write_text((repo / "shop/settings.py").read_text() + ROUTED)
        write(repo, {"shop/routers.py": ROUTER})
    result = try_out(code.plan, django(old), django(new), Place("test_phased_two", tmp_path / "work"))
    places = {"default (sqlite)", "things (sqlite)", ""}
    assert {row["database"] for row in result.table} == places and {row["outcome"] for row in result.table} == {"equal"}
    assert result.counts["databases"] == 2 and result.counts["checks"] == 21
    # routers that know the old label alone are named
    replace(new / "shop/routers.py", '"data_warehouse", ', "")
    with pytest.raises(PhaseError) as caught:
        try_out(code.plan, django(old), django(new), Place("test_phased_two", tmp_path / "work"))
    assert "database routers: the routers say for data_warehouse.table: tables on default, for core.table: tables on default, things" in str(
        caught.value
    )
    assert "let the routers treat the new label" in caught.value.remedy
    write(new, {"shop/routers.py": ROUTER})
    # and what one of them alone loses is noticed
    with_sql("UPDATE core_tag SET name = 'z' || id WHERE NOT EXISTS (SELECT 1 FROM sqlite_master WHERE name = 'auth_user')")(new)
    with pytest.raises(PhaseError) as caught:
        try_out(code.plan, django(old), django(new), Place("test_phased_two", tmp_path / "work"))
    assert all("things (sqlite): table core_tag: row id=" in line for line in caught.value.details), str(caught.value)
    # an error belongs to the database that it happened in
    replace(new / LAST, "UPDATE core_tag SET name = 'z' || id WHERE NOT", "SELECT no_such_function() WHERE NOT")
    with pytest.raises(PhaseError) as caught:
        try_out(code.plan, django(old), django(new), Place("test_phased_two", tmp_path / "work"))
    assert "filled database: default (sqlite): OperationalError: no such function: no_such_function" in caught.value.details[0]
    assert not any("things" in line for line in caught.value.details)


# ---- what the project's own history does


AHEAD = """
from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [("audit", "0001_initial")]
    operations = [
        migrations.CreateModel("Log", [
            ("id", models.BigAutoField(primary_key=True)),
            ("kind", models.ForeignKey("contenttypes.ContentType", models.CASCADE, null=True, db_index=False)),
        ]),
        migrations.RunSQL("ALTER TABLE audit_log RENAME TO audit_logs", "ALTER TABLE audit_logs RENAME TO audit_log"),
    ]
"""
CAUGHT_UP = """
from django.db import migrations


class Migration(migrations.Migration):
    dependencies = [("audit", "0002_ahead")]
    operations = [
        migrations.SeparateDatabaseAndState(state_operations=[migrations.AlterModelTable("log", "audit_logs")])
    ]
"""

LOG = """

class Log(models.Model):
    id = models.BigAutoField(primary_key=True)
    kind = models.ForeignKey("contenttypes.ContentType", models.CASCADE, null=True, db_index=False)

    class Meta:
        db_table = "audit_logs"
"""


def test_states_between_the_project_s_own_migrations_are_not_the_move_s(code: Code, tmp_path: Path) -> None:
    """Where old migrations stop halfway between a table's new name and the state that knows it.

    The step that merges content types runs there too, and the table has a foreign key to them.
    """
    old, new = (Path(shutil.copytree(repo, tmp_path / name)) for repo, name in ((code.old, "old"), (code.new, "new")))
    for repo in (old, new):
        write(repo, {"audit/migrations/0002_ahead.py": AHEAD, "audit/migrations/0003_caught_up.py": CAUGHT_UP})
        models = repo / "audit/models.py"
        models.write_text(models.read_text() + LOG)
        replace(repo / "core/migrations/0001_initial.py", "dependencies = [\n", 'dependencies = [\n        ("audit", "0002_ahead"),\n')
    result = try_out(code.plan, django(old), django(new), Place("test_phased_ahead", tmp_path / "work"))
    assert {row["outcome"] for row in result.table} == {"equal"}
    # a table that the move forgets to pin is still noticed there
    pinned = [line for line in (new / NEW).read_text().splitlines(True) if "db_table" in line and "core_tag'" in line]
    replace(new / NEW, pinned[0], "")
    with pytest.raises(PhaseError) as caught:
        try_out(code.plan, django(old), django(new), Place("test_phased_ahead", tmp_path / "work"))
    first = "empty database, data_warehouse first: default (sqlite): after migrate data_warehouse: "
    assert any(line.startswith(first + "data_warehouse.Tag has the table") for line in caught.value.details), caught.value.details
    assert not any("audit" in line for line in caught.value.details)


HALFWAY = {
    "audit/migrations/0002_more.py": """
from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [("audit", "0001_initial")]
    operations = [
        migrations.CreateModel("Scrap", [("id", models.BigAutoField(primary_key=True))]),
        migrations.CreateModel("Draft", [("id", models.BigAutoField(primary_key=True))]),
        migrations.CreateModel("Mark", [
            ("id", models.BigAutoField(primary_key=True)), ("sheet", models.ForeignKey("audit.Draft", models.CASCADE)),
        ]),
    ]
""",
    "audit/migrations/0003_less.py": """
from django.db import migrations


def grant(apps, schema_editor):
    group = apps.get_model("auth", "Group").objects.create(name="auditors")
    group.permissions.add(*apps.get_model("auth", "Permission").objects.filter(codename__endswith="_entry"))


class Migration(migrations.Migration):
    dependencies = [("audit", "0002_more"), ("auth", "0012_alter_user_first_name_max_length")]
    operations = [
        migrations.DeleteModel("Scrap"),
        migrations.RenameModel("Draft", "Sheet"),
        migrations.RunPython(grant, migrations.RunPython.noop),
    ]
""",
}
SHEETS = """

class Sheet(models.Model):
    id = models.BigAutoField(primary_key=True)


class Mark(models.Model):
    id = models.BigAutoField(primary_key=True)
    sheet = models.ForeignKey(Sheet, models.CASCADE)
"""


@pytest.fixture(scope="module")
def halfway(code: Code, tmp_path_factory: pytest.TempPathFactory) -> Code:
    """Where core's history stands on another app's that deletes and renames models later on."""
    directory = tmp_path_factory.mktemp("halfway")
    old, new = (Path(shutil.copytree(repo, directory / name)) for repo, name in ((code.old, "old"), (code.new, "new")))
    for repo in (old, new):
        write(repo, HALFWAY)
        (repo / "audit/models.py").write_text((repo / "audit/models.py").read_text() + SHEETS)
        replace(repo / "core/migrations/0001_initial.py", "dependencies = [\n", 'dependencies = [\n        ("audit", "0002_more"),\n')
    return changed(code, old=old, new=new)


@pytest.mark.parametrize("engine", ENGINES)
def test_what_the_project_s_own_history_leaves_halfway_is_not_the_move_s(halfway: Code, engine: str, tmp_path: Path) -> None:
    place = Place("test_phased_halfway", tmp_path / "work")
    result = try_out(halfway.plan, halfway.django(halfway.old, engine), halfway.django(halfway.new, engine), place)
    assert {row["outcome"] for row in result.table} == {"equal"} and len(result.table) == 11
    (said,) = (str(finding) for finding in result.findings)
    assert said.startswith(
        f"default ({engine}): empty database, data_warehouse first: the old code, migrated in the same order, leaves what a "
        "single run does not, so that is what was compared with: "
    )
    # newer versions of Django rename the permissions of a model with it
    assert "the content type audit.scrap is new" in said and re.search(r"; and \d more$", said)


def late(statement: str, condition: str) -> Callable[[Path], None]:
    """SQL of the last migration that only runs in a database with a content type that is left halfway."""
    return with_sql(f"{statement} {condition} EXISTS (SELECT 1 FROM django_content_type WHERE model = 'scrap')")


@pytest.mark.parametrize(
    ("edit", "said"),
    [
        pytest.param(step_too_early, "the content type core.table is new", id="a content type of a moved model"),
        pytest.param(
            late("INSERT INTO auth_permission (content_type_id, codename, name) SELECT id, 'lose', 'Can lose' "
                 "FROM django_content_type WHERE model = 'scrap' AND", ""),
            "the permission audit.scrap.lose.Can lose is new", id="a permission on what is left halfway",
        ),
        pytest.param(
            late("INSERT INTO auth_group (name) SELECT 'lost' WHERE", ""),
            "table auth_group has 2 rows, where the old code makes 1", id="a row of another table",
        ),
    ],
)  # fmt: skip
def test_what_the_move_leaves_halfway_is_the_move_s(
    halfway: Code, tmp_path: Path, edit: Callable[[Path], None], said: str
) -> None:
    new = Path(shutil.copytree(halfway.new, tmp_path / "new"))
    edit(new)
    with pytest.raises(PhaseError) as caught:
        try_out(halfway.plan, django(halfway.old), django(new), Place("test_phased_halfway", tmp_path / "work"))
    lines = [line for line in caught.value.details if said in line]
    assert lines and all(line.startswith("empty database, data_warehouse first: ") for line in lines), str(caught.value)
    assert not any("audit" in line for line in set(caught.value.details) - set(lines))


# ---- as people run it


def test_the_phase_from_the_command_line(code: Code, tmp_path: Path) -> None:
    """Left out; files that git does not track; killed; and done."""
    files = {**contents(code.old), ".gitignore": "shop/local.py\n*.sqlite3\n"}
    files["shop/settings.py"] += "from shop.local import SECRET_KEY\n"
    repo = make_repo(tmp_path / "mono", {path: text for path, text in files.items() if path != "shop/local.py"})
    write(repo, {"shop/local.py": "SECRET_KEY = 'y'\n"})
    home, move = Home(tmp_path / "home"), ["product=data_warehouse", f"repo={repo}", "source=core.warehouse"]
    move += ["target=products.data_warehouse"]
    home.doit(*move, "verify=no")
    assert entry(home)["summary"] == "left out: verify=no" and "table" not in entry(home)
    before = tree(repo)
    out, err = home.doit(*move, code=1)
    assert "generate_migrations  up to date" in out and "verify_migrations    FAILED" in out
    assert "No module named 'shop.local'" in err and "[tool.phased-migration] local" in err
    assert tree(repo) == before
    write(repo, {"pyproject.toml": '[tool.phased-migration]\nlocal = ["shop/local.py"]\n'})
    git(repo, "add", "pyproject.toml")
    git(repo, "commit", "-qm", "local", "pyproject.toml")
    work = repo / ".git/phased-migration/data_warehouse/verify"
    process = home.start(*move)
    while not list(work.glob("databases/*filled*")):
        assert process.poll() is None, process.communicate()
        time.sleep(0.05)
    os.killpg(process.pid, signal.SIGKILL)
    process.communicate()
    assert work.exists()
    before = {path: found for path, found in tree(repo).items() if path != "pyproject.toml"}
    home.doit(*move)
    assert not work.exists()
    assert {row["outcome"] for row in entry(home)["table"]} == {"equal"} and len(entry(home)["table"]) == 11
    assert {path: found for path, found in tree(repo).items() if path != "pyproject.toml"} == before
    out, _ = home.doit(*move)
    assert "verify_migrations    up to date" in out
    assert len(entry(home)["table"]) == 11


def entry(home: Home) -> dict[str, Any]:
    """The tracker's entry of the phase."""
    return next(one for one in home.tracker("data_warehouse")["phases"] if one["id"] == "verify_migrations")

"""The part of the probe that tries the migrations on throw-away databases (in the monolith's interpreter).

Asked twice, each time of one boot: the code before the move makes the databases and fills them
(``fill``), the moved code migrates them in every way that a deploy may (``try``). What a database then
holds goes into a file per try and alias; comparing is not done here.

Kept to the syntax of Python 3.8; imports nothing of ours.
"""

from __future__ import annotations

import contextlib
import functools
import gc
import json
import os
import sys
from typing import Any, Callable, Dict, Iterator, Tuple  # noqa: UP035  Python 3.8

Key = Tuple[str, str]  # noqa: UP006
Plain = Dict[str, Any]  # noqa: UP006


def answer(request: Plain, helper: Callable[[str], Any]) -> Plain:
    """The answer to ``verify``.

    :param request: ``step`` (``fill``, ``try`` or ``drop``), ``prefix`` of the database names,
        ``directory`` for files, ``old`` and ``new`` label, ``models`` in lower case, ``whole`` (an
        app changes its label, with its history), ``rolling``, and for ``try`` what ``fill`` answered as ``filled``.
    """
    from django.db.backends.signals import connection_created

    parts = helper("django_probe_verify_databases")
    connection_created.connect(parts.careless)
    parts.remember_swappable()
    gc.freeze()  # what the boot has made stays: a long history makes so many classes that looking at it again costs
    databases = parts.Databases(request["prefix"], request["directory"])
    if not databases.aliases:
        return {"refused": "", "remedy": "", "aliases": []}
    try:
        if request["step"] == "drop":
            databases.drop("filled", "empty")
            return {"refused": "", "aliases": databases.aliases}
        return Trial(request, databases, helper).run()
    except parts.Failed as error:
        return {"refused": str(error), "remedy": error.remedy, "aliases": databases.aliases}


class Trial:
    """One boot's work on the databases."""

    def __init__(self, request: Plain, databases: Any, helper: Callable[[str], Any]) -> None:
        self.databases = databases
        self.directory: str = request["directory"]
        self.step: str = request["step"]
        self.old: str = request["old"]
        self.new: str = request["new"]
        self.models: list[str] = request["models"]
        self.whole: bool = request["whole"]
        self.rolling: bool = request["rolling"]
        self.filled: Plain = request.get("filled") or {}
        self.beside = helper("django_probe_verify_beside")
        self.dumps = helper("django_probe_verify_dump")
        self.rows = helper("django_probe_verify_rows")
        self.values = helper("django_probe_verify_values")
        self.tries: list[Plain] = []
        self.at = ""  # the alias that is being migrated
        self.ours: list[Key] = []  # the migrations that the old code doesn't have, in order

    def run(self) -> Plain:
        """Do the step; the databases are dropped at the end, but for the filled ones that ``try`` needs."""
        with silence():
            try:
                result = self.fill() if self.step == "fill" else self.try_all()
            except BaseException:
                with contextlib.suppress(Exception):  # what went wrong first is what people are told
                    self.databases.drop("filled", "empty")
                raise
        return {"refused": "", "aliases": self.databases.aliases, "engines": self.engines(), **result}

    def engines(self) -> dict[str, str]:
        from django.db import connections

        return {alias: connections[alias].vendor for alias in self.databases.aliases}

    # ---- the code before the move

    def fill(self) -> Plain:
        """Make the databases and fill them; the dump of the empty ones and of the full ones."""
        self.require(self.old)
        notes = {}
        self.databases.make("filled")
        self.migrate()
        self.dump("empty")
        for alias in self.databases.aliases:
            notes[alias] = self.rows.load(alias, [self.model(self.old, name) for name in self.models], self.values)
        self.migrate()  # what handlers of post_migrate make of the rows
        self.dump("settled")
        self.migrate()  # what they do each time, without any move
        self.dump("filled")
        applied = {alias: sorted(map(list, self.applied(alias))) for alias in self.databases.aliases}
        asked = {"pending": self.pending(), "tables": self.tables(), "routes": self.routes(self.old)}
        return {"notes": notes, "applied": applied, **asked}

    # ---- the moved code

    def try_all(self) -> Plain:
        """Every way of migrating, each on databases of its own."""
        self.require(self.new)
        self.databases.use("filled")
        self.ours = self.unapplied(self.databases.aliases[0])
        for alias in self.databases.aliases:
            self.databases.close(alias)
        with self.beside.beside(self.on_empty) as empty:
            self.on_filled()
            self.databases.drop("filled")
            tries = self.tries + empty()
        return {
            "tries": tries,
            "ours": [list(key) for key in self.ours],
            "renamed": sorted(map(list, self.renamed())),
            "states": self.states(),
            "pending": self.pending(),
            "routes": self.routes(self.new),
        }

    def on_filled(self) -> None:
        """On copies of what the old code has left."""
        with self.databases.copy("filled"):
            done = self.attempt("filled database", self.migrate)
            if self.ours:
                done = done and self.attempt("back", self.back)
                done = done and self.attempt("forth again", self.migrate)
                done = done and self.attempt("last part back and forth", self.step_back)
                if done and self.rolling:
                    self.attempt("old code was still running", self.old_code_still_ran)
        if self.new != self.old and self.has_content_types():
            with self.databases.copy("filled"):
                self.attempt("both content types", self.both)
        if len(self.ours) < 2:
            return
        with self.databases.copy("filled"):
            self.attempt("each migration in a run of its own", functools.partial(self.separate, *self.ours))
        with self.databases.copy("filled"):
            self.attempt(f"{self.old} first, then the rest", functools.partial(self.separate, (self.old,)))

    def on_empty(self) -> list[Plain]:
        """On databases without a table; these tries alone."""
        self.tries = []
        self.databases.make("empty")
        self.attempt("empty database", self.migrate)
        if self.ours:
            self.databases.make("empty")
            steps = [(self.new,)] if self.whole else dict.fromkeys([(self.new,), (self.old,)])
            self.attempt(f"empty database, {self.new} first", functools.partial(self.separate, *steps))
        self.databases.drop("empty")
        return self.tries

    def attempt(self, name: str, deed: Callable[[], dict[str, list[str]] | None]) -> bool:
        """Do something to the databases in use and write down what they hold then, or how it failed."""
        found: Plain = {"name": name, "error": "", "failed_in": "", "misfits": {}, "applied": {}}
        self.tries.append(found)
        try:
            found["misfits"] = deed() or {}
            self.dump(name)
            for alias in self.databases.aliases:
                found["applied"][alias] = sorted(map(list, self.applied(alias)))
                found["misfits"].setdefault(alias, self.misfits(alias))
        except (Exception, SystemExit) as error:  # whatever the monolith raises is the finding
            first = cause_of(error)
            found["error"] = f"{type(first).__name__}: {' '.join(str(first).split())}"
            found["failed_in"] = self.at
        return not found["error"]

    def back(self) -> None:
        """To before the move, the new app first, as a person would."""
        before = {tuple(key) for key in self.filled["applied"][self.databases.aliases[0]]} | self.renamed()
        for label in sorted({label for label, _ in self.ours}, key=lambda label: (label != self.new, label)):
            applied = set().union(*map(self.applied, self.databases.aliases))
            if any(key in applied for key in self.ours if key[0] == label):
                self.migrate(label, self.last_of(label, before))

    def step_back(self) -> None:
        """Only what comes last, the old app's part, and forth."""
        label = self.ours[-1][0]
        self.migrate(label, self.last_of(label, self.applied(self.databases.aliases[0]) - set(self.ours)))
        self.migrate()

    def old_code_still_ran(self) -> None:
        """Rows with the old label come back after the move; then its last migration runs once more."""
        label, name = self.ours[-1]
        applied = self.applied(self.databases.aliases[0]) - {(label, name)}
        self.migrate(label, self.last_of(label, applied))
        for alias in self.databases.aliases:
            self.double(alias, self.old)
        self.migrate()

    def both(self) -> None:
        """New code ran before the migrations did: rows with the new label are there, and are referred to."""
        for alias in self.databases.aliases:
            self.double(alias, self.new)
        self.migrate()

    def separate(self, *steps: tuple[str, ...]) -> dict[str, list[str]]:
        """Runs of ``migrate`` one after the other, each with its targets, then one for the rest.

        :returns: tables and columns that the models of a state in between stand on and that are not there,
            where the same state without our migrations has them.
        """
        found: dict[str, list[str]] = {alias: [] for alias in self.databases.aliases}
        for step in steps:
            self.migrate(*step)
            for alias in self.databases.aliases:
                lacking = self.dumps.misfits(connection_of(alias), self.state(alias).apps)
                if lacking:  # old migrations may themselves stop halfway between a table and the state that knows it
                    known = set(self.dumps.misfits(connection_of(alias), self.state(alias, ours=False).apps))
                    lacking = [line for line in lacking if line not in known]
                found[alias] += [f"after migrate {' '.join(step)}: {line}" for line in lacking]
        if any(map(self.unapplied, self.databases.aliases)):
            self.migrate()
        for alias in self.databases.aliases:
            found[alias] += self.misfits(alias)
        return found

    # ---- what they are made of

    def migrate(self, *target: str) -> None:
        """``manage.py migrate [label [name]]`` on every database."""
        from django.core.management import call_command

        for alias in self.databases.aliases:
            self.at = alias
            more = {} if target else {"run_syncdb": True}
            call_command("migrate", *target, database=alias, verbosity=0, interactive=False, **more)

    def renamed(self) -> set[Key]:
        """An app that changes its label has its history under the new one, which ``replaces`` the old one."""
        from django.db.migrations.loader import MigrationLoader

        if not self.whole:
            return set()
        known = MigrationLoader(None, ignore_no_migrations=True).disk_migrations
        return {key for key in known if key[0] == self.new} - set(self.ours)

    def applied(self, alias: str) -> set[Key]:
        from django.db.migrations.recorder import MigrationRecorder

        return set(MigrationRecorder(connection_of(alias)).applied_migrations())

    def unapplied(self, alias: str) -> list[Key]:
        """What ``migrate`` would apply, in order."""
        from django.db.migrations.executor import MigrationExecutor

        executor = MigrationExecutor(connection_of(alias))
        plan = executor.migration_plan(executor.loader.graph.leaf_nodes())
        return [(migration.app_label, migration.name) for migration, _ in plan]

    def last_of(self, label: str, among: set[Any]) -> str:
        """The last migration of an app among some; ``zero`` where there is none."""
        from django.db.migrations.loader import MigrationLoader

        graph = MigrationLoader(None, ignore_no_migrations=True).graph
        own = {key for key in graph.nodes if key[0] == label and key in among}
        leaves = [key for key in own if not {child.key for child in graph.node_map[key].children} & own]
        return sorted(leaves)[-1][1] if leaves else "zero"

    def state(self, alias: str, ours: bool = True) -> Any:
        """The project state of what is applied; without our migrations, that of the code before the move."""
        from django.db.migrations.executor import MigrationExecutor

        executor = MigrationExecutor(connection_of(alias))
        if ours:
            return executor._create_project_state(with_applied_migrations=True)
        there = set(executor.loader.applied_migrations) & set(executor.loader.graph.nodes)
        return executor.loader.project_state(sorted(there - set(self.ours)))

    def states(self) -> list[str]:
        """Migrations that can't be applied with nothing but what they stand on, and why.

        In whatever order an app's migrations are run, Django applies what they depend on and no more;
        the state that this gives must render.
        """
        from django.db.migrations.loader import MigrationLoader

        loader, found = MigrationLoader(None, ignore_no_migrations=True), []
        for key in self.ours:
            try:
                loader.project_state([key]).apps  # noqa: B018  rendering is the test
            except Exception as error:  # whatever Django says of it is the finding
                found.append(f"{'.'.join(key)}: {type(error).__name__}: {' '.join(str(error).split())}")
        return found

    def misfits(self, alias: str) -> list[str]:
        """What the models of the code stand on and the database doesn't have."""
        from django.apps import apps

        found: list[str] = self.dumps.misfits(connection_of(alias), apps)
        return found

    def routes(self, label: str) -> dict[str, list[str]]:
        """Model -> what the routers say of it: where it is written, and where its table is; empty without routers."""
        from django.db import connections, router

        if not router.routers:
            return {}
        found = {}
        for name in self.models:
            model = self.model(label, name)
            tables = [alias for alias in connections if router.allow_migrate_model(alias, model)]
            found[name] = [f"writes to {router.db_for_write(model)}", f"tables on {', '.join(tables) or 'none'}"]
        return found

    def pending(self) -> list[list[str]]:
        """What ``makemigrations`` would write: app and operation."""
        from django.apps import apps
        from django.db.migrations.autodetector import MigrationAutodetector
        from django.db.migrations.loader import MigrationLoader
        from django.db.migrations.questioner import MigrationQuestioner
        from django.db.migrations.state import ProjectState

        loader = MigrationLoader(None, ignore_no_migrations=True)
        detector = MigrationAutodetector(
            loader.project_state(), ProjectState.from_apps(apps), MigrationQuestioner(dry_run=True)
        )
        found = detector.changes(graph=loader.graph)
        return [[label, op.describe()] for label in sorted(found) for one in found[label] for op in one.operations]

    def dump(self, name: str) -> None:
        """A file ``NAME.ALIAS.json`` per database."""
        for alias in self.databases.aliases:
            path = os.path.join(self.directory, f"{name}.{alias}.json")
            with open(path, "w", encoding="utf-8") as stream:
                json.dump(self.dumps.dump(connection_of(alias)), stream)

    def model(self, label: str, name: str) -> Any:
        from django.apps import apps

        return apps.get_model(label, name)

    def require(self, label: str) -> None:
        """This must be the code that the step is for."""
        for name in self.models:
            self.model(label, name)

    def tables(self) -> dict[str, str]:
        """The tables that are compared in another way than the rest."""
        from django.apps import apps
        from django.db.migrations.recorder import MigrationRecorder

        found = {"migrations": MigrationRecorder.Migration._meta.db_table}
        if self.has_content_types():
            found["content_types"] = apps.get_model("contenttypes", "ContentType")._meta.db_table
        if apps.is_installed("django.contrib.auth"):
            found["permissions"] = apps.get_model("auth", "Permission")._meta.db_table
        return found

    def has_content_types(self) -> bool:
        from django.apps import apps

        return bool(apps.is_installed("django.contrib.contenttypes"))

    def double(self, alias: str, label: str) -> None:
        """A second content type with ``label`` for each moved model, with permissions, and referred to.

        Rows are pointed at it instead of at the first one (every other row of a table, every other
        grant twice), so that a merge which loses nothing gives back exactly what was there.
        """
        from django.apps import apps
        from django.db import router

        ContentType = apps.get_model("contenttypes", "ContentType")
        if not router.allow_migrate_model(alias, ContentType):
            return
        permission = apps.get_model("auth", "Permission") if apps.is_installed("django.contrib.auth") else None
        manager = ContentType.objects.using(alias)
        for name in self.models:
            first = manager.filter(app_label__in=[self.old, self.new], model=name).order_by("pk").first()
            if first is None:
                continue
            second, created = manager.get_or_create(app_label=label, model=name)
            if not created:
                continue
            for model, field in self.rows.references(ContentType, alias):
                if model is not permission:
                    self.rows.repoint(model, field, first.pk, second.pk, alias)
            if permission is not None and router.allow_migrate_model(alias, permission):
                self.rows.double_permissions(permission, first, second, alias)
        ContentType.objects.clear_cache()


def cause_of(error: BaseException) -> BaseException:
    """What broke a transaction, where the error is only that it is broken."""
    from django.db.transaction import TransactionManagementError

    while isinstance(error, TransactionManagementError) and error.__context__:
        error = error.__context__
    return error


def connection_of(alias: str) -> Any:
    from django.db import connections

    return connections[alias]


@contextlib.contextmanager
def silence() -> Iterator[None]:
    """Migrations may print what they like; nobody reads it here."""
    with open(os.devnull, "w") as nowhere, contextlib.redirect_stdout(nowhere):
        yield
    sys.stdout.flush()

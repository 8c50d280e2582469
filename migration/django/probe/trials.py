"""The part of the probe that tries the migrations on throw-away databases (in the monolith's interpreter).

Asked twice, each time of one boot: the code before the move makes the databases and fills them
(``fill``), the moved code migrates them in every way that a deploy may (``try``). What a database then
holds goes into a file per try and alias; comparing is not done here. Where an order of migrations alone may
have made a difference, the code before the move is asked once more, to migrate in the same order (``order``).

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


def answer(request: Plain, helper: Callable[[str], Any], guard: Any) -> Plain:
    """The answer to ``verify``.

    :param request: ``step`` (``fill``, ``try``, ``order``, ``drop`` or ``left``), ``prefix`` of the database names,
        ``run_of`` for their mark, ``directory`` for files, ``old`` and ``new`` label, ``models`` in lower case,
        ``whole`` (an app changes its label, with its history), ``rolling``, for ``try`` what ``fill`` answered
        as ``filled``, and for ``order`` what each run of ``migrate`` ends with as ``steps``.
    :param guard: in force since before the settings were loaded.
    """
    from django.db.backends.signals import connection_created

    parts = helper("throwaway_databases")
    connection_created.connect(parts.careless)
    parts.remember_swappable()
    gc.freeze()  # what the boot has made stays: a long history makes so many classes that looking at it again costs
    aliases: list[str] = []
    before = list(guard.refused)
    try:
        databases = parts.Databases(request["prefix"], request["directory"], request["run_of"], guard, helper)
        aliases = databases.aliases
        if not aliases:
            return {"refused": "", "remedy": "", "aliases": []}
        if request["step"] == "drop":
            databases.drop("filled", "empty")
            return {"refused": "", "aliases": aliases}
        swept: Plain = {}
        if request["step"] in ("fill", "left") and request["run_of"]["checkout"]:
            swept = helper("left_databases").drop_left(
                databases, request["run_of"]["checkout"], request["run_of"]["host"]
            )
        if request["step"] == "left":
            return {"refused": "", "aliases": aliases, **swept}
        result = Trial(request, databases, helper).run()
        return {**result, "left_out": databases.left_out}
    except parts.Failed as error:
        return {"refused": str(error), "remedy": error.remedy, "aliases": aliases}
    except Exception:
        if guard.refused == before:
            raise
        return {"refused": guard.refused[len(before)], "remedy": parts.ELSEWHERE, "aliases": aliases}


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
        self.steps: list[list[Key]] = [[(key[0], key[1]) for key in step] for step in request.get("steps") or ()]
        self.history = helper("migration_history")
        self.pending = helper("pending_migrations")
        self.beside = helper("two_at_once")
        self.dumps = helper("dump_database")
        self.rows = helper("fill_rows")
        self.values = helper("field_values")
        self.tries: list[Plain] = []
        self.at = ""  # the alias that is being migrated
        self.ours: list[Key] = []  # the migrations that the old code doesn't have, in order

    def run(self) -> Plain:
        """Do the step; the databases are dropped at the end, but for the filled ones that ``try`` needs."""
        with silence():
            try:
                result = {"fill": self.fill, "try": self.try_all, "order": self.in_order}[self.step]()
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
        applied = {alias: sorted(map(list, self.history.applied(alias))) for alias in self.databases.aliases}
        misfits = {alias: self.unnamed(alias, self.old) for alias in self.databases.aliases}
        pending = self.history.pending(self.pending)
        asked = {"pending": pending, "tables": self.tables(), "routes": self.routes(self.old)}
        return {"notes": notes, "applied": applied, "misfits": misfits, "markers": self.history.markers(), **asked}

    def in_order(self) -> Plain:
        """What the code before the move makes of an empty database, in several runs of ``migrate``."""
        self.require(self.old)
        self.databases.make("empty")
        for keys in self.steps:
            with self.history.only(keys):
                self.migrate(run_syncdb=False)
        self.migrate()
        self.dump("order")
        self.databases.drop("empty")
        return {}

    # ---- the moved code

    def try_all(self) -> Plain:
        """Every way of migrating, each on databases of its own."""
        self.require(self.new)
        self.databases.use("filled")
        self.ours = self.history.unapplied(self.databases.aliases[0])
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
            "states": self.history.unrendered(self.ours),
            "pending": self.history.pending(self.pending),
            "markers": self.history.markers(),
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
        found["steps"] = self.steps = []
        self.tries.append(found)
        before = len(self.databases.guard.refused)
        try:
            found["misfits"] = deed() or {}
            self.dump(name)
            for alias in self.databases.aliases:
                found["applied"][alias] = sorted(map(list, self.history.applied(alias)))
                found["misfits"].setdefault(alias, self.misfits(alias))
        except (Exception, SystemExit) as error:  # whatever the monolith raises is the finding
            if len(self.databases.guard.refused) > before:
                raise
            first = cause_of(error)
            found["error"] = f"{type(first).__name__}: {' '.join(str(first).split())}"
            found["failed_in"] = self.at
        return not found["error"]

    def back(self) -> None:
        """To before the move, the new app first, as a person would."""
        before = {tuple(key) for key in self.filled["applied"][self.databases.aliases[0]]} | self.renamed()
        for label in sorted({label for label, _ in self.ours}, key=lambda label: (label != self.new, label)):
            applied = set().union(*map(self.history.applied, self.databases.aliases))
            if any(key in applied for key in self.ours if key[0] == label):
                self.migrate(label, self.history.last_of(label, before))

    def step_back(self) -> None:
        """Only what comes last, the old app's part, and forth."""
        label, applied = self.ours[-1][0], self.history.applied(self.databases.aliases[0])
        self.migrate(label, self.history.last_of(label, applied - set(self.ours)))
        self.migrate()

    def old_code_still_ran(self) -> None:
        """Rows with the old label come back after the move; then its last migration runs once more."""
        label, name = self.ours[-1]
        applied = self.history.applied(self.databases.aliases[0]) - {(label, name)}
        self.migrate(label, self.history.last_of(label, applied))
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
            self.steps.append(self.as_before(self.history.applied(self.databases.aliases[0])))
            for alias in self.databases.aliases:
                connection = self.history.connection_of(alias)
                lacking = self.dumps.misfits(connection, self.history.state(alias).apps)
                if lacking:  # old migrations may themselves stop halfway between a table and the state that knows it
                    known = set(self.dumps.misfits(connection, self.history.state(alias, without=self.ours).apps))
                    lacking = [line for line in lacking if line not in known]
                found[alias] += [f"after migrate {' '.join(step)}: {line}" for line in lacking]
        if any(map(self.history.unapplied, self.databases.aliases)):
            self.migrate()
        for alias in self.databases.aliases:
            found[alias] += self.misfits(alias)
        return found

    def as_before(self, keys: set[Key]) -> list[Key]:
        """Migrations by the names that the code before the move has for them; the move's own are left out."""
        renamed = self.renamed()
        return sorted((self.old if key in renamed else key[0], key[1]) for key in keys - set(self.ours))

    # ---- what they are made of

    def migrate(self, *target: str, run_syncdb: bool = True) -> None:
        """``manage.py migrate [label [name]]`` on every database."""
        from django.core.management import call_command

        for alias in self.databases.aliases:
            self.at = alias
            more = {} if target else {"run_syncdb": run_syncdb}
            call_command("migrate", *target, database=alias, verbosity=0, interactive=False, **more)

    def renamed(self) -> set[Key]:
        """An app that changes its label has its history under the new one, which ``replaces`` the old one."""
        if not self.whole:
            return set()
        return {key for key in self.history.loaded().disk_migrations if key[0] == self.new} - set(self.ours)

    def misfits(self, alias: str) -> list[str]:
        """What the models of the code stand on and the database doesn't have."""
        from django.apps import apps

        found: list[str] = self.dumps.misfits(self.history.connection_of(alias), apps)
        return found + self.unnamed(alias, self.new)

    def unnamed(self, alias: str, label: str) -> list[str]:
        """The indexes and constraints that the models of the move name and the database doesn't have."""
        models = [self.model(label, name) for name in self.models]
        found: list[str] = self.dumps.unnamed(self.history.connection_of(alias), models)
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

    def dump(self, name: str) -> None:
        """A file ``NAME.ALIAS.json`` per database."""
        for alias in self.databases.aliases:
            path = os.path.join(self.directory, f"{name}.{alias}.json")
            with open(path, "w", encoding="utf-8") as stream:
                json.dump(self.dumps.dump(self.history.connection_of(alias)), stream)

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


@contextlib.contextmanager
def silence() -> Iterator[None]:
    """Migrations may print what they like; nobody reads it here."""
    with open(os.devnull, "w") as nowhere, contextlib.redirect_stdout(nowhere):
        yield
    sys.stdout.flush()

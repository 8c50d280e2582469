"""The part of the probe that asks the migrations themselves: what is applied, what is left, which states they make.

Kept to the syntax of Python 3.8; imports nothing of ours.
"""

from __future__ import annotations

import contextlib
import os
import sys
from typing import Any, Iterator, Tuple  # noqa: UP035  Python 3.8

Key = Tuple[str, str]  # noqa: UP006


def connection_of(alias: str) -> Any:
    """The connection that an alias of the settings stands for now: to a throw-away database."""
    from django.db import connections

    return connections[alias]


def loaded() -> Any:
    """The migrations on disk and their graph, without a database."""
    from django.db.migrations.loader import MigrationLoader

    return MigrationLoader(None, ignore_no_migrations=True)


def applied(alias: str) -> set[Key]:
    """What a database has a record of."""
    from django.db.migrations.recorder import MigrationRecorder

    return set(MigrationRecorder(connection_of(alias)).applied_migrations())


def unapplied(alias: str) -> list[Key]:
    """What ``migrate`` would apply, in order."""
    from django.db.migrations.executor import MigrationExecutor

    executor = MigrationExecutor(connection_of(alias))
    plan = executor.migration_plan(executor.loader.graph.leaf_nodes())
    return [(migration.app_label, migration.name) for migration, _ in plan]


def last_of(label: str, among: set[Any]) -> str:
    """The last migration of an app among some; ``zero`` where there is none."""
    graph = loaded().graph
    leaves = ends(graph, [key for key in graph.nodes if key[0] == label and key in among])
    return leaves[-1][1] if leaves else "zero"


def state(alias: str, without: list[Key] | None = None) -> Any:
    """The project state of what is applied.

    :param without: the migrations of the move: then the state is that of the code before it.
    """
    from django.db.migrations.executor import MigrationExecutor

    executor = MigrationExecutor(connection_of(alias))
    if without is None:
        return executor._create_project_state(with_applied_migrations=True)
    there = set(executor.loader.applied_migrations) & set(executor.loader.graph.nodes)
    return executor.loader.project_state(sorted(there - set(without)))


def unrendered(keys: list[Key]) -> list[str]:
    """Migrations that can't be applied with nothing but what they stand on, and why.

    In whatever order an app's migrations are run, Django applies what they depend on and no more;
    the state that this gives must render.
    """
    loader, found = loaded(), []
    for key in keys:
        try:
            loader.project_state([key]).apps  # noqa: B018  rendering is the test
        except Exception as error:  # whatever Django says of it is the finding
            found.append(f"{'.'.join(key)}: {type(error).__name__}: {' '.join(str(error).split())}")
    return found


def pending(asked: Any) -> list[list[str]]:
    """What ``makemigrations`` would write: app and operation.

    :param asked: the module ``pending_migrations``.
    """
    found = asked.pending(loaded())
    return [[label, operation.describe()] for label in sorted(found) for operation in found[label]]


def markers() -> dict[str, list[str]]:
    """App -> what its ``max_migration.txt`` says and what its last migration is, where the project keeps such files.

    See https://github.com/adamchainz/django-linear-migrations.
    """
    loader, found = loaded(), {}
    for label in sorted(loader.migrated_apps):
        package = sys.modules[loader.migrations_module(label)[0]]
        path = os.path.join(next(iter(package.__path__)), "max_migration.txt")
        if os.path.isfile(path):
            with open(path, encoding="utf-8") as stream:
                says = " ".join(stream.read().split())
            found[label] = [says, ", ".join(name for _, name in loader.graph.leaf_nodes(label))]
    return found


def ends(graph: Any, keys: list[Key]) -> list[Key]:
    """Those of some migrations that no other of them stands on: a target that is applied would be a way back."""
    known = {key for key in keys if key in graph.nodes}
    return sorted(key for key in known if not {child.key for child in graph.node_map[key].children} & known)


@contextlib.contextmanager
def only(keys: list[Key]) -> Iterator[None]:
    """Within the block ``manage.py migrate`` stops at some migrations, of whatever apps, and what they stand on.

    The command itself takes one app at most; all else that it does, its signals among them, stays.

    :param keys: those that the code does not have are left out.
    """
    from django.core.management.commands import migrate

    usual = migrate.MigrationExecutor

    class Part(usual):  # type: ignore[misc, valid-type]
        def migration_plan(self, targets: Any, clean_start: bool = False) -> Any:
            return super().migration_plan(targets if clean_start else ends(self.loader.graph, keys), clean_start)

    migrate.MigrationExecutor = Part
    try:
        yield
    finally:
        migrate.MigrationExecutor = usual

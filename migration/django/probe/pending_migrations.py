"""The part of the probe that asks the project's own ``makemigrations`` what it would write.

A project may have a command of that name which leaves attributes out, an installed app its own autodetector
(``django-pgtrigger``): only what they find is what people will see. The command runs up to the end of Django's own
``handle``; what a project's command does behind it (writing a manifest, say) is left out, no file is written,
nothing is asked, and no database is touched.
https://docs.djangoproject.com/en/stable/releases/5.2/#management-commands

Kept to the syntax of Python 3.8; imports nothing of ours.
"""

from __future__ import annotations

import contextlib
import io
from typing import Any, Dict, Iterator, List, Tuple  # noqa: UP035  Python 3.8

Operations = Dict[str, List[Any]]  # noqa: UP006


class Ended(BaseException):
    """Django's own part of the command is done."""


def pending(loader: Any) -> Operations:
    """The operations that ``makemigrations`` would write, by app.

    :param loader: what knows the migrations; some may be in memory alone.
    """
    from django.apps import apps
    from django.db.migrations.questioner import MigrationQuestioner
    from django.db.migrations.state import ProjectState

    found = by_command(loader)
    if found is None:
        # The base questioner gives neutral answers; the non-interactive one would end the process.
        before, after = loader.project_state(), ProjectState.from_apps(apps)
        detector = autodetector()(before, after, MigrationQuestioner(dry_run=True))
        found = detector.changes(graph=loader.graph)
    return {label: [operation for item in found[label] for operation in item.operations] for label in found}


def autodetector() -> Any:
    """The class that the command takes: its own since Django 5.2, before that the name in Django's module."""
    from django.core.management.commands import makemigrations

    return getattr(command(), "autodetector", None) or makemigrations.MigrationAutodetector


def command() -> Any:
    """An instance of the ``makemigrations`` that ``manage.py`` runs."""
    from django.core.management import get_commands, load_command_class

    app = get_commands()["makemigrations"]
    return load_command_class(app, "makemigrations") if isinstance(app, str) else app


def by_command(loader: Any) -> Any:
    """Migrations by app as the command finds them; None where it is none of Django's kind, or refuses to run."""
    from django.core.management import CommandError, call_command
    from django.core.management.commands import makemigrations
    from django.db.migrations.questioner import MigrationQuestioner

    asked = command()
    if not isinstance(asked, makemigrations.Command):
        return None
    found: Dict[str, List[Any]] = {}  # noqa: UP006
    asked.write_migration_files = lambda changes, *more, **named: found.update(changes)
    loader.check_consistent_history = lambda connection: None  # would ask the database
    whole = makemigrations.Command.handle

    def handle(self: Any, *labels: Any, **options: Any) -> None:
        whole(self, *labels, **options)
        raise Ended

    def neutral(*more: Any, **named: Any) -> Any:
        return MigrationQuestioner(specified_apps=named.get("specified_apps"), dry_run=True)

    said = io.StringIO()
    options = {"dry_run": True, "interactive": False, "skip_checks": True, "stdout": said, "stderr": said}
    with instead(
        (makemigrations.Command, "handle", handle),
        (makemigrations, "MigrationLoader", lambda *more, **named: loader),
        (makemigrations, "NonInteractiveMigrationQuestioner", neutral),
    ):
        try:
            call_command(asked, **options)
        except Ended:
            return found
        except (CommandError, SystemExit, TypeError):
            return None  # it wants other options, or several last migrations to be merged first
    return None  # it has a handle() of its own


@contextlib.contextmanager
def instead(*values: Tuple[Any, str, Any]) -> Iterator[None]:  # noqa: UP006
    """Other values of attributes, for as long as the block runs."""
    before = [(owner, name, getattr(owner, name)) for owner, name, _ in values]
    for owner, name, value in values:
        setattr(owner, name, value)
    try:
        yield
    finally:
        for owner, name, value in before:
            setattr(owner, name, value)

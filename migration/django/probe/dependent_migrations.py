"""The part of the probe that sees to migrations of people which stand on ours (runs in the monolith's interpreter).

While the migrations of the move are taken back, to be written anew, those that stand on them hang in the
air, and Django would not start. They are left out of every graph until ours are there again. Kept to the
syntax of Python 3.8; imports nothing of ours.
"""

from __future__ import annotations

import importlib
import os
from collections.abc import Callable
from typing import Any


def leave_out(files: list[str], label: str, in_repo: Callable[[str], str]) -> None:
    """Let Django load no migration that stands on one of ours that is not there.

    :param files: where ours have ever been, relative to the repo.
    :param label: of the new app, for those in a directory that no installed app has.
    """
    from django.db.migrations.loader import MigrationLoader

    load = MigrationLoader.load_disk

    def load_disk(loader: Any) -> None:
        load(loader)
        gone = keys(files, label, directories(loader, in_repo)) - set(loader.disk_migrations)
        while gone:
            items = loader.disk_migrations.items()
            gone = {key for key, item in items if gone.intersection(tuple(needed) for needed in item.dependencies)}
            for key in gone:
                del loader.disk_migrations[key]

    MigrationLoader.load_disk = load_disk


def keys(files: list[str], label: str, apps: dict[str, str]) -> set[tuple[str, str]]:
    """Files as Django names them: label of the app, and name.

    :param apps: directory -> label.
    """
    found = set()
    for path in files:
        directory, _, name = path.rpartition("/")
        found.add((apps.get(directory, label), name[: -len(".py")]))
    return found


def directories(loader: Any, in_repo: Callable[[str], str]) -> dict[str, str]:
    """Where the installed apps have their migrations: directory relative to the repo -> label."""
    from django.apps import apps

    found = {}
    for config in apps.get_app_configs():
        if config.label in loader.migrated_apps:
            module = importlib.import_module(loader.migrations_module(config.label)[0])
            found[in_repo(os.path.abspath(next(iter(module.__path__))))] = config.label
    return found

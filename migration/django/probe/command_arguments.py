"""The part of the probe that asks commands which of their arguments are labels of apps or models.

Each command's own parser says what it takes; nothing is run.

Kept to the syntax of Python 3.8; imports nothing of ours.
"""

from __future__ import annotations

from typing import Any, Dict, List  # noqa: UP035  Python 3.8

Plain = Dict[str, Any]  # noqa: UP006
# Commands of Django and of widespread packages that take labels; others would have to be imported to know.
NAMES = (
    "check", "diffsettings", "dumpdata", "graph_models", "inspectdb", "loaddata", "makemigrations", "migrate",
    "optimizemigration", "reset_db", "showmigrations", "sqlflush", "sqlmigrate", "sqlsequencereset",
    "squashmigrations", "test", "testserver",
)  # fmt: skip
LABELS = frozenset(("app_label", "app_labels", "app_label[.ModelName]", "exclude", "exclude_apps", "include_apps"))


def described() -> List[Plain]:  # noqa: UP006
    """The commands that are there, as ``migration.django.registry.CommandInfo`` has them, sorted by name."""
    from django.core.management import get_commands

    there = get_commands()
    found = []
    for name in sorted(there.keys() & set(NAMES)):
        try:
            found.append(describe(name, there[name]))
        except Exception:  # a command that can't be loaded says nothing
            continue
    return found


def describe(name: str, app: Any) -> Plain:
    """One command."""
    from django.core.management import load_command_class

    command = load_command_class(app, name) if isinstance(app, str) else app
    parser = command.create_parser("manage.py", name)
    positional, options = [], []
    for action in parser._actions:
        named = {action.dest, *(action.metavar if isinstance(action.metavar, tuple) else (action.metavar,))}
        said = {"takes": takes(action), "label": bool(named & LABELS)}
        if action.option_strings:
            options += [{"flag": flag, **said} for flag in action.option_strings]
        else:
            positional.append({"flag": "", **said})
    return {"name": name, "positional": positional, "options": sorted(options, key=lambda option: option["flag"])}


def takes(action: Any) -> str:
    """How many words an argument takes: a number, ``?``, ``*`` or ``+``."""
    return "1" if action.nargs is None else "*" if action.nargs == "..." else str(action.nargs)

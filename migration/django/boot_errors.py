"""What is said of a monolith that does not start: its own words, and the likely cause."""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import Any

from migration.core.errors import DjangoError
from migration.core.names import is_within

_NO_SETTINGS = "give the right one: doit settings=a.b.settings …, or see to DJANGO_SETTINGS_MODULE in the environment"
# The cause that a message points to, and what to do about it; the first that fits.
_CAUSES: tuple[tuple[str, str, str], ...] = (
    (
        r"partially initialized module|circular import",
        "circular import",
        "break the cycle: import inside the function that needs it, or name the model as a string",
    ),
    (
        r"^SyntaxError|^IndentationError|^TabError",
        "syntax error",
        "correct the line; Python can't read the file",
    ),
    (
        r"No module named 'django'",
        "Django is not installed in this interpreter",
        "give the Python that runs the monolith: doit python=/path/to/venv/bin/python …",
    ),
    (
        r"doesn't declare an explicit app_label and isn't in an application in INSTALLED_APPS",
        "app not installed",
        "add the app that holds the model to INSTALLED_APPS",
    ),
    (
        r"Cannot import '.*'\. Check that '.*\.name' is correct",
        "an AppConfig whose `name` is no importable package",
        "make `name` in the AppConfig the full dotted name of its package",
    ),
    (
        r"Application labels aren't unique|application labels aren't unique",
        "two apps with one label",
        "give one of them another `label` in its AppConfig",
    ),
    (
        r"lazy reference|InvalidBasesError|Related model .* cannot be resolved",
        "unresolved relation",
        "name the model by the label of the app that owns it, and see that this app is installed",
    ),
    (
        r"^AppRegistryNotReady|Models aren't loaded yet|Apps aren't loaded yet",
        "models are used while the apps are still loading (often a circular import)",
        "move the import into the function or into the AppConfig's ready()",
    ),
    (
        r"^Conflicting|Conflicting '.*' models in application",
        "one model file is imported under two names",
        "import it under one name everywhere",
    ),
    (
        r"^NodeNotFoundError|^CircularDependencyError|^BadMigrationError|^InconsistentMigrationHistory",
        "the migration graph is broken",
        "make `manage.py showmigrations` work first",
    ),
    (
        r"^OperationalError|^InterfaceError|^ProgrammingError|^DatabaseError|Error loading .* module",
        "the database",
        "the code asks the database while it loads: start it, or set the variables that the settings read",
    ),
    (
        r"^ModuleNotFoundError|No module named",
        "missing module",
        "install what the monolith needs into its interpreter, or correct the name",
    ),
    (
        r"^ImportError|cannot import name",
        "a name that its module doesn't have (or not yet: a circular import)",
        "import it from the module that defines it",
    ),
    (
        r"^ImproperlyConfigured|^KeyError|^SystemExit",
        "the settings",
        "set the environment variables that the settings read, then run the same command again",
    ),
)


def boot_error(failure: Mapping[str, Any], settings: str) -> DjangoError:
    """The probe's structured failure as an error: the monolith's words, place, cause, remedy."""
    said = f"{failure['type']}: {failure['message']}".strip()
    place = f"{failure['file']}:{failure['line']}: " if failure["file"] else ""
    missing = str(failure["module"])
    if missing and failure["type"] == "ModuleNotFoundError" and is_within(settings, missing):
        cause, remedy = "no such settings module", _NO_SETTINGS
    else:
        cause, remedy = next(
            ((cause, remedy) for pattern, cause, remedy in _CAUSES if re.search(pattern, said)),
            ("an error in the monolith's own code", "make `manage.py check` work first"),
        )
    details = [f"likely cause: {cause}"]
    if failure["cause"]:
        details.append(f"raised from {failure['cause']}")
    return DjangoError(f"the monolith's Django does not start: {place}{said}", remedy, details)

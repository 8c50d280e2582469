"""Which Django is asked: settings, who named them, interpreter and databases; told to whoever listens, before it is.

The databases are those of the settings, by what tells them apart and nothing more: a password is none of it.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, replace
from typing import Any

COMMAND_LINE, ENVIRONMENT, TABLE, MANAGE = "settings=", "DJANGO_SETTINGS_MODULE", "pyproject.toml", "manage.py"


@dataclass(frozen=True, slots=True)
class Used:
    """A Django that is asked.

    :param settings: dotted name of the settings module.
    :param named_by: what named it.
    :param python: the interpreter.
    :param databases: a line for each that the settings name; None as long as they were not loaded.
    """

    settings: str
    named_by: str
    python: str
    databases: tuple[str, ...] | None = None

    def with_databases(self, databases: Iterable[object]) -> Used:
        """The same with what the settings say."""
        return replace(self, databases=tuple(map(str, databases)))

    def document(self) -> dict[str, Any]:
        """As plain values, for the tracker."""
        known = {} if self.databases is None else {"databases": list(self.databases)}
        return {"settings": self.settings, "named_by": self.named_by, "python": self.python, **known}


def lines(document: Mapping[str, Any]) -> list[str]:
    """:meth:`Used.document` for people to read; nothing where no Django is asked."""
    if not document:
        return []
    databases = [f"database {line}" for line in document.get("databases", ())]
    named_by = document["named_by"]
    return [f"settings {document['settings']} (named by {named_by})", f"python {document['python']}", *databases]


Listener = Callable[[Used], None]
_listener: Listener | None = None


@contextmanager
def heard_by(listener: Listener) -> Iterator[None]:
    """Let ``listener`` hear of every Django that is about to be asked inside the block, in this process."""
    global _listener
    before, _listener = _listener, listener
    try:
        yield
    finally:
        _listener = before


def tell(used: Used) -> None:
    """This one is about to be asked."""
    if _listener is not None:
        _listener(used)

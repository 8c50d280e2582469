"""doit's own state file, where the disk is full or not ours to write: a message, and no traceback.

Written when a whole call of doit ends. What it lacks then is only done once more.
"""

from __future__ import annotations

import sqlite3
from typing import Any

from doit.dependency import DatabaseException, SqliteDB
from doit.exceptions import InvalidDodoFile


class State(SqliteDB):  # type: ignore[misc]
    """doit's SQLite backend; named under ``[tool.doit.plugins.backend]`` in ``pyproject.toml``."""

    desc = "SQLite, with errors that say what to do"

    def __init__(self, name: str, codec: Any, *, module_name: str | None = None) -> None:
        try:
            super().__init__(name, codec, module_name=module_name)
        except (sqlite3.Error, DatabaseException) as error:
            raise _unusable(name, error) from error

    def dump(self) -> None:
        """Save what was learned.

        :raises InvalidDodoFile: (which doit prints without a traceback) if it can't be written.
        """
        try:
            super().dump()
        except sqlite3.Error as error:
            raise _unusable(self.name, error) from error


def _unusable(name: str, error: Exception) -> InvalidDodoFile:
    return InvalidDodoFile(
        f"{name}: {error}\n"
        "  -> make room, or give yourself the right to write there; where the file is damaged, delete it;"
        " then run the same command again"
    )

"""The part of the probe that drops the throw-away databases of a run that was killed.

Their names hold the checkout, and so do their marks, with the host that the run was on and when it ends at the
latest. Of this checkout and on this host no other run is at work, which the caller's lock says; what another host
has left (a container that had the same path) is dropped when its time is over.

Kept to the syntax of Python 3.8; imports nothing of ours.
"""

from __future__ import annotations

import re
import time
from typing import Any, Dict  # noqa: UP035  Python 3.8

Plain = Dict[str, Any]  # noqa: UP006
_LISTED = {
    "postgresql": "SELECT datname FROM pg_catalog.pg_database",
    "mysql": "SELECT schema_name FROM information_schema.schemata",
}


def drop_left(databases: Any, checkout: str, host: str) -> Plain:
    """Drop what a killed run of a checkout has left on the servers of the settings.

    :param databases: the trial's ``Databases``.
    :returns: names that were ``dropped``, and a line for each that is ``left``.
    """
    from django.db import connections

    ours = re.compile(rf"test_phased_\w+_{re.escape(checkout)}_[0-9a-f]{{8}}_\d+_(filled|empty)(_copy)?")
    dropped: list[str] = []
    left: list[str] = []
    for alias in databases.aliases:
        if connections[alias].vendor not in _LISTED:
            continue
        try:
            with databases.server(alias) as ask:
                for row in ask(_LISTED[connections[alias].vendor]):
                    name = databases.marks.as_text(row[0])
                    if not ours.fullmatch(name) or name.startswith(databases.prefix + "_") or name in dropped:
                        continue
                    why = drop_one(databases, alias, name, ask, Left(checkout, host))
                    if why:
                        left.append(f"{name}: {why}")
                    else:
                        dropped.append(name)
        except Exception as error:  # any driver's own; who needs the server will say so
            left.append(f"the server of `{alias}` is not asked: {databases.marks.one_line(error)}")
    return {"dropped": dropped, "left": list(dict.fromkeys(left))}


def drop_one(databases: Any, alias: str, name: str, ask: Any, left: Left) -> str:
    """Drop a database that its mark shows to be left; why not, where it does not."""
    place = databases.place(alias, name)
    place.accepts = left.why_not
    try:
        databases.drop_at(place, ask)
    except Exception as error:  # any driver's own
        return " ".join(str(error).split())
    return ""


class Left:
    """Which marks a run may take away."""

    def __init__(self, checkout: str, host: str) -> None:
        self.checkout, self.host = checkout, host

    def why_not(self, mark: Plain, empty: bool) -> str:
        """Why a database is to stay, or nothing.

        :param mark: what its mark says; nothing where it has none, as right after it was made.
        :param empty: whether it has no table.
        """
        if not mark:
            return "" if empty else "it has tables and no mark"
        if mark["checkout"] != self.checkout:
            return "it is of another checkout"
        if mark["host"] != self.host and int(mark["ends"]) > time.time():
            return f"a run on {mark['host']} may be at work on it"
        return ""

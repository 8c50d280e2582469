"""Which Django a phase asks, noted in the tracker before it is asked, and kept with the phase's figures."""

from __future__ import annotations

import json
from typing import Any

from migration.cli import tracker
from migration.cli.session import Session
from migration.core.django_used import Used


class Noted:
    """Hears of the Djangos that one phase asks.

    :param phase: which is at work in the tracker.
    """

    def __init__(self, session: Session, phase: str) -> None:
        self.session = session
        self.phase = phase
        self.used: Used | None = None

    def hear(self, used: Used) -> None:
        """Write it down, with the databases where a scan has found them."""
        self.used = used
        tracker.note_django(self.session.tracker_path, self.phase, self.document())

    def document(self) -> dict[str, Any]:
        """What is known by now, as plain values; empty if none was asked."""
        if self.used is None:
            return {}
        kept = self._databases(self.used.settings)
        return (self.used if kept is None else self.used.with_databases(kept)).document()

    def _databases(self, settings: str) -> list[object] | None:
        """The databases as the scan has found them, if these were the settings."""
        from migration.django.registry import Database

        try:
            kept = json.loads(self.session.registry_path.read_bytes())
            return [Database(**one) for one in kept["databases"]] if kept["settings"] == settings else None
        except (OSError, ValueError, KeyError, TypeError):
            return None

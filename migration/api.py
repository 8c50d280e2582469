"""The move as values, without doit: for scripts, notebooks and other tools.

    >>> from migration.api import Move
    >>> move = Move("../mono", "billing", source="mono.billing")            # doctest: +SKIP
    >>> move.plan().file_moves                                              # doctest: +SKIP
    {'mono/billing/__init__.py': 'products/billing/backend/__init__.py', ...}
    >>> [change for result in move.results().values() for change in result.changes.writes]  # doctest: +SKIP
    >>> print(move.diff())                                                  # doctest: +SKIP

Nothing is written, neither to the repo nor elsewhere; doing it is doit's part, which keeps the ledger.
"""

from __future__ import annotations

import os
import sys
import tempfile
from collections.abc import Mapping
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path

from migration.cli.dry_run import Preview, preview
from migration.cli.options import Options
from migration.cli.session import Session
from migration.core.django_used import ENVIRONMENT
from migration.core.errors import MigrationError, UsageError
from migration.core.phase import PhaseResult
from migration.plan.plan import Plan
from migration.plan.writing import render

__all__ = ["MigrationError", "Move"]


@dataclass(frozen=True)
class Move:
    """One product's move, worked out on the tree as it is before anything has moved.

    :param repo: the monolith's checkout.
    :param product: a Python identifier; the label of the app in an extraction.
    :param source: dotted name of what moves; by default as on the command line.
    :param target: dotted name afterwards; by default as on the command line.
    :param python: the interpreter that runs the monolith's Django.
    :param settings: its settings module.
    :param django: False leaves Django out: no models are looked for.
    :param edited: a plan to go by, such as ``move.plan()`` with a field replaced.
    """

    repo: Path | str
    product: str
    source: str = ""
    target: str = ""
    python: str = sys.executable
    settings: str = ""
    django: bool = True
    edited: Plan | None = None

    def plan(self) -> Plan:
        """What goes where: a scan of the tree, or the plan that was given.

        :raises MigrationError: where ``scan_moves`` would fail.
        """
        return self._found.plan

    def results(self) -> Mapping[str, PhaseResult]:
        """Phase -> what it would do, with the references and findings; those that need the moved code left out.

        :raises MigrationError: where a phase would fail.
        """
        return self._found.results

    def diff(self) -> str:
        """The whole change in git's own form; ``git apply`` takes it (encode with ``surrogateescape``).

        :raises MigrationError: where a phase would fail.
        """
        return self._found.diff

    @cached_property
    def _found(self) -> Preview:
        values = {"product": self.product, "repo": str(self.repo), "source": self.source, "target": self.target}
        values |= {"python": self.python, "settings": self.settings, "django": "auto" if self.django else "no"}
        if not str(self.repo):
            raise UsageError("repo: is empty", "give the path of a git checkout")
        with tempfile.TemporaryDirectory(prefix="phased-migration-") as home:
            session = Session(Options.read(values, {ENVIRONMENT: os.environ.get(ENVIRONMENT, "")}), Path(home))
            session.state.mkdir(parents=True)
            if self.edited is not None:
                session.plan_path.write_text(render(self.edited).partition("\n")[2], encoding="utf-8")
            return preview(session)

"""One module per phase of a move: what it works out of the plan and the tree.

Each has ``run(context) -> PhaseResult``; what it needs (``NEEDS``) and when it does not apply
(``does_not_apply``) stand beside it. How it is run, kept and shown is the business of :mod:`migration.cli`.
"""

from __future__ import annotations

import importlib
from pathlib import Path
from typing import Protocol, cast, runtime_checkable

from migration.core.changes import Finding
from migration.core.phase import PhaseResult, Values
from migration.phases.context import Context, Needs
from migration.plan.plan import Plan
from migration.repo.apply import Workspace


@runtime_checkable
class Clearing(Protocol):
    """What a module of a phase offers besides, where a death leaves something that is not part of the tree."""

    def clear(self, workspace: Workspace, repo: Path) -> tuple[Finding, ...]:
        """Take it away; what was found is for people to know."""


class PhaseModule(Protocol):
    """What a module of a phase offers."""

    NEEDS: Needs

    def does_not_apply(self, plan: Plan, options: Values) -> str:
        """Why the phase has nothing to do in a move; ``""`` where it has."""

    def run(self, context: Context) -> PhaseResult:
        """What the phase wants done, and what people should know.

        :raises MigrationError: if it can't be done; nothing has been changed then.
        """


def clear(phase: str, workspace: Workspace, repo: Path) -> tuple[Finding, ...]:
    """Take away what a death in a phase has left outside the tree; only some leave anything (``clear`` there)."""
    module = module_of(phase)
    return module.clear(workspace, repo) if isinstance(module, Clearing) else ()


def module_of(phase: str) -> PhaseModule:
    """The module of a phase, loaded when it is asked for: all of them take a fifth of the time of a small move."""
    return cast(PhaseModule, importlib.import_module(f"{__name__}.{phase}"))

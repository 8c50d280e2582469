"""What a phase is given, what it may need, and why one may have nothing to do."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Literal

from migration.core.errors import PlanError
from migration.core.phase import Values
from migration.plan.plan import Plan
from migration.repo.apply import Workspace
from migration.repo.tree.project import Project

if TYPE_CHECKING:  # loaded by the phases that ask Django
    from migration.django.registry import Registry

NO_MODELS = "nothing to do: no models and no app move"


@dataclass(frozen=True, slots=True)
class Needs:
    """What must be there before a phase can work.

    :param tree: ``value``: the tree's files as they would be, so that the phase can be previewed; ``disk``: the
        checkout is brought to that state first; ``as it is``: the checkout, however it stands.
    :param plan: moves.yml must be there.
    :param registry: what the monolith's Django said before the move.
    :param uppermost: moves of other products that stand on this one are taken back first.
    :param merged: no conflict of a merge may be left in the files of the move.
    """

    tree: Literal["value", "disk", "as it is"] = "value"
    plan: bool = True
    registry: bool = False
    uppermost: bool = True
    merged: bool = False


@dataclass(frozen=True)
class Context:
    """What a phase is given.

    :param project: the tree before the move, and as the phase finds it.
    :param planned: the plan in force; None before there is one.
    :param registry: what Django said before the move; None where Django is left out, or the phase needs none.
    :param options: what the command line says.
    :param workspace: the checkout with its ledger.
    :param state: the directory of the product's state (``moves/PRODUCT``).
    """

    project: Project
    planned: Plan | None
    registry: Registry | None
    options: Values
    workspace: Workspace
    state: Path

    @property
    def plan(self) -> Plan:
        """The plan in force.

        :raises PlanError: if there is none yet.
        """
        if self.planned is None:
            raise PlanError(f"there is no {self.plan_path}", "run the scan first: doit product=... scan_moves")
        return self.planned

    @property
    def plan_path(self) -> Path:
        """Where the plan is."""
        return self.state / "moves.yml"

    @property
    def registry_path(self) -> Path:
        """Where the scan keeps what Django said before the move."""
        return self.state / "django.json"


def always(plan: Plan, options: Values) -> str:
    """``does_not_apply`` of a phase that every move has."""
    return ""


def without_django(plan: Plan, options: Values) -> str:
    """Why a phase that starts the monolith's Django has nothing to do; ``""`` where it has."""
    if not options.django:
        return "left out: django=no"
    return "" if plan.django else "nothing to do: no Django settings here"


def without_models(plan: Plan, options: Values) -> str:
    """Why a phase about models and apps has nothing to do; ``""`` where it has."""
    return without_django(plan, options) or (NO_MODELS if plan.app.kind == "package" else "")

"""What a phase is: a function from what it is given to a result, computed before it is done; and which there are."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Protocol

from migration.core.changes import ChangeSet, Finding

PENDING, IN_PROGRESS, COMPLETED, FAILED = "pending", "in_progress", "completed", "failed"


@dataclass(frozen=True, slots=True)
class Phase:
    """What is known of a phase before its module is loaded.

    :param name: the name of its module, its task and its heading in the README.
    :param purpose: what it does, in a line.
    :param changes_tree: whether it changes files of the repo.
    :param takes_file: whether it can be asked for one file alone (``file=``).
    :param values: the values of the command line that it alone depends on.
    """

    name: str
    purpose: str
    changes_tree: bool = False
    takes_file: bool = False
    values: tuple[str, ...] = ()


# In the order of a move.
_EVERY = (
    Phase("scan_moves", "find what moves and write the plan, moves.yml"),
    Phase("prepare_structure", "create the target's packages, its AppConfig and its settings entry", changes_tree=True),
    Phase("move_files", "move every file of the plan, as pure git renames", changes_tree=True),
    Phase("update_imports", "rewrite every reference to what moved", changes_tree=True, takes_file=True),
    Phase(
        "prepare_models",
        "pin tables and labels of the models that moved, and the relations to them",
        changes_tree=True,
    ),
    Phase("validate_django", "check the moved code in the monolith's own Django"),
    Phase("generate_migrations", "write state-only migrations, so that no database changes", changes_tree=True),
    Phase(
        "verify_migrations",
        "try the migrations on throw-away databases, and compare what they hold",
        values=("verify",),
    ),
    Phase("run_tests", "run the repo's own tests, where its pyproject.toml names the command"),
)
BY_NAME = {phase.name: phase for phase in _EVERY}
PHASES = tuple((phase.name, phase.purpose) for phase in _EVERY)
ORDER = tuple(BY_NAME)
TREE_PHASES = tuple(phase.name for phase in _EVERY if phase.changes_tree)


def next_change(phase: str) -> str | None:
    """The first phase, at or behind this one, that changes the tree; None where none does (or it is no phase)."""
    behind = ORDER[ORDER.index(phase) :] if phase in BY_NAME else ()
    return next((name for name in behind if name in TREE_PHASES), None)


class Values(Protocol):
    """What the command line says, as far as phases ask for it."""

    @property
    def product(self) -> str:
        """The name of the product."""

    @property
    def source(self) -> str:
        """Dotted name of what moves; ``""`` where it is not said."""

    @property
    def target(self) -> str:
        """Its dotted name afterwards; ``""`` where it is not said."""

    @property
    def python(self) -> str:
        """The interpreter that runs the monolith."""

    @property
    def settings(self) -> str:
        """The settings module; ``""`` where it is not said."""

    @property
    def inherited_settings(self) -> str:
        """The environment's ``DJANGO_SETTINGS_MODULE``; ``""`` where it is not set."""

    @property
    def django(self) -> bool:
        """False leaves out all that needs Django."""

    @property
    def verify(self) -> bool:
        """False leaves out the trial of the migrations."""


@dataclass(frozen=True, slots=True)
class Reason:
    """Why a line of a file changes: a reference of ``kind`` to ``old``, which is ``new`` now.

    :param line: in the file as it was before.
    """

    line: int
    kind: str
    old: str
    new: str

    def __str__(self) -> str:
        return f"{self.line}: {self.kind} {self.old} -> {self.new}"


@dataclass(frozen=True)
class PhaseResult:
    """What a phase wants done, and what people should know about it.

    :param changes: what happens to the tree.
    :param counts: figures for the one-line summary, in the order they are shown.
    :param kinds: how many references of each kind were rewritten.
    :param findings: places that were left, or that a person should look at.
    :param skipped: why the phase had nothing to do (``""`` if it had).
    :param left: why places still name the old one -> how many do.
    :param reasons: path -> the references that were rewritten there, by line.
    :param table: what was compared, one row per check, as plain JSON values.
    """

    changes: ChangeSet = field(default_factory=ChangeSet)
    counts: Mapping[str, int] = field(default_factory=dict)
    kinds: Mapping[str, int] = field(default_factory=dict)
    findings: tuple[Finding, ...] = ()
    skipped: str = ""
    left: Mapping[str, int] = field(default_factory=dict)
    reasons: Mapping[str, tuple[Reason, ...]] = field(default_factory=dict)
    table: tuple[Mapping[str, object], ...] = ()

    @property
    def summary(self) -> str:
        """What happened, in one line."""
        if self.skipped:
            return self.skipped
        counts = [f"{count:,} {_one(name) if count == 1 else name}" for name, count in self.counts.items()]
        if self.kinds:
            kinds = ", ".join(f"{count:,} {kind}" for kind, count in sorted(self.kinds.items(), key=lambda k: -k[1]))
            total = sum(self.kinds.values())
            counts.insert(1, f"{total:,} {'reference' if total == 1 else 'references'} ({kinds})")
        return ", ".join(counts)


def _one(name: str) -> str:
    """What is counted, for one of it: ``settings files edited`` -> ``settings file edited``."""
    return re.sub(r"s\b(?! \w+s\b)", "", name, count=1)

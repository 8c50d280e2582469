"""What a phase is: a function from the plan and the tree to a result, computed before it is done."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass, field

from migration.core.changes import ChangeSet, Finding

TREE_PHASES = ("prepare_structure", "move_files", "update_imports", "prepare_models", "generate_migrations")
PENDING, IN_PROGRESS, COMPLETED, FAILED = "pending", "in_progress", "completed", "failed"
PHASES: tuple[tuple[str, str], ...] = (
    ("scan_moves", "find what moves and write the plan, moves.yml"),
    ("prepare_structure", "create the target's packages, its AppConfig and its settings entry"),
    ("move_files", "move every file of the plan, as pure git renames"),
    ("update_imports", "rewrite every reference to what moved"),
    ("prepare_models", "pin tables and labels of the models that moved, and the relations to them"),
    ("validate_django", "check the moved code in the monolith's own Django"),
    ("generate_migrations", "write state-only migrations, so that no database changes"),
    ("verify_migrations", "try the migrations on throw-away databases, and compare what they hold"),
    ("run_tests", "run the repo's own tests, where its pyproject.toml names the command"),
)
ORDER = tuple(name for name, _ in PHASES)


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

"""What the report holds, gathered from the plan, the ledger, the trees and the tracker."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from migration.core.changes import ChangeSet, Rename, Write
from migration.core.names import is_python, module_of, prefixes
from migration.core.phase import Reason
from migration.engine import residue
from migration.engine.residue import Residue
from migration.plan.plan import Plan
from migration.repo.ledger import Ledger
from migration.repo.tree.codeowners import owners
from migration.repo.tree.project import Project
from migration.repo.tree.tree import Tree
from migration.report.border_crossings import Crossing, crossings
from migration.report.diff import Pair, pairs

Crossings = tuple[Crossing, ...]
RENAMED, CREATED, REMOVED = "rename", "new file", "removed"


@dataclass(frozen=True)
class FileChange:
    """One file that changes.

    :param kinds: the kinds of its references, and whether it is renamed, new or removed.
    :param owners: its teams.
    :param reasons: the references that were rewritten in it.
    """

    pair: Pair
    kinds: tuple[str, ...]
    owners: tuple[str, ...]
    reasons: tuple[Reason, ...]

    @property
    def path(self) -> str:
        """Where it is now (or was, if it is gone)."""
        return self.pair.new or self.pair.old or ""


@dataclass(frozen=True)
class Content:
    """Everything that the page shows.

    :param preview: whether nothing has been done yet.
    :param phases: as the tracker has them.
    :param before: the imports that crossed the border before the move, :param after: those that do now.
    :param findings: what the phases want a person to look at.
    :param commands: (what it is for, the command), in the order in which a person needs them.
    :param owners: team -> how many of the files that change are its own; worked out from ``files`` where not given.
    :param seconds: about how long a run would take.
    :param django: which Django the run would use, a line each for settings, interpreter and databases.
    :param in_the_way: files with uncommitted changes that the move would have to change.
    :param guards: (file, line) that ``guard`` would add afterwards.
    """

    plan: Plan
    preview: bool
    phases: Sequence[Mapping[str, Any]]
    files: tuple[FileChange, ...]
    before: tuple[Crossing, ...]
    after: tuple[Crossing, ...]
    findings: tuple[str, ...]
    residue: tuple[Residue, ...]
    migrations: tuple[tuple[str, str], ...]
    commands: tuple[tuple[str, str], ...]
    owners: Mapping[str, int] = field(default_factory=dict)
    seconds: float = 0.0
    in_the_way: tuple[str, ...] = ()
    guards: tuple[tuple[str, str], ...] = ()
    django: tuple[str, ...] = ()


def changes_of(ledger: Ledger) -> list[ChangeSet]:
    """What the phases did to the tree, phase by phase; of what they wrote only the paths."""
    return [
        ChangeSet(
            tuple(Rename(old, new) for old, new in done.renames.items()),
            done.removes,
            tuple(Write(path, b"", create=bool(written.mode)) for path, written in done.writes.items()),
        )
        for _, done in ledger.until(None)
    ]


def files_of(
    before: Tree, after: Tree, changes: Iterable[ChangeSet], reasons: Mapping[str, Sequence[Reason]]
) -> tuple[FileChange, ...]:
    """The files that differ, with what is known about each.

    :param reasons: path after the move -> why it changes.
    """
    teams = owners(before)
    found = []
    for pair in pairs(before, after, changes):
        why = tuple(reasons.get(pair.new or "", ()))
        kinds = [reason.kind for reason in why]
        if pair.old and pair.new and pair.old != pair.new:
            kinds.append(RENAMED)
        elif not pair.old:
            kinds.append(CREATED)
        elif not pair.new:
            kinds.append(REMOVED)
        kept = tuple(dict.fromkeys(kinds)) or ("edit",)
        found.append(FileChange(pair, kept, teams(pair.old or pair.new or ""), why))
    return tuple(found)


def borders_of(plan: Plan, project: Project, after: Tree, files: Iterable[FileChange]) -> tuple[Crossings, Crossings]:
    """What crosses the border around the product: (before the move, after it).

    A file outside that imports what moved is one of those that change.
    """
    names = dict(plan.module_moves)
    for old, new in plan.file_moves.items():
        one, two = module_of(old, plan.roots), module_of(new, plan.roots)
        if one and two:
            names[one] = two
    changed = list(files)
    old_paths = [file.pair.old for file in changed if file.pair.old and is_python(file.pair.old)]
    new_paths = [file.pair.new for file in changed if file.pair.new and is_python(file.pair.new)]
    return (
        tuple(crossings(project, project.baseline, _shortest(names), old_paths)),
        tuple(crossings(project, after, _shortest(names.values()), new_paths)),
    )


def _shortest(names: Iterable[str]) -> list[str]:
    """Those that lie within no other."""
    every = set(names)
    return sorted(name for name in every if every.isdisjoint(list(prefixes(name))[1:]))


def residue_of(plan: Plan, project: Project) -> tuple[Residue, ...]:
    """What names the old place still, the open places first."""
    return tuple(sorted(residue.find(plan, project), key=lambda one: (one.decided, one.path, one.line)))

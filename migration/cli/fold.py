"""The phases that need no more than the tree, one after another: what they would do, and which files that concerns."""

from __future__ import annotations

import tempfile
from collections.abc import Iterator, Mapping
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING, Any

from migration.cli import preload
from migration.cli.session import Session
from migration.core.errors import MigrationError
from migration.core.phase import ORDER, TREE_PHASES, PhaseResult
from migration.phases import module_of
from migration.plan import edited, in_commits, reading
from migration.plan.plan import Plan
from migration.repo.tree import baseline_copy
from migration.repo.tree.tree import Tree

if TYPE_CHECKING:
    from migration.django.registry import Registry


def is_previewed(phase: str) -> bool:
    """Whether a phase needs no more than the tree as a value."""
    return module_of(phase).NEEDS.tree == "value"


def fold(session: Session, plan: Plan, known: Registry | None) -> Iterator[tuple[str, PhaseResult, Tree]]:
    """All that can be worked out without touching anything: (phase, its result, the tree after it).

    :param known: what Django said before the move.
    """
    baseline = session.workspace.baseline()
    tree = baseline
    for phase in filter(is_previewed, ORDER):
        module, project = module_of(phase), session.project_at(baseline, tree, plan.roots)
        preload.end(phase)
        reason = module.does_not_apply(plan, session.options)
        result = PhaseResult(skipped=reason) if reason else module.run(session.context_for(project, plan, known))
        tree = tree.changed(result.changes)
        yield phase, result, tree


def in_the_way(session: Session, plan: Plan, known: Registry | None) -> list[str]:
    """Files with uncommitted changes (not ours) that some phase would change, sorted."""
    dirty = session.git.uncommitted() - session.workspace.ledger.touched
    if dirty:
        dirty -= session.workspace.stack.left()
    if not dirty:
        return []
    back = {new: old for old, new in plan.file_moves.items()}
    found: set[str] = set()
    try:
        for _, result, _ in fold(session, plan, known):
            found.update(back.get(path, path) for path in result.changes.paths)
    except MigrationError:
        pass  # the phase will say so itself when its turn comes
    return sorted(found & dirty)


def work_out(session: Session, said: Mapping[str, Any] | None) -> tuple[Plan, Iterator[tuple[str, PhaseResult, Tree]]]:
    """The plan that a scan finds, and what each phase makes of the tree that it finds; nothing is touched.

    :param said: what commits tell of the plan, where there is none (:mod:`migration.plan.in_commits`).
    :raises MigrationError: where a run would stop.
    """
    from migration.phases import scan_moves

    scanned, registry = scan_moves.look(session.context(ORDER[0]))
    plan, tree = edited.in_force(session.plan_path, scanned.plan)[0], session.workspace.baseline()
    if said is not None and in_commits.is_edited(said):
        plan = reading.loads(in_commits.text(said, scanned.plan, scanned.plan), "the plan that the commits tell")
    plan = replace(plan, file_moves={old: new for old, new in plan.file_moves.items() if old in tree})
    return scanned.plan, _worked_out(session, plan, registry)


def _worked_out(
    session: Session, plan: Plan, registry: Registry | None
) -> Iterator[tuple[str, PhaseResult, Tree]]:
    """Each phase that changes the tree: its result, and the tree that it finds."""
    tree = session.workspace.baseline()
    for phase, result, after in fold(session, plan, registry):
        yield phase, result, tree
        tree = after
    for phase in TREE_PHASES:
        module = module_of(phase)
        if is_previewed(phase) or registry is None or module.does_not_apply(plan, session.options):
            continue
        with tempfile.TemporaryDirectory(prefix="phased-migration-") as directory:
            baseline_copy.write_tree(tree, Path(directory), baseline_copy.local_files(tree))
            project = session.project_at(session.workspace.baseline(), tree, plan.roots)
            context = session.context_for(replace(project, root=Path(directory)), plan, registry)
            yield phase, module.run(context), tree

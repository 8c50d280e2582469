"""Running a phase: gather what it needs, let it compute, do it, prove it, keep the figures."""

from __future__ import annotations

import re
import time
from collections.abc import Mapping
from dataclasses import astuple
from typing import Any

from migration.cli import late_comers, preload, recall, tracker
from migration.cli.django_noted import Noted
from migration.cli.fold import in_the_way, is_previewed, work_out
from migration.cli.session import Session
from migration.cli.up_to_date import inputs, scan_of, tool
from migration.core.django_used import heard_by
from migration.core.errors import DjangoError, PhaseError
from migration.core.phase import BY_NAME, ORDER, PHASES, TREE_PHASES, PhaseResult, next_change
from migration.phases import clear, module_of
from migration.plan.fits_tree import check_plan
from migration.repo import merge_conflicts
from migration.repo.corrections import left_by, still_noted
from migration.repo.protected_files import check_on_disk, uncommitted_error


def execute(session: Session, phase: str) -> dict[str, Any]:
    """Run one phase on the repo.

    :returns: what doit keeps of it: figures and findings, as plain JSON values.
    :raises MigrationError: if the phase failed; the tree is as it was before it.
    """
    noted = Noted(session, phase)
    with heard_by(noted.hear):
        values = _execute(session, phase)
    return {**values, "django": noted.document()} if noted.used else values


def _execute(session: Session, phase: str) -> dict[str, Any]:
    start = time.perf_counter()
    needs = module_of(phase).NEEDS
    taken_back = uncover(session) if needs.uppermost else []
    check_on_disk(session.git.left_out() & session.workspace.ledger.touched)  # not there, and yet not deleted
    if needs.merged:
        merge_conflicts.refuse(session.git, session.workspace.ledger.touched, session.plan_at_hand())
    recalled = recall.recall(session, work_out) if phase == ORDER[0] else None
    if recalled:
        session.workspace.recall(recalled.ledger, recalled.blobs)
        recall.note_plan(session, recalled)
    if late_comers.is_late(session):
        return late_comers.execute(session, phase)
    removed = session.workspace.absorb().removed
    stands_on = inputs(session)
    result = compute(session, phase)
    plan = session.plan()
    only = plan.new_path(session.options.file) if BY_NAME[phase].takes_file and session.options.file else None
    preload.begin(phase)
    lost = do(session, phase, result, only) if phase in TREE_PHASES else []
    for later in _again(session, phase) if only else ():
        # The file was taken back to what stands before both; the other one has its part in it too.
        do(session, later, compute(session, later), only)
    details = {"references": result.kinds, "left": result.left}
    return {
        "run": str(time.time_ns()),
        "inputs": "" if only else stands_on,  # the other files still have their turn
        "names": [plan.source, plan.target],
        **({"plan": scan_of(session)} if phase == ORDER[0] else {}),
        "timestamp": tracker.now(),
        "seconds": round(time.perf_counter() - start, 2),
        "summary": result.summary,
        "counts": {**result.counts, **{name: dict(figures) for name, figures in details.items() if figures}},
        "operations": len(result.changes.renames) + len(result.changes.removes) + len(result.changes.writes),
        "files_modified": sorted({write.path for write in result.changes.writes}
                                 | {rename.target for rename in result.changes.renames}),
        "findings": [
            *taken_back, *_recalled(recalled), *_removed(removed), *lost, *(str(finding) for finding in result.findings)
        ],
        **({"table": [dict(row) for row in result.table]} if result.table else {}),
        "tool": tool(phase),
        "reasons": {
            path: [list(astuple(reason)) for reason in reasons] for path, reasons in result.reasons.items()
        },
    }


def _again(session: Session, phase: str) -> list[str]:
    """The phases behind this one that have changed the tree by what they read in it."""
    behind = TREE_PHASES[TREE_PHASES.index(phase) + 1 :]
    return [name for name in behind if name in session.workspace.ledger.phases and is_previewed(name)]


def _removed(paths: Mapping[str, str]) -> list[str]:
    """A line for each file that a person has removed.

    :param paths: where it was before the move -> where it was removed.
    """
    was = {old: f" (before the move {old})" if old != place else "" for old, place in paths.items()}
    return [
        f"{place}: was removed by hand and stays removed{was[old]} -> "
        "to have it back, take its removal back in git (git restore), and run again"
        for old, place in sorted(paths.items())
    ]


def _recalled(recalled: recall.Recalled | None) -> list[str]:
    """A line, where the record of the move had to be told again."""
    if recalled is None:
        return []
    base = " and ".join(commit[:10] for commit in recalled.ledger.base)
    return [f"there was no record of this move here; what was done is told from its commits since {base}"]


def uncover(session: Session) -> list[str]:
    """Take back the moves of other products that stand on this one.

    :returns: a line for each, with what to do.
    """
    found = []
    for product in session.workspace.uncover():
        path = session.home / "moves" / product / session.tracker_path.name
        if path.exists():
            tracker.Tracker(path, product, PHASES).forget()
        found.append(f"{product} stands on this move and was taken back -> run it again: doit product={product}")
    return found


def do(session: Session, phase: str, result: PhaseResult, only: str | None = None) -> list[str]:
    """Bring the tree to what a phase has worked out, and prove that it is there.

    :param only: the one file (at its path after the move) that was worked on.
    :returns: a line for each edit by hand that has no place any more.
    :raises PhaseError: if a file is not as it should be.
    """
    left = left_by(result.findings)
    lost = session.workspace.apply(phase, result.changes, only=only, left=left)
    session.changed_by_us()
    if wrong := session.workspace.differing(phase):
        raise PhaseError(
            f"{phase}: {len(wrong)} file(s) are not as they should be", "run the same command again", wrong
        )
    return lost


def compute(session: Session, phase: str) -> PhaseResult:
    """What a phase would do to the tree as it stands; nothing is changed by it."""
    module = module_of(phase)
    plan = session.plan() if module.NEEDS.plan else None
    if plan and (reason := module.does_not_apply(plan, session.options)):
        return PhaseResult(skipped=reason, findings=clear(phase, session.workspace, session.repo))
    if module.NEEDS.tree == "disk":
        session.workspace.settle(next_change(phase))
    context = session.context(phase, plan)
    if plan and phase == TREE_PHASES[0]:  # before anything is changed, not only when the files move
        check_plan(plan, context.project.baseline)
        if dirty := in_the_way(session, plan, context.registry):
            raise uncommitted_error(dirty, merging=bool(session.git.merging()))
    preload.end(phase)
    try:
        return module.run(context)
    except DjangoError as error:
        raise with_noted(error, still_noted(session.workspace)) from error


def with_noted(error: DjangoError, noted: Mapping[str, Mapping[int, str]]) -> DjangoError:
    """What Django says, with the lines that were left for a person and may be its cause.

    :param noted: path -> number -> text of such lines.
    """
    words = re.findall(r"'([\w.]+)'", error.message)
    named = [
        f"left for you: {path}:{number}: {text.strip()}"
        for path, lines in noted.items()
        for number, text in lines.items()
        if f"{path}:" in error.message or any(re.search(rf"\b{re.escape(word)}\b", text) for word in words)
    ]
    if not named:
        return error
    remedy = "correct the lines that were left for you as they must be after the move, then run the same command again"
    return DjangoError(error.message, remedy, [*error.details, *named])

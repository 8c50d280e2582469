"""The commands beside the phases: preview, status, reset. Each prints what it found or did."""

from __future__ import annotations

import sys

from migration import report, runner, scan_moves, tracker
from migration import residue as residues
from migration.apply import uncommitted_error
from migration.errors import PhaseError
from migration.phases import ORDER, PHASES
from migration.session import Session


def preview(session: Session) -> None:
    """Print the plan, the counts and the whole diff; touch neither the repo nor the state.

    What only the moved code's own Django can say (the check, the migrations) is left out and named.
    """
    found, registry = runner.look(session)
    plan, _, about_plan = scan_moves.in_force(session.plan_path, found)
    runner.check_models(plan, registry)
    baseline = session.workspace.baseline()
    tree = baseline
    out = sys.stdout.write
    out(f"{plan.product}: {plan.source} -> {plan.target} ({plan.app.kind}); nothing is changed\n")
    findings, changes = [*about_plan, *found.findings], []
    for phase, result, after in runner.fold(session, plan, registry):
        out(f"  {phase:<20} {result.summary}\n")
        findings += result.findings
        changes.append(result.changes)
        tree = after
    for phase in ORDER:
        if phase not in runner.PURE and phase != "scan_moves":
            out(f"  {phase:<20} runs on the moved code, so it has no preview\n")
    out("\nfiles\n")
    for old, new in plan.file_moves.items():
        out(f"  {old} -> {new}\n")
    if findings:
        out("\nfor you to look at\n")
        for finding in findings:
            out(f"  {finding}\n")
    if dirty := runner.in_the_way(session, plan, registry):
        out(f"\nin the way\n{uncommitted_error(dirty)}\n")
    out("\n" + report.diff_of(baseline, tree, changes, session.git.oid_of))


def status(session: Session) -> None:
    """Print where the move stands."""
    sys.stdout.write(report.status_table(tracker.read(session.tracker_path)))


def reset(session: Session) -> list[str]:
    """Undo the files that we changed and no others, then forget; the plan stays.

    :returns: the phases that are to be forgotten.
    :raises PhaseError: if files of ours were edited since; nothing is changed then.
    """
    restored, removed = session.workspace.reset()
    session.registry_path.unlink(missing_ok=True)
    book = tracker.Tracker(session.tracker_path, session.options.product, PHASES)
    book.forget()
    sys.stdout.write(f"reset: {restored} files given back, {removed} of ours removed; moves.yml is kept\n")
    return list(ORDER)


def residue(session: Session) -> None:
    """Print what still names the old place, by kind, with the reason it was left; touch nothing.

    :raises PhaseError: if something is left that nothing explains, or an import of the tree finds
        nothing that did before the move; so that a CI job can guard against the old path.
    """
    plan = session.plan()
    project = session.project("residue", plan.roots)
    if not any(new in project.before for new in plan.file_moves.values()):
        raise PhaseError(f"nothing of {plan.source} has moved yet", f"run doit product={plan.product} first")
    found, lost = residues.find(plan, project), residues.check_tree(plan, project)
    sys.stdout.write(residues.listing(plan.source, found))
    undecided = residues.summary(found).get(residues.UNDECIDED, 0)
    if lost:
        raise PhaseError(
            f"{len(lost)} import(s) that resolved before the move find nothing",
            f"run doit product={plan.product} update_imports, or correct these lines",
            [str(item) for item in lost],
        )
    if undecided:
        raise PhaseError(
            f"{undecided} place(s) name {plan.source} and nothing says why",
            "change them to the new place, or list the string under keep or the file under exclude in moves.yml",
        )

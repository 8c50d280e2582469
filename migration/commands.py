"""The commands beside the phases: preview, status, reset. Each prints what it found or did."""

from __future__ import annotations

import sys

from migration import report, runner, tracker
from migration.apply import uncommitted_error
from migration.changes import Finding
from migration.phases import ORDER, PHASES
from migration.plan_file import load, written_by_scanner
from migration.session import Session


def preview(session: Session) -> None:
    """Print the plan, the counts and the whole diff; touch neither the repo nor the state.

    What only the moved code's own Django can say (the check, the migrations) is left out and named.
    """
    found, registry = runner.look(session)
    plan = found.plan
    if session.plan_path.exists() and not written_by_scanner(session.plan_path.read_text(encoding="utf-8")):
        plan = load(session.plan_path)  # edited by hand, and therefore the one in force
    baseline = session.workspace.baseline()
    tree = baseline
    out = sys.stdout.write
    out(f"{plan.product}: {plan.source} -> {plan.target} ({plan.app.kind}); nothing is changed\n")
    findings: list[Finding] = list(found.findings)
    for phase, result, after in runner.fold(session, plan, registry):
        out(f"  {phase:<20} {result.summary}\n")
        findings += result.findings
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
    out("\n" + report.diff_of(baseline, tree, plan.file_moves, session.git.oid_of))


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



"""The phases in a checkout where the move has happened, and neither a record nor the history tells how.

A fork that starts with the moved tree, a branch put together from files: what is moved stays as it is, and
update_imports rewrites what still names the old place, as ``follow`` does.
"""

from __future__ import annotations

import time
from collections import Counter
from typing import TYPE_CHECKING, Any

from migration.cli import tracker
from migration.cli.session import Session
from migration.cli.up_to_date import scan_of, tool
from migration.core.phase import PhaseResult
from migration.plan.plan import Plan
from migration.repo.before_move import has_moved
from migration.repo.disk.atomic_write import write_or_leave
from migration.repo.disk.directories import missing
from migration.repo.git.entries import SUBMODULE
from migration.repo.git.search import Search
from migration.repo.protected_files import uncommitted_error
from migration.repo.tree.project import Project
from migration.repo.tree.tree import Tree

if TYPE_CHECKING:
    from migration.engine.follow import Followed


def is_late(session: Session) -> bool:
    """Whether the plan's files are at their new places although nothing is known of a move."""
    ledger = session.workspace.ledger
    if ledger.phases or ledger.origins:
        return False
    plan = session.plan_at_hand()
    return plan is not None and has_moved(plan.file_moves, session.workspace.listing)


def checkout(session: Session, plan: Plan) -> Project:
    """The checkout as it is on disk, without a look at any record of the move."""
    git = session.git
    listing = git.listing()
    gone = {*git.left_out(), *missing(git.root, listing)}
    modes = {path: entry.mode for path, entry in listing.items() if entry.mode != SUBMODULE and path not in gone}
    tree = Tree(git.root, modes)
    return Project(session.repo, plan.roots, tree, tree, Search(git), session.options.jobs)


def write(session: Session, found: Followed) -> None:
    """Write what was worked out: all of it, or nothing.

    :raises GitError: if one of the files holds uncommitted changes that are not ours.
    """
    dirty = session.git.uncommitted() - session.workspace.ledger.touched
    if foreign := sorted(dirty.intersection(write.path for write in found.writes)):
        raise uncommitted_error(foreign, merging=bool(session.git.merging()))
    write_or_leave({session.repo / write.path: write.data for write in found.writes})


def execute(session: Session, phase: str) -> dict[str, Any]:
    """Run one phase there.

    :returns: what doit keeps of it; no input stands for it, so that the next run looks again.
    :raises MigrationError: if the phase failed; nothing is written then.
    """
    from migration.engine.follow import Followed, follow  # loads all rewriters: most runs have no use for it

    start, plan, found = time.perf_counter(), session.plan(), Followed()
    summary = "nothing to do: the move is in this checkout already, and only references can be late"
    if phase == "update_imports":
        found = follow(plan, checkout(session, plan))
        write(session, found)
        counts = {"files rewritten": len(found.writes), "references that came late": len(found.stale)}
        summary = PhaseResult(counts=counts).summary
    reasons: dict[str, list[list[Any]]] = {}
    for item in found.stale:
        reasons.setdefault(item.path, []).append([item.line, item.kind, item.old, item.new])
    return {
        "run": str(time.time_ns()),
        "inputs": "",
        "names": [plan.source, plan.target],
        **({"plan": scan_of(session)} if phase == "scan_moves" else {}),
        "timestamp": tracker.now(),
        "seconds": round(time.perf_counter() - start, 2),
        "summary": summary,
        "counts": {
            "files rewritten": len(found.writes),
            "references": dict(Counter(item.kind for item in found.stale)),
        },
        "operations": len(found.writes),
        "files_modified": sorted(write.path for write in found.writes),
        "findings": [str(finding) for finding in (*found.files, *found.findings)],
        "tool": tool(phase),
        "reasons": reasons,
    }

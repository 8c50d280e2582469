"""``reset``: every file that we changed is given back, and no other."""

from __future__ import annotations

import sys

from migration.cli import advice, tracker
from migration.cli.commands.output import print_json
from migration.cli.session import Session
from migration.cli.terminal import of_stdout
from migration.core.phase import ORDER, PHASES
from migration.engine import killed_trials


def run(session: Session) -> list[str]:
    """Undo the files that we changed and no others, then forget; the plan stays.

    With ``force=1``, files of ours that were edited since go too, and a ref keeps what they hold.

    :returns: the phases that are to be forgotten.
    :raises PhaseError: if files of ours were edited since; nothing is changed then.
    """
    left = killed_trials.take_away(session.workspace, session.repo)
    kept = session.workspace.keep_edits() if session.options.force else None
    elsewhere = bool(session.workspace.records.elsewhere)
    restored, removed = session.workspace.reset(kept.paths if kept else ())
    session.registry_path.unlink(missing_ok=True)
    book = tracker.Tracker(session.tracker_path, session.options.product, PHASES)
    book.forget()
    if session.options.format == "json":
        edits = {"ref": kept.ref, "paths": list(kept.paths)} if kept else None
        print_json({"given_back": restored, "removed": removed, "kept": edits})
        return list(ORDER)
    if session.options.format == "text":
        of_stdout().line(f"reset: {restored} files given back, {removed} of ours removed; moves.yml is kept")
        if elsewhere:
            of_stdout().line("  the move of another branch stays: check it out to reset it")
    if session.options.format == "text":
        for finding in left:
            of_stdout().line(f"  {finding}")
    if kept:
        sys.stdout.write(advice.kept_edits(session.repo_label, kept.ref, kept.paths))
    return list(ORDER)

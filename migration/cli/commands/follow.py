"""``follow``: what names the old place in a checkout where the move has happened already follows it."""

from __future__ import annotations

import json
import sys
from dataclasses import asdict

from migration.cli.late_comers import checkout, write
from migration.cli.session import Session
from migration.cli.terminal import of_stdout
from migration.core.errors import PhaseError
from migration.engine.follow import Followed, follow
from migration.plan.plan import Plan


def run(session: Session) -> None:
    """Rewrite what is stale, or with ``check=1`` say what is, and touch nothing.

    :raises PhaseError: with ``check=1``, if anything is stale; or if something stale can't be rewritten.
    :raises GitError: if a file to be rewritten holds uncommitted changes that are not ours; nothing is written then.
    """
    plan = session.plan()
    found = follow(plan, checkout(session, plan))
    if not session.options.check:
        write(session, found)
    show(session, plan, found)


def show(session: Session, plan: Plan, found: Followed) -> None:
    """Print what was, or would be, rewritten, and what is left for a person.

    :raises PhaseError: with ``check=1``, if anything is stale.
    """
    check, paths = session.options.check, {item.path for item in found.stale}
    if session.options.format == "json":
        document = {
            "source": plan.source,
            "written": not check,
            "stale": [asdict(item) for item in found.stale],
            "files": [asdict(item) for item in found.files],
            "findings": [asdict(item) for item in found.findings],
        }
        sys.stdout.write(json.dumps(document, indent=2) + "\n")
    elif session.options.format == "text":
        screen = of_stdout()
        for item in found.stale:
            screen.line(f"  {item}")
        for finding in (*found.files, *found.findings):
            screen.line(f"  note: {finding}")
        done = "would be rewritten" if check else "rewritten"
        screen.line(
            f"{len(found.stale)} reference(s) in {len(paths)} file(s) {done}"
            if found.stale
            else f"nothing that can follow names {plan.source} any more"
        )
    if check and (found.stale or found.files):
        raise PhaseError(
            f"{len(found.stale)} place(s) name {plan.source} as it was before the move, and "
            f"{len(found.files)} file(s) lie there",
            f"run doit product={plan.product} follow",
            [str(item) for item in (*found.stale, *found.files)] if session.options.format == "quiet" else [],
        )

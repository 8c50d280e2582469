"""What a trial of the migrations that was killed has left: taken away by the next run, by ``reset`` and ``clean``."""

from __future__ import annotations

import shutil

from migration.cli.session import Session
from migration.core.changes import Finding


def take_away(session: Session) -> tuple[Finding, ...]:
    """Drop the databases and remove the files; nothing where no trial was killed. The turn in the checkout is ours.

    :returns: what was dropped, and what may still be there.
    """
    directory = session.verify_path
    if not directory.exists():
        return ()
    from migration.django import left_databases

    trial = left_databases.noted(directory)
    findings: list[Finding] = []
    if trial is not None:
        taken = left_databases.take_away(trial, directory / "left", session.checkout, session.repo)
        if taken.dropped:
            said = f"dropped, which a trial that was killed had left: {', '.join(taken.dropped)}"
            findings.append(Finding("databases", 0, said))
        pattern = f"test_phased_…_{session.checkout}_…"
        for line in taken.left:
            said = f"a trial that was killed may have left databases {pattern}: {line}"
            findings.append(Finding("databases", 0, said, "drop them by hand where they are there"))
    shutil.rmtree(directory, ignore_errors=True)
    return tuple(findings)

"""What a trial of the migrations that was killed has left: taken away by the next run, by ``reset`` and ``clean``."""

from __future__ import annotations

import hashlib
import os
import shutil
from pathlib import Path

from migration.core.changes import Finding
from migration.repo.apply import Workspace


def directory_of(workspace: Workspace) -> Path:
    """Where the migrations of a product are tried."""
    return workspace.path.parent / "verify"


def checkout_of(workspace: Workspace, repo: Path) -> str:
    """What the names of the trial's databases hold of a checkout: the same in each run, so that the next one
    finds what a death has left. A path alone may be another checkout's, too: in another container, or by a mount.
    """
    where = f"{repo}\0{workspace.git.directory.stat().st_ino}"
    return hashlib.sha256(os.fsencode(where)).hexdigest()[:8]


def take_away(workspace: Workspace, repo: Path) -> tuple[Finding, ...]:
    """Drop the databases and remove the files; nothing where no trial was killed. The turn in the checkout is ours.

    :param repo: the monolith's directory.
    :returns: what was dropped, and what may still be there.
    """
    directory = directory_of(workspace)
    if not directory.exists():
        return ()
    from migration.django import left_databases

    trial, checkout = left_databases.noted(directory), checkout_of(workspace, repo)
    findings: list[Finding] = []
    if trial is not None:
        taken = left_databases.take_away(trial, directory / "left", checkout, repo)
        if taken.dropped:
            said = f"dropped, which a trial that was killed had left: {', '.join(taken.dropped)}"
            findings.append(Finding("databases", 0, said))
        for line in taken.left:
            said = f"a trial that was killed may have left databases test_phased_…_{checkout}_…: {line}"
            findings.append(Finding("databases", 0, said, "drop them by hand where they are there"))
        trial.forget(directory)
    shutil.rmtree(directory, ignore_errors=True)
    return tuple(findings)

"""The bundled monolith as a repo of its own."""

from __future__ import annotations

import os
import shutil
from pathlib import Path

from migration.repo.disk.lock import locked_directory
from migration.repo.git.git import Git

SAMPLE = Path(__file__).parents[1] / "sample"


def make_sample(target: Path) -> None:
    """Copy the bundled monolith to ``target`` and make it a git repository with one commit.

    Of two processes that do so at once, the second finds what the first has made.
    """
    target.parent.mkdir(parents=True, exist_ok=True)
    with locked_directory(target.parent):
        if not (target / ".git").exists():
            _make_sample(target)


def _make_sample(target: Path) -> None:
    if target.exists():
        shutil.rmtree(target)
    half = target.with_name(target.name + ".half")
    if half.exists():
        shutil.rmtree(half)
    shutil.copytree(SAMPLE, half, symlinks=True, ignore=shutil.ignore_patterns("__pycache__", "*.sqlite3"))
    git = Git(half)
    # The same whatever the user's own configuration says.
    own = [f"core.excludesFile={os.devnull}", "core.autocrlf=false", "commit.gpgsign=false"]
    own += ["user.name=Sample", "user.email=sample@example.com"]
    settings = [word for one in own for word in ("-c", one)]
    git.run(*settings, "init", "-q", "-b", "main", "--template=", ".")
    git.run(*settings, "add", "-A")
    git.run(*settings, "commit", "-q", "-m", "The monolith before the move")
    half.rename(target)

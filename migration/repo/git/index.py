"""Writing git's index so that a death in the middle leaves neither half of it nor a lock.

git writes ``index.lock`` and renames it; where git itself is killed, the lock stays and stops every
later git command, with nothing to tell whose it was. So the work is done on a copy, while we hold
``index.lock`` as a hard link to a file of ours: what is left of it can be told from anybody else's.
"""

from __future__ import annotations

import os
import shutil
import time
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path

from migration.core.errors import GitError
from migration.repo.git.entries import IndexEntry
from migration.repo.git.git import Git

_PATIENCE = 1.0  # seconds; what an editor asks of git takes less


def update(git: Git, entries: Mapping[str, IndexEntry | None]) -> None:
    """Set (or with None remove) entries of the index, and refresh it: all of it or nothing.

    :raises GitError: if another git command is at work, or git refuses.
    :raises OSError: if the file system refuses.
    """
    if not entries:
        return
    with replaced(git) as copy:
        git.update_index(entries, copy)


@contextmanager
def replaced(git: Git) -> Iterator[Path]:
    """A copy of the index to work on, which takes its place at the end; not where an error comes.

    :raises GitError: if another git command is at work.
    :raises OSError: if the file system refuses.
    """
    recover(git)
    index, lock, ours, copy = _paths(git)
    ours.parent.mkdir(parents=True, exist_ok=True)
    try:
        ours.touch(exist_ok=False)
        _lock(ours, lock)
        if index.exists():
            shutil.copy(index, copy)
        yield copy
        copy.replace(index)
    finally:
        recover(git)


def recover(git: Git) -> None:
    """Take away what a death has left; for the one who holds the lock of the checkout.

    :raises OSError: if the file system refuses.
    """
    _, lock, ours, copy = _paths(git)
    if not ours.exists():
        return
    if lock.exists() and lock.samefile(ours):
        lock.unlink()
    for left in (copy, copy.with_name(copy.name + ".lock"), ours):
        left.unlink(missing_ok=True)


def _paths(git: Git) -> tuple[Path, Path, Path, Path]:
    """The index, its lock, the file of ours that stands behind the lock, and the copy that is worked on."""
    own = git.directory / "phased-migration"
    return git.directory / "index", git.directory / "index.lock", own / "index-lock", own / "index-copy"


def _lock(ours: Path, lock: Path) -> None:
    deadline = time.monotonic() + _PATIENCE
    while True:
        try:
            os.link(ours, lock)
            return
        except FileExistsError as error:
            if time.monotonic() >= deadline:
                raise GitError(
                    f"{lock} is there: another git command is at work (or died and left it)",
                    "wait until it has ended; if none is running, remove the file; then run the same command again",
                ) from error
        time.sleep(0.05)

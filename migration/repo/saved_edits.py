"""Files that a person edited, kept by a ref before they are taken away.

The ref names a tree in which each file has the path it had, so that git's own commands give it back.
"""

from __future__ import annotations

import tempfile
import time
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from migration.repo.git.entries import IndexEntry
from migration.repo.work_tree import Checkout


@dataclass(frozen=True)
class Kept:
    """The ref that keeps some files, and their paths."""

    ref: str
    paths: tuple[str, ...]


def keep(checkout: Checkout, refs: str, paths: Sequence[str]) -> Kept:
    """Keep files as they are on disk.

    :param refs: the ref gets a name below this, with the time in it.
    :param paths: relative to the directory that the user named; those that are no files are left out.
    :raises GitError: if git refuses.
    """
    git, entries, blobs = checkout.git, {}, {}
    for path in paths:
        if found := checkout.read(path):
            oid = git.oid_of(found[0])
            blobs[oid], entries[path] = found[0], IndexEntry(found[1], oid)
    git.store(blobs)
    with tempfile.TemporaryDirectory() as directory:
        index = Path(directory, "index")
        git.update_index(entries, index)
        tree = git.run("write-tree", env={"GIT_INDEX_FILE": str(index)}).decode().strip()
    # To the nanosecond: a second reset must not take the place of what the first has kept.
    moment = f"{time.strftime('%Y-%m-%dT%H-%M-%S', time.gmtime())}.{time.time_ns() % 10**9:09}Z"
    git.run("update-ref", f"{refs}/{moment}", tree)
    return Kept(f"{refs}/{moment}", tuple(entries))

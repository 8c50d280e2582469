"""What must not be in the way before a phase changes anything: work of people, and files that are not ours."""

from __future__ import annotations

import os
from collections.abc import Collection, Iterable

from migration.core.beside import beside
from migration.core.changes import ChangeSet
from migration.core.errors import GitError, PhaseError
from migration.repo.disk.directories import check_inside
from migration.repo.ledger import Done, Ledger, Origin, Written
from migration.repo.states import Trees


def take_in(trees: Trees, phase: str, changes: ChangeSet, blobs: dict[str, bytes]) -> dict[str, Origin]:
    """The origins, with those of the files that are touched for the first time."""
    states, origins = trees.states(phase), dict(trees.ledger.origins)
    made = {write.path for write in changes.writes if write.create}
    made |= {rename.target for rename in changes.renames}
    leaving = {*changes.removes, *(rename.source for rename in changes.renames)}
    touched = {*leaving, *(write.path for write in changes.writes if write.path not in made)}
    with beside(trees.git.uncommitted) as uncommitted:  # git works while we read
        read = {path: trees.checkout.read(path) for path in sorted(touched) if not states.get(path)}
        dirty = uncommitted()
    theirs = trees.stack.left() if dirty else set()
    problems = [path for path in made - leaving if path in dirty and path not in states and path not in theirs]
    for path, found in read.items():
        entry = trees.listing.get(path)
        if found is None or entry is None or (path in dirty and path not in theirs):
            problems.append(path)
            continue
        oid = trees.git.oid_of(found[0])
        origins[path] = Origin(oid, entry.mode, entry.oid, path in dirty)
        if oid != entry.oid:  # else git has it
            blobs[oid] = found[0]
    if problems:
        raise uncommitted_error(problems, merging=bool(trees.git.merging()))
    return origins


def lost_edits(trees: Trees, phase: str, previous: Done, carried: Collection[str]) -> dict[str, Written]:
    """Files that the phase had created and a person edited, and that it no longer makes.

    :raises PhaseError: where they are on disk: they can't simply vanish.
    """
    lost = {
        path: written
        for path, written in previous.writes.items()
        if written.oid != written.made and path not in carried
    }
    if there := [path for path in lost if trees.on_disk(path)]:
        raise PhaseError(
            f"{phase} no longer makes {len(there)} file(s) that were edited by hand; nothing was changed",
            "save what you need of them elsewhere, delete them, then run the same command again",
            there,
        )
    return lost


def refuse_obstacles(trees: Trees, phase: str, changes: ChangeSet, ledger: Ledger) -> None:
    """Nothing that is not ours may be where something of ours has to go."""
    sources = {rename.target: rename.source for rename in changes.renames}
    now, new = trees.states(None), ledger.origins.keys() - trees.ledger.origins.keys()
    problems, checked = [], set()
    for path, state in ledger.states(None).items():
        if state is None:
            continue
        if (directory := path.rpartition("/")[0]) not in checked:
            checked.add(directory)
            try:
                check_inside(trees.git.root, path)
            except GitError as error:
                problems.append(error.message)
        who = f"{sources[path]} would be moved there" if path in sources else f"{phase} would write there"
        found = trees.on_disk(path)
        if found is None:
            if os.path.lexists(trees.git.root / path):
                problems.append(f"{path} is a directory (or no file); {who}")
        elif path not in new and found[0] not in trees.ledger.known.get(path, ()):
            changed = now.get(path) is not None
            problems.append(f"{path} was changed just now" if changed else f"{path} exists already; {who}")
    if problems:
        raise GitError(
            f"{phase}: {len(problems)} target(s) can't be written; nothing was changed",
            "move them away, or give the file another target in moves.yml",
            problems,
        )


def uncommitted_error(paths: Iterable[str], *, merging: bool = False) -> GitError:
    """The refusal to touch files that a person is working on.

    :param merging: a merge is under way; what was decided in its conflicts is not committed yet.
    """
    listed = sorted(paths)
    return GitError(
        f"{len(listed)} file(s) that the move must change hold uncommitted changes; nothing was changed",
        ("finish the merge (git commit)" if merging else "commit or stash them (git stash)")
        + ", then run the same command again",
        listed,
    )


def check_on_disk(left_out: Collection[str]) -> None:
    """Make sure that a sparse checkout leaves out nothing of the move.

    :param left_out: the files that it leaves out.
    :raises GitError: if there are any.
    """
    if left_out:
        raise GitError(
            f"{len(left_out)} file(s) that the move must see are left out of this sparse checkout; nothing was changed",
            "check them out (git sparse-checkout add DIRECTORY, or git sparse-checkout disable), then run again",
            sorted(left_out),
        )

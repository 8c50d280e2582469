"""A move whose record is not at hand, told again from its commits: in a fresh clone, on a colleague's branch.

The tool works out once more what it had made of the commits from before the move. Where files are as it
makes them, they are its own; what differs has been done by hand since, or by a merge, and is taken as that.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, replace

from migration.cli.session import Session
from migration.core.changes import ChangeSet
from migration.core.errors import GitError, MigrationError
from migration.core.names import path_under
from migration.core.phase import TREE_PHASES
from migration.repo.apply import Workspace
from migration.repo.before_move import bases, has_moved, learnt_renames
from migration.repo.git.entries import SUBMODULE, IndexEntry
from migration.repo.ledger import Done, Ledger, Origin, Written
from migration.repo.master_changes import files_in
from migration.repo.tree.source_roots import find_roots
from migration.repo.tree.tool_settings import settings_of
from migration.repo.tree.tree import Tree

_TRIED = 3  # of the commits of master that were merged into the move

WorkOut = Callable[[Session], Iterable[tuple[str, ChangeSet]]]


@dataclass(frozen=True)
class Recalled:
    """What was done, as if it had been noted.

    :param ledger: that of the move as it was made from ``ledger.base``.
    :param blobs: the contents that it names.
    """

    ledger: Ledger
    blobs: Mapping[str, bytes]


def recall(session: Session, work_out: WorkOut) -> Recalled | None:
    """The record of a move that is there although no record of it is.

    Nothing is changed or saved.

    :param work_out: gives what each phase makes of the tree before the move.
    :returns: None where there is a record, or nothing has moved.
    :raises MigrationError: if it can't be worked out.
    """
    workspace = session.workspace
    if workspace.ledger.phases or workspace.ledger.origins:
        return None
    renames = _renames(session)
    if not has_moved(renames, workspace.listing):
        return None
    found: list[tuple[float, Recalled]] = []
    failed: list[MigrationError] = []
    for base in bases(session.git, renames)[:_TRIED]:
        try:
            recalled = _from(session, base, work_out)
        except MigrationError as error:
            failed.append(error)
            continue
        found.append((_likeness(workspace, recalled.ledger), recalled))
        if found[-1][0] == 1:
            break
    if not found and failed:
        raise failed[0]
    if not found:
        _refuse_shallow(session)
        return None
    return max(found, key=lambda pair: pair[0])[1]


def _renames(session: Session) -> Mapping[str, str]:
    """Where files went in the move, as far as that can be told without a scan; empty where nothing has."""
    from migration.phases.scan_moves import names_said

    listing = session.workspace.listing
    if (plan := session.plan_at_hand()) is not None:
        return plan.file_moves
    tree = Tree(session.git.root, {path: entry.mode for path, entry in listing.items() if entry.mode != SUBMODULE})
    names = names_said(session.options, session.plan_path, settings_of(tree))
    source, target = (name.replace(".", "/") for name in names)
    if not source or not any(f"{target}/" in path or path.endswith(f"{target}.py") for path in listing):
        return {}
    places = [path_under(root, place) for root in find_roots(tree) for place in (source, f"{source}.py")]
    found = learnt_renames(session.git, places, listing)
    if not found and not any(place in tree or place in tree.directories for place in places):
        _refuse_shallow(session)
    return found


def _refuse_shallow(session: Session) -> None:
    """Say so where the commits from before the move are not here.

    :raises GitError: in a shallow clone.
    """
    if session.git.is_shallow():
        raise GitError(
            f"{session.options.product} has moved here, and the history of this clone does not go back to before that",
            "fetch the rest of it (git fetch --unshallow), then run the same command again",
        )


def _from(session: Session, base: tuple[str, ...], work_out: WorkOut) -> Recalled:
    """What the move was, if it was made from some commits: the phases are worked out on their files."""
    files = files_in(session.git, base)
    if files is None:
        raise GitError(f"what was moved can't be told from {' and '.join(base)}", "fetch these commits")
    workspace = session.workspace
    supposed, blobs = _supposed(workspace, base, files)
    under = workspace.stack.below
    with workspace.supposing(supposed, blobs):
        made, more = _ledger(workspace, work_out(session))
    named = {**blobs, **more}
    return Recalled(replace(made, base=base, under=under), {oid: named[oid] for oid in made.blobs})


def _supposed(
    workspace: Workspace, base: tuple[str, ...], files: Mapping[str, IndexEntry]
) -> tuple[Ledger, dict[str, bytes]]:
    """A ledger by which all that differs from some commits is the work of one phase, and the contents it names."""
    git, listing = workspace.git, workspace.listing
    tracked = {path: entry for path, entry in listing.items() if entry.mode != SUBMODULE}
    files = {path: entry for path, entry in files.items() if entry.mode != SUBMODULE}
    dirty = {*git.uncommitted(), *workspace.checkout.gone}
    differing = [path for path in sorted({*files, *tracked}) if files.get(path) != tracked.get(path) or path in dirty]
    before = git.all_checked_out({path: files[path] for path in differing if path in files})
    origins, writes, removes, blobs = {}, {}, [], dict[str, bytes]()
    for path in differing:
        if path in before:
            oid = git.oid_of(before[path])
            origins[path], blobs[oid] = Origin(oid, files[path].mode, files[path].oid), before[path]
        if found := workspace.checkout.read(path):
            oid = git.oid_of(found[0])
            writes[path], blobs[oid] = Written(oid, oid, "" if path in before else found[1]), found[0]
        elif path in before:
            removes.append(path)
    done = Done(removes=tuple(removes), writes=writes)
    return Ledger(origins, {"move_files": done}, base=base).remembering(), blobs


def _ledger(workspace: Workspace, steps: Iterable[tuple[str, ChangeSet]]) -> tuple[Ledger, dict[str, bytes]]:
    """The ledger of phases that have been worked out, and the contents that it names."""
    git, supposed, listing = workspace.git, workspace.ledger, workspace.listing
    blobs, origins, phases = dict[str, bytes](), dict[str, Origin](), dict.fromkeys(TREE_PHASES, Done())
    before = {path: path for path in workspace.baseline()}  # where a file is -> where it was before the move
    for phase, changes in steps:
        moved = {rename.target: before.pop(rename.source) for rename in changes.renames}
        touched = [*moved.values(), *(before.pop(path) for path in changes.removes)]
        before |= moved
        writes = {}
        for write in changes.writes:
            oid = git.oid_of(write.data)
            blobs[oid] = write.data
            writes[write.path] = Written(oid, oid, write.mode if write.create else "")
            if not write.create and write.path in before:
                touched.append(before[write.path])
        for path in touched:
            if path not in origins and (path in supposed.origins or path in listing):
                origins[path] = supposed.origins.get(path) or _origin(workspace, path, blobs)
        phases[phase] = Done({rename.source: rename.target for rename in changes.renames}, changes.removes, writes)
    return Ledger(origins, phases), blobs


def _origin(workspace: Workspace, path: str, blobs: dict[str, bytes]) -> Origin:
    """A file that is as it was before the move."""
    found, entry = workspace.checkout.read(path), workspace.listing[path]
    raw = found[0] if found else b""
    oid = workspace.git.oid_of(raw)
    blobs[oid] = raw
    return Origin(oid, entry.mode, entry.oid)


def _likeness(workspace: Workspace, ledger: Ledger) -> float:
    """How much of what a ledger says is so on disk, from 0 to 1."""
    states = ledger.states(None)
    same = 0
    for path, state in states.items():
        found = workspace.checkout.on_disk(path)
        same += (found and found[0]) == (state and state.oid)
    return same / (len(states) or 1)

"""A move whose record is not at hand, told again from its commits: in a fresh clone, on a colleague's branch.

The tool works out once more what it had made of the commits from before the move. Where files are as it
makes them, they are its own; what differs has been done by hand since, or by a merge, and is taken as that.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, replace
from typing import Any

from migration.cli.session import Session
from migration.core.changes import ChangeSet
from migration.core.errors import GitError, MigrationError
from migration.core.names import is_under, path_under
from migration.core.phase import TREE_PHASES, PhaseResult
from migration.plan import edited, in_commits
from migration.plan.plan import Plan
from migration.repo import corrections
from migration.repo.apply import Workspace
from migration.repo.before_move import has_moved, last_message, learnt_renames, stages
from migration.repo.disk.atomic_write import write_atomically
from migration.repo.git.entries import SUBMODULE, IndexEntry
from migration.repo.ledger import Done, Ledger, Noted, Origin, Written
from migration.repo.master_changes import files_in
from migration.repo.tree.source_roots import find_roots
from migration.repo.tree.tool_settings import settings_of
from migration.repo.tree.tree import Tree

_TRIED = 3  # of the commits of master that were merged into the move

Steps = Iterable[tuple[str, PhaseResult, Tree]]
Said = Mapping[str, Any] | None
WorkOut = Callable[[Session, Said], tuple[Plan, Steps]]


@dataclass(frozen=True)
class Recalled:
    """What was done, as if it had been noted.

    :param ledger: that of the move as it was made from ``ledger.base``.
    :param blobs: the contents that it names.
    :param scanned: the plan as a scan found it then.
    :param said: what the commits tell of the plan, where there is no other.
    """

    ledger: Ledger
    blobs: Mapping[str, bytes]
    scanned: Plan
    said: Said


def recall(session: Session, work_out: WorkOut) -> Recalled | None:
    """The record of a move that is there although no record of it is.

    Nothing is changed or saved.

    :param work_out: gives the plan that a scan finds, and what each phase makes of the tree that it finds.
    :returns: None where there is a record, or nothing has moved.
    :raises MigrationError: if it can't be worked out.
    """
    workspace = session.workspace
    if workspace.ledger.phases or workspace.ledger.origins:
        return None
    renames, said = _renames(session)
    if not has_moved(renames, workspace.listing):
        return None
    if said is not None:
        session.options = replace(session.options, source=said["source"], target=said["target"])
    found: list[tuple[int, Recalled]] = []
    failed: list[MigrationError] = []
    for stage in stages(session.git, renames)[:_TRIED]:
        try:
            recalled = _from(session, stage.base, work_out, said)
        except MigrationError as error:
            failed.append(error)
            continue
        found.append((_unlike(workspace, recalled.ledger, stage.tip), recalled))
        if not found[-1][0]:
            break
    if not found and failed:
        raise failed[0]
    if not found:
        _refuse_shallow(session)
        return None
    return min(found, key=lambda pair: pair[0])[1]  # of several the newest


def note_plan(session: Session, recalled: Recalled) -> None:
    """Write what lies beside a repo in which the move was made: what a scan found then, and the plan if it was edited.

    What has come since is new to the next scan. What is there already stays.
    """
    said, seen = recalled.said, edited.seen_path(session.plan_path)
    if said is not None and in_commits.is_edited(said):
        text = in_commits.text(said, recalled.scanned, recalled.scanned)
        write_atomically(session.plan_path, text.encode())
    if not seen.exists():
        write_atomically(seen, edited.seen_text(recalled.scanned).encode())


def _renames(session: Session) -> tuple[Mapping[str, str], Said]:
    """Where files went in the move, as far as that can be told without a scan; empty where nothing has.

    :returns: that, and what the commits tell of the plan where there is none.
    """
    from migration.phases.scan_moves import names_said

    listing = session.workspace.listing
    if (plan := session.plan_at_hand()) is not None:
        return plan.file_moves, None
    tree = Tree(session.git.root, {path: entry.mode for path, entry in listing.items() if entry.mode != SUBMODULE})
    names = names_said(session.options, session.plan_path, settings_of(tree))
    if names[0] and not _is_there(names[1], tree):
        return {}, None  # as before every first run: nothing has to be asked of history
    said = None if session.plan_path.exists() else _told(session, tree, *names)
    if said is not None:
        names = said["source"], said["target"]
    source, target = (name.replace(".", "/") for name in names)
    if not source or not _is_there(target, tree):
        return {}, None
    places = [path_under(root, place) for root in find_roots(tree) for place in (source, f"{source}.py")]
    found = learnt_renames(session.git, places, listing)
    if not found and not any(place in tree or place in tree.directories for place in places):
        _refuse_shallow(session)
    return found, said


def _told(session: Session, tree: Tree, source: str, target: str) -> Said:
    """What the last commit that the tool has made of this move tells of the plan.

    :param source: what else says it; empty where nothing does. Then a package of the product's name may still be
        there to be found by that, and has not moved.
    """
    product, goal = session.options.product, target.replace(".", "/")
    named = {"/".join(path.split("/")[:2]) for path in tree if path.split("/")[1:2] in ([product], [f"{product}.py"])}
    if not source and any(not is_under(goal, place) for place in named):
        return None
    said = in_commits.told(last_message(session.git, in_commits.beginning(product)), product)
    wanted = session.options.target
    fits = said is not None and source in ("", said["source"]) and wanted in ("", said["target"])
    return said if fits else None


def _is_there(name: str, tree: Tree) -> bool:
    """Whether there are files of a package or module, wherever its root is."""
    place = "/" + name.replace(".", "/")
    return any(f"{place}/" in f"/{path}" or f"/{path}".endswith(f"{place}.py") for path in tree)


def _refuse_shallow(session: Session) -> None:
    """Say so where the commits from before the move are not here.

    :raises GitError: in a shallow clone.
    """
    if session.git.is_shallow():
        raise GitError(
            f"{session.options.product} has moved here, and the history of this clone does not go back to before that",
            "fetch the rest of it (git fetch --unshallow), then run the same command again",
        )


def _from(session: Session, base: tuple[str, ...], work_out: WorkOut, said: Said) -> Recalled:
    """What the move was, if it was made from some commits: the phases are worked out on their files."""
    files = files_in(session.git, base)
    if files is None:
        raise GitError(f"what was moved can't be told from {' and '.join(base)}", "fetch these commits")
    workspace = session.workspace
    supposed, blobs = _supposed(workspace, base, files)
    under = workspace.stack.below
    with workspace.supposing(supposed, blobs):
        scanned, steps = work_out(session, said)
        made, more = _ledger(workspace, steps)
    named = {**blobs, **more}
    return Recalled(replace(made, base=base, under=under), {oid: named[oid] for oid in made.blobs}, scanned, said)


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


def _ledger(workspace: Workspace, steps: Steps) -> tuple[Ledger, dict[str, bytes]]:
    """The ledger of phases that have been worked out, and the contents that it names."""
    git, supposed, listing = workspace.git, workspace.ledger, workspace.listing
    blobs, origins, phases = dict[str, bytes](), dict[str, Origin](), dict.fromkeys(TREE_PHASES, Done())
    before = {path: path for path in workspace.baseline()}  # where a file is -> where it was before the move
    noted: dict[str, dict[str, Noted]] = {}
    for phase, result, tree in steps:
        changes = result.changes
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
        if left := corrections.left_by(result.findings):
            noted[phase] = _noted(workspace, left, changes, tree, blobs)
        phases[phase] = Done({rename.source: rename.target for rename in changes.renames}, changes.removes, writes)
    return Ledger(origins, phases, noted=noted), blobs


def _noted(
    workspace: Workspace, left: Mapping[str, set[int]], changes: ChangeSet, tree: Tree, blobs: dict[str, bytes]
) -> dict[str, Noted]:
    """The lines that a phase has left for a person; the contents that are needed for that are added to ``blobs``.

    :param tree: as the phase found it.
    """
    after = {write.path: write.data for write in changes.writes}
    texts = {path: (tree.read(path), after.get(path) or tree.read(path)) for path in left if path in tree}
    oids = {path: workspace.git.oid_of(text) for path, (_, text) in texts.items()}
    blobs |= {oids[path]: text for path, (_, text) in texts.items()}
    return corrections.noted({path: left[path] for path in texts}, texts, oids)


def _origin(workspace: Workspace, path: str, blobs: dict[str, bytes]) -> Origin:
    """A file that is as it was before the move."""
    found, entry = workspace.checkout.read(path), workspace.listing[path]
    raw = found[0] if found else b""
    oid = workspace.git.oid_of(raw)
    blobs[oid] = raw
    return Origin(oid, entry.mode, entry.oid)


def _unlike(workspace: Workspace, ledger: Ledger, tip: str) -> int:
    """How many files are not as a ledger says: a merge that no run has followed adds to those edited by hand.

    :param tip: the commit to look at; ``""`` for what is on disk.
    """
    states = ledger.states(None)
    if not tip:
        there = {path: workspace.checkout.on_disk(path) for path in states}
        return sum((there[path] or ("",))[0] != (state.oid if state else "") for path, state in states.items())
    files = workspace.git.files_of(tip) or {}
    committed = {path: files[path] for path in states if path in files}
    raw = workspace.git.all_checked_out(committed)
    oids = {path: workspace.git.oid_of(data) for path, data in raw.items()}
    return sum(oids.get(path, "") != (state.oid if state else "") for path, state in states.items())

"""Doing: the only place that changes files of the repo, keeps the ledger, and undoes.

A phase hands over a :class:`~migration.changes.ChangeSet`. What the tree must then look like is
worked out from the ledger (the files before, and what each phase up to this one did); the disk
and the index are brought there. Nothing depends on where they stood, so that doing it again after
a death anywhere gives the same.
"""

from __future__ import annotations

import hashlib
import os
import re
import tempfile
from collections.abc import Iterable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, replace
from functools import cached_property
from pathlib import Path

from migration import ledger as ledgers
from migration.changes import ChangeSet
from migration.errors import GitError, PhaseError
from migration.files import check_inside, remove_empty, write_atomically
from migration.git import SUBMODULE, SYMLINK, Git, IndexEntry
from migration.ledger import Done, Ledger, Origin, Written
from migration.names import is_package_file
from migration.project import Tree

TREE_PHASES = ("prepare_structure", "move_files", "update_imports", "prepare_models", "generate_migrations")


@dataclass(frozen=True, slots=True)
class State:
    """A path in one state of the tree: blob id and mode, and the path of the file before the move."""

    oid: str
    mode: str
    origin: str | None


class Workspace:
    """The repo on disk, together with the ledger of one product."""

    def __init__(self, git: Git, product: str) -> None:
        self.git = git
        self.product = product
        self.ref = f"refs/worktree/phased-migration/{product}"

    @cached_property
    def path(self) -> Path:
        """Where the ledger is."""
        where = hashlib.sha256(self.git.prefix.encode()).hexdigest()[:8] if self.git.prefix else ""
        return self.git.directory / "phased-migration" / where / self.product / "ledger.json"

    @cached_property
    def ledger(self) -> Ledger:
        """What was done so far."""
        return ledgers.load(self.path)

    @cached_property
    def listing(self) -> dict[str, IndexEntry]:
        """The index as it stands."""
        return self.git.listing()

    def on_disk(self, path: str) -> tuple[str, str] | None:
        """(blob id, mode) of what is on disk, or None where there is no file or link."""
        full = self.git.root / path
        try:
            if full.is_symlink():
                return self.git.oid_of(os.fsencode(os.readlink(full))), SYMLINK
            mode = "100755" if os.access(full, os.X_OK) else "100644"
            return self.git.oid_of(full.read_bytes()), mode
        except (FileNotFoundError, NotADirectoryError, IsADirectoryError):
            return None

    # ---- the trees before, between and after the phases

    def states(self, phase: str | None) -> dict[str, State | None]:
        """Every touched path as it is before ``phase`` (after all phases for None)."""
        states: dict[str, State | None] = dict.fromkeys(sorted(self.ledger.touched))
        for path, origin in self.ledger.origins.items():
            states[path] = State(origin.oid, origin.mode, path)
        for done in self.ledger.until(phase, TREE_PHASES):
            _play(states, done)
        return states

    def tree(self, phase: str | None) -> Tree:
        """The tracked files before ``phase`` (after all phases for None)."""
        states = self.states(phase)
        modes = {path: entry.mode for path, entry in self.listing.items() if entry.mode != SUBMODULE}
        for path, state in states.items():
            modes.pop(path, None)
            if state:
                modes[path] = state.mode
        elsewhere = {}
        for path, state in states.items():
            found = self.on_disk(path)
            if state and (found is None or found[0] != state.oid):
                elsewhere[path] = state.oid
        blobs = self.git.read(elsewhere.values())
        gone = [path for path in modes if path not in states and not os.path.lexists(self.git.root / path)]
        for path in gone:  # deleted by hand and not yet told to git: not ours to bring back
            del modes[path]
        return Tree(self.git.root, modes, {path: blobs[oid] for path, oid in elsewhere.items()})

    def baseline(self) -> Tree:
        """The tracked files before the move."""
        return self.tree(TREE_PHASES[0])

    @contextmanager
    def copy_of_baseline(self) -> Iterator[Path]:
        """A temporary directory that holds the tracked files as they were before the move."""
        tree = self.baseline()
        with tempfile.TemporaryDirectory(prefix="phased-migration-") as directory:
            for path, mode in tree.modes.items():
                target = Path(directory, path)
                target.parent.mkdir(parents=True, exist_ok=True)
                if mode == SYMLINK:
                    target.symlink_to(os.fsdecode(tree.read(path)))
                else:
                    target.write_bytes(tree.read(path))
                    target.chmod(0o755 if mode == "100755" else 0o644)
            yield Path(directory)

    # ---- what people did in between

    def absorb(self) -> list[str]:
        """Carry edits that people made to files of ours back to where everything starts from.

        A file that was moved and rewritten and then edited is taken apart by a three-way merge
        (git's own, word by word): the file before the move with the same edit. From there every
        phase does its work again. Nothing on disk changes here.

        :returns: the paths that were edited.
        :raises PhaseError: where an edit fights with a rewrite, naming file and lines.
        """
        final, edited, blobs = self.states(None), [], {}
        origins, conflicts = dict(self.ledger.origins), []
        phases = dict(self.ledger.phases)
        for path in sorted(final):
            found = self.on_disk(path)
            if found is None or found[0] in self.ledger.ours:
                continue
            state = final[path]
            theirs = (self.git.root / path).read_bytes() if found[1] != SYMLINK else b""
            if state is None or found[1] == SYMLINK:
                continue  # a new file where one of ours was: whoever writes there will refuse
            edited.append(path)
            blobs[found[0]] = theirs
            if state.origin is None:
                for name, done in phases.items():
                    if path in done.writes:
                        phases[name] = replace(
                            done, writes={**done.writes, path: replace(done.writes[path], oid=found[0])}
                        )
                continue
            old = self.git.read([state.oid, origins[state.origin].oid])
            merged, lines = self.merge(theirs, old[state.oid], old[origins[state.origin].oid])
            if lines:
                conflicts.append(f"{path}: lines {', '.join(map(str, lines))}")
                continue
            oid = self.git.oid_of(merged)
            blobs[oid] = merged
            origins[state.origin] = replace(origins[state.origin], oid=oid)
        if conflicts:
            raise PhaseError(
                "edits by hand fight with what was rewritten there; nothing was changed",
                "undo the edit on these lines (git diff shows it), run again, and edit then",
                conflicts,
            )
        if edited:
            self._save(replace(self.ledger, origins=origins, phases=phases), blobs)
        return edited

    def merge(self, mine: bytes, base: bytes, theirs: bytes) -> tuple[bytes, list[int]]:
        """A three-way merge, word by word: (result, lines of ``mine`` that are in conflict)."""
        if mine == base:
            return theirs, []
        merged, clean = self.git.merge_file(*(_words_to_lines(data) for data in (mine, base, theirs)))
        if clean:
            return _lines_to_words(merged), []
        before = merged.split(b"<<<<<<< ", 1)[0]
        return b"", [_lines_to_words(before).count(b"\n") + 1]

    # ---- doing

    def apply(self, phase: str, changes: ChangeSet, *, partial: bool = False) -> None:
        """Bring the disk and the index to where ``changes`` leave the tree after ``phase``.

        :param partial: only some files are done again: what this phase did to others stays, and so
            does what later phases did, except to the files that are written now.
        :raises GitError: if a file has uncommitted changes, a target exists, or git refuses;
            nothing has been changed then.
        """
        blobs: dict[str, bytes] = {}
        origins = dict(self.ledger.origins)
        self._take_in(phase, changes, origins, blobs)
        writes = {}
        previous = self.ledger.phases.get(phase) or self.ledger.undone.get(phase) or Done()
        for write in changes.writes:
            data = self._with_edits(previous.writes.get(write.path), write.data, write.path)
            oid, made = self.git.oid_of(data), self.git.oid_of(write.data)
            blobs |= {oid: data, made: write.data}
            writes[write.path] = Written(oid, made, write.mode if write.create else "")
        done = Done({r.source: r.target for r in changes.renames}, changes.removes, writes)
        position = TREE_PHASES.index(phase)
        phases = {name: self.ledger.phases[name] for name in TREE_PHASES[:position] if name in self.ledger.phases}
        later = {name: self.ledger.phases[name] for name in TREE_PHASES[position + 1 :] if name in self.ledger.phases}
        phases[phase] = done
        undone = {**self.ledger.undone, **later}
        if partial:
            phases[phase] = replace(done, writes={**previous.writes, **writes})
            phases |= {
                name: replace(item, writes={p: w for p, w in item.writes.items() if p not in writes})
                for name, item in later.items()
            }
            undone = dict(self.ledger.undone)
        undone.pop(phase, None)
        places = {
            path: tuple(dict.fromkeys([*self.ledger.places.get(path, ()), target]))
            for path, target in done.renames.items()
        }
        ledger = replace(
            self.ledger,
            origins=origins,
            phases=phases,
            undone=undone,
            places={**self.ledger.places, **places},
        )
        self._save(ledger, blobs)
        self.settle()

    def settle(self, phase: str | None = None) -> None:
        """Bring disk and index to the state before ``phase`` (for None: after all that is in the ledger)."""
        self._realise(self.states(phase))

    def _take_in(
        self, phase: str, changes: ChangeSet, origins: dict[str, Origin], blobs: dict[str, bytes]
    ) -> None:
        """Refuse what must not be touched; note how the files were that we touch for the first time."""
        states = self.states(phase)
        problems, dirty = [], self.git.uncommitted()
        created = {write.path for write in changes.writes if write.create}
        removed = {*changes.removes, *(rename.source for rename in changes.renames)}
        targets = {rename.target: rename.source for rename in changes.renames}
        for path in dict.fromkeys([*removed, *(write.path for write in changes.writes)]):
            new = path not in removed and (path in created or path in targets)
            if new or states.get(path):
                continue
            found = self.on_disk(path)
            entry = self.listing.get(path)
            if path in dirty or found is None or entry is None:
                problems.append(path)
                continue
            origins[path] = Origin(found[0], entry.mode, entry.oid)
            blobs[found[0]] = Tree(self.git.root, {path: entry.mode}).read(path)
        if problems:
            raise uncommitted_error(problems)
        for path in sorted({*created, *targets}):
            check_inside(self.git.root, path)
            found = self.on_disk(path)
            if found and found[0] not in self.ledger.ours and path not in removed and path not in self.ledger.touched:
                who = targets.get(path, f"what {phase} makes")
                problems.append(f"{path} exists already; {who} would overwrite it")
            elif (self.git.root / path).is_dir() and not (self.git.root / path).is_symlink():
                problems.append(f"{path} is a directory; {targets.get(path, phase)} would be written there")
        if problems:
            raise GitError(
                f"{phase}: {len(problems)} target(s) exist already; nothing was changed",
                "move them away, or give the file another target in moves.yml",
                problems,
            )

    def _with_edits(self, previous: Written | None, data: bytes, path: str) -> bytes:
        """New content of a file that a person edited after the phase had made it: both kept."""
        if previous is None or previous.oid == previous.made:
            return data
        old = self.git.read([previous.oid, previous.made])
        merged, lines = self.merge(old[previous.oid], old[previous.made], data)
        if lines:
            raise PhaseError(
                f"{path}: an edit by hand on line {lines[0]} fights with what the phase now writes there",
                "undo the edit on that line, run again, and edit then; nothing was changed",
            )
        return merged

    def _save(self, ledger: Ledger, blobs: Mapping[str, bytes]) -> None:
        """Blobs first, then the ref that keeps them, then the ledger: each is safe without the next."""
        new = {oid: data for oid, data in blobs.items() if oid not in self.ledger.ours}
        self.git.store(new)
        ledger = replace(ledger, ours=ledger.ours | set(blobs))
        self.git.keep(self.ref, ledger.blobs | self.ledger.blobs)
        ledgers.save(self.path, ledger)
        self.__dict__["ledger"] = ledger

    def _realise(self, states: Mapping[str, State | None]) -> None:
        wrong: dict[str, tuple[State | None, str | None]] = {}
        for path, state in states.items():
            found = self.on_disk(path)
            if found and found[0] not in self.ledger.ours:
                if state is None:
                    continue  # somebody else's new file at a place that is free again
                raise PhaseError(f"{path} changed while we were at work", "run the same command again")
            if (found and found[0]) != (state and state.oid):
                wrong[path] = (state, found[0] if found else None)
        self._rename(wrong)
        left = {path: state for path, (state, oid) in wrong.items() if state and state.oid != oid}
        blobs = self.git.read(state.oid for state in left.values())
        for path, state in left.items():
            self._write(path, state, blobs[state.oid])
        for path, (state, found_oid) in wrong.items():
            if state is None and found_oid is not None:
                (self.git.root / path).unlink(missing_ok=True)
        for path, (state, _) in wrong.items():
            if state is None:
                remove_empty(self.git.root, (self.git.root / path).parent)
        self._realise_index(states)

    def _rename(self, wrong: dict[str, tuple[State | None, str | None]]) -> None:
        """Do by renaming what can be done by renaming: mode, times and content stay as they are."""
        leaving = {path: oid for path, (state, oid) in wrong.items() if oid and (state is None or state.oid != oid)}
        pending = [(path, state) for path, (state, _) in wrong.items() if state and state.origin]
        progress = True
        while pending and progress:
            progress = False
            for path, state in list(pending):
                source = next((p for p in self._places(state.origin) if leaving.get(p) == state.oid), None)
                if source is None or os.path.lexists(self.git.root / path):
                    continue
                check_inside(self.git.root, path)
                (self.git.root / path).parent.mkdir(parents=True, exist_ok=True)
                (self.git.root / source).rename(self.git.root / path)
                del leaving[source]
                wrong[source] = (wrong[source][0], None)
                wrong[path] = (state, state.oid)
                pending.remove((path, state))
                progress = True

    def _places(self, origin: str | None) -> tuple[str, ...]:
        return () if origin is None else (origin, *self.ledger.places.get(origin, ()))

    def _write(self, path: str, state: State, data: bytes) -> None:
        check_inside(self.git.root, path)
        full = self.git.root / path
        if state.mode == SYMLINK:
            full.parent.mkdir(parents=True, exist_ok=True)
            full.unlink(missing_ok=True)
            full.symlink_to(os.fsdecode(data))
            return
        mode = None if full.exists() else (0o777 if state.mode == "100755" else 0o666) & ~_umask()
        write_atomically(full, data, mode)

    def _realise_index(self, states: Mapping[str, State | None]) -> None:
        index = dict(self.listing)
        by_origin = {state.origin: (path, state) for path, state in states.items() if state and state.origin}
        pending = dict(by_origin)
        while pending:  # a target that is still taken waits until its own file has left
            free = [o for o, (path, _) in pending.items() if path == o or path not in pending] or list(pending)
            for origin in free:
                path, _ = pending.pop(origin)
                at = next((p for p in (path, *self._places(origin)) if p in index), None)
                if at is not None and at != path:
                    index[path] = index.pop(at)
        for path, state in states.items():
            entry = index.get(path)
            if state is None:
                index.pop(path, None)
            elif state.origin is None:
                if entry is None or entry.oid in self.ledger.ours:
                    index[path] = IndexEntry(state.mode, state.oid)
            elif entry is None:
                index[path] = IndexEntry(state.mode, self.ledger.origins[state.origin].index)
        wanted = {path: index.get(path) for path in {*states, *index} if index.get(path) != self.listing.get(path)}
        self.git.update_index(wanted)
        self.__dict__.pop("listing", None)

    # ---- undoing

    def undo(self, phase: str, *, dryrun: bool = False) -> int:
        """Take back what ``phase`` and the phases after it did to the tree.

        :returns: the number of files that are (or would be) given back or removed.
        """
        position = TREE_PHASES.index(phase)
        before, after = self.states(phase), self.states(None)
        count = sum(before[path] != after[path] for path in after)
        if count and not dryrun:
            self.absorb()
            gone = {name: self.ledger.phases[name] for name in TREE_PHASES[position:] if name in self.ledger.phases}
            kept = {name: done for name, done in self.ledger.phases.items() if name not in gone}
            self._save(replace(self.ledger, phases=kept, undone={**self.ledger.undone, **gone}), {})
            self.settle()
        return count

    def reset(self) -> tuple[int, int]:
        """Give every file we touched back as it was, on disk and in the index; forget the ledger.

        :returns: how many files were given back, and how many of ours were removed.
        :raises PhaseError: if a person edited one of them since; nothing has been changed then.
        """
        final, edited = self.states(None), []
        for path, state in final.items():
            found = self.on_disk(path)
            if found and state and found[0] not in self.ledger.ours:
                edited.append(path)
        if edited:
            raise PhaseError(
                f"{len(edited)} file(s) were edited since we wrote them; nothing was reset",
                "commit or stash what you want to keep, or put the files back (git checkout -- PATH), then reset again",
                edited,
            )
        start = self.states(TREE_PHASES[0])
        self._realise(start)
        back = {
            path: IndexEntry(origin.mode, origin.index)
            for path, origin in self.ledger.origins.items()
            if (entry := self.listing.get(path)) and entry.oid != origin.index and entry.oid in self.ledger.ours
        }
        self.git.update_index(back)
        counts = len(self.ledger.origins), sum(state is None for state in start.values())
        self.git.keep(self.ref, ())
        self.path.unlink(missing_ok=True)
        remove_empty(self.git.directory, self.path.parent)
        self.__dict__.pop("ledger", None)
        self.__dict__.pop("listing", None)
        return counts

    # ---- telling whether anything changed

    def digest(self, directory: str | None = None) -> str:
        """A digest of the tree before the move, with what people have changed since.

        The same before and after our own phases; different as soon as a file that is not as we
        left it (or as it was) is added, edited or removed.
        """
        ours, lines = self.ledger.ours, []
        states, start = self.states(None), self.states(TREE_PHASES[0])
        dirty = self.git.uncommitted()
        for path, entry in self.listing.items():
            if path in states:
                continue
            found = self.on_disk(path) if path in dirty else (entry.oid, entry.mode)
            lines.append(f"{path}\0{found}")
        for path, state in start.items():
            if state:
                lines.append(f"{path}\0{(state.oid, state.mode)}")
        for path in states:
            found = self.on_disk(path)
            if found and found[0] not in ours:
                lines.append(f"{path}\0{found}\0edited")
        return hashlib.sha256("\n".join(sorted(lines)).encode(errors="surrogateescape")).hexdigest()

    def differing(self, phase: str) -> list[str]:
        """The paths that are not as the phases left them, among those that ``phase`` wrote or moved."""
        done = self.ledger.phases.get(phase)
        if done is None:
            return []
        final = self.states(None)
        mine = {*done.renames, *done.renames.values(), *done.removes, *done.writes}
        bad = []
        for path in sorted(mine):
            found, state = self.on_disk(path), final[path]
            if (found and found[0]) != (state and state.oid):
                bad.append(path)
        return bad


def uncommitted_error(paths: Iterable[str]) -> GitError:
    """The refusal to touch files that a person is working on."""
    listed = sorted(paths)
    return GitError(
        f"{len(listed)} file(s) that the move must change hold uncommitted changes; nothing was changed",
        "commit or stash them (git stash), then run the same command again",
        listed,
    )


def _play(states: dict[str, State | None], done: Done) -> None:
    moved = {old: states[old] for old in done.renames}
    for path in (*done.renames, *done.removes):
        states[path] = None
    for old, new in done.renames.items():
        states[new] = moved[old]
    for path, written in done.writes.items():
        before = states.get(path)
        if written.mode or before is None:
            states[path] = State(written.oid, written.mode or "100644", None)
        else:
            states[path] = replace(before, oid=written.oid)


def merges(path: str, old: bytes, new: bytes) -> bool:
    """Whether a moved file and the one at its target become one without loss.

    They are identical, or one is an empty ``__init__.py``.
    """
    return old == new or (is_package_file(path) and (not old.strip() or not new.strip()))


def _words_to_lines(data: bytes) -> bytes:
    words = re.findall(rb"\w+|[^\w]", data)
    return b"".join(word.replace(b"\\", b"\\\\").replace(b"\n", b"\\n") + b"\n" for word in words)


def _lines_to_words(data: bytes) -> bytes:
    return b"".join(
        b"\n" if line == b"\\n" else b"\\" if line == b"\\\\" else line for line in data.split(b"\n")[:-1]
    )


def _umask() -> int:
    mask = os.umask(0)
    os.umask(mask)
    return mask

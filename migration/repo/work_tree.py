"""The repo on disk: what is there, and bringing files and index to a given state.

Renames are done as renames, contents come from git's object store, and whatever is not known to
the ledger is left alone. It may be stopped anywhere and done again.
"""

from __future__ import annotations

import os
import stat
from collections.abc import Collection, Mapping
from functools import cached_property
from pathlib import Path
from types import MappingProxyType

from migration.core.errors import GitError, refused
from migration.repo.disk import uninterrupted
from migration.repo.disk.atomic_write import remove_temporaries, temporary_for, usual_mode, write_all_atomically
from migration.repo.disk.directories import check_inside, missing, remove_empty
from migration.repo.git import index
from migration.repo.git.entries import SYMLINK, IndexEntry
from migration.repo.git.git import Git
from migration.repo.ledger import Ledger, State

# path -> (what it has to be, the blob id of what is there)
Wrong = dict[str, tuple[State | None, str | None]]


class Checkout:
    """The files and the index of a git checkout."""

    def __init__(self, git: Git) -> None:
        self.git = git

    @cached_property
    def listing(self) -> dict[str, IndexEntry]:
        """The index, as it was when the present step began."""
        return self.git.listing()

    @cached_property
    def gone(self) -> list[str]:
        """The tracked files that were not on disk when the present step began."""
        return missing(self.git.root, self.listing)

    def look_again(self) -> None:
        """Forget the index and the disk as they were: a new step begins."""
        for name in ("listing", "gone"):
            self.__dict__.pop(name, None)

    def on_disk(self, path: str) -> tuple[str, str] | None:
        """(blob id, mode) of what is on disk, or None where there is no file or link."""
        found = self.read(path)
        return (self.git.oid_of(found[0]), found[1]) if found else None

    def read(self, path: str) -> tuple[bytes, str] | None:
        """(content, mode) of what is on disk, or None where there is no file or link."""
        full = f"{self.git.root}/{path}"  # joining Paths takes five times as long as asking the disk
        try:
            mode = os.lstat(full).st_mode
            if stat.S_ISLNK(mode):
                return os.fsencode(os.readlink(full)), SYMLINK
            if not stat.S_ISREG(mode):
                return None
            with open(full, "rb") as stream:
                return stream.read(), "100755" if mode & stat.S_IXUSR else "100644"
        except (FileNotFoundError, NotADirectoryError):
            return None

    def realise(
        self,
        ledger: Ledger,
        states: Mapping[str, State | None],
        replaceable: Collection[str] = (),
        at_hand: Mapping[str, bytes] = MappingProxyType({}),
    ) -> None:
        """Bring disk and index to ``states``.

        :param ledger: tells what is ours, and where each file has been.
        :param replaceable: paths whose content may go although it is not ours.
        :param at_hand: blobs that need not be read from git's store.
        :raises GitError: if something that is not ours is in the way; nothing has been changed then.
        :raises PhaseError: if the file system refuses; what was done until then stays done.
        """
        wrong: Wrong = {}
        foreign = []
        for path, state in states.items():
            found = self.on_disk(path)
            if found and path not in replaceable and found[0] not in ledger.known.get(path, ()):
                if state is not None:
                    foreign.append(path)
                continue  # somebody else's new file at a place that is free again
            if (found and found[0]) != (state and state.oid):
                wrong[path] = (state, found[0] if found else None)
        if foreign:
            raise GitError(
                f"{len(foreign)} file(s) that we did not make are in the way; nothing was changed",
                "move them away (or undo your edits there), then run the same command again",
                foreign,
            )
        with uninterrupted.held():
            try:
                _Files(self, ledger, states, wrong).realise(at_hand)
                self._realise_index(ledger, states)
            except OSError as error:
                raise refused(error) from error

    def _realise_index(self, ledger: Ledger, states: Mapping[str, State | None]) -> None:
        """Entries follow their files and keep what is staged; files of our making are staged."""
        self.look_again()
        wanted: dict[str, IndexEntry | None] = {}
        for path, state in states.items():
            entry = self.listing.get(path)
            if state is None:
                if entry and not os.path.lexists(self.git.root / path):
                    wanted[path] = None
            elif state.origin is not None:
                wanted[path] = self._entry(ledger, path, state.origin)
            elif entry is None or path in ledger.shared or entry.oid in ledger.created.get(path, ()):
                wanted[path] = IndexEntry(state.mode, state.oid)
        changed = {path: entry for path, entry in wanted.items() if entry != self.listing.get(path)}
        index.update(self.git, changed)
        self.look_again()
        # git leaves out what it does not want to track (.gitmodules as a link), and says so on stderr only.
        if refused := [path for path, entry in changed.items() if self.listing.get(path) != entry]:
            raise GitError(
                f"git does not track {len(refused)} file(s) under these names",
                "give them other names in moves.yml, then run the same command again",
                refused,
            )

    def _entry(self, ledger: Ledger, path: str, origin: str) -> IndexEntry:
        """The index entry of a file, from wherever in the index it now is."""
        before = ledger.origins[origin]
        for place in (path, *ledger.places_of(origin)):
            entry = self.listing.get(place)
            if entry is None:
                continue
            if place not in ledger.shared or entry.oid in (before.index, *ledger.contents[origin]):
                return entry
        return IndexEntry(before.mode, before.index)


class _Files:
    """One change of the files on disk."""

    def __init__(self, checkout: Checkout, ledger: Ledger, states: Mapping[str, State | None], wrong: Wrong) -> None:
        self.checkout = checkout
        self.ledger = ledger
        self.states = states
        self.wrong = wrong
        self.root = checkout.git.root

    def realise(self, at_hand: Mapping[str, bytes]) -> None:
        """Do it."""
        states, wrong = self.states, self.wrong
        remove_temporaries(self.root, states)
        self._make_way()
        self._rename()
        left = {path: state for path, (state, oid) in wrong.items() if state and state.oid != oid}
        blobs = self.checkout.git.read(state.oid for state in left.values() if state.oid not in at_hand)
        blobs = {**at_hand, **blobs}
        self._write({path: (state, blobs[state.oid]) for path, state in left.items()})
        for path, (wanted, oid) in wrong.items():
            if wanted is None and oid is not None:
                (self.root / path).unlink(missing_ok=True)
        for directory in sorted({path.rpartition("/")[0] for path, state in states.items() if state is None}):
            remove_empty(self.root, self.root / directory)

    def _make_way(self) -> None:
        """Take away files of our making at places where a file from before has to go."""
        wrong = self.wrong
        for path, (state, oid) in wrong.items():
            if not state or not state.origin or oid in self.ledger.contents[state.origin]:
                continue
            if oid in self.ledger.created.get(path, ()):
                (self.root / path).unlink()
                wrong[path] = (state, None)

    def _rename(self) -> None:
        """Do by renaming what can be done by renaming: mode and times stay as they are."""
        wrong = self.wrong
        leaving = {path: oid for path, (state, oid) in wrong.items() if oid and (state is None or state.oid != oid)}
        pending = {path: state for path, (state, oid) in wrong.items() if state and state.origin and oid is None}
        waiting = {
            path: state
            for path, (state, oid) in wrong.items()
            if state and state.origin and oid is not None and path not in self._sources(state, leaving)
        }  # where it has only to be written anew, nothing is renamed
        aside: dict[str, Path] = {}  # files of a circle, the first of which has to wait under another name
        progress = True
        while (pending and progress) or (circle := self._in_circle(waiting, leaving)):
            if not (pending and progress):
                aside[circle] = temporary_for(self.root / circle)
                (self.root / circle).rename(aside[circle])
                wrong[circle] = (waiting[circle], None)
                pending[circle] = waiting.pop(circle)
            progress = False
            for path, state in list(pending.items()):
                source = next(iter(self._sources(state, leaving)), None)
                if source is None or os.path.lexists(self.root / path):
                    continue
                check_inside(self.root, path)
                (self.root / path).parent.mkdir(parents=True, exist_ok=True)
                aside.get(source, self.root / source).rename(self.root / path)
                wrong[path] = (state, leaving.pop(source))
                if aside.pop(source, None) is None:
                    wrong[source] = (wrong[source][0], None)
                del pending[path]
                if source in waiting:  # its place is free now
                    pending[source] = waiting.pop(source)
                progress = True
        for left in aside.values():  # a twin has taken its place; git has its content
            left.unlink()

    def _in_circle(self, waiting: Mapping[str, State], leaving: Mapping[str, str]) -> str:
        """A place whose file has to go where another waits that has to come here, perhaps by way of others."""
        comes = {path: next(iter(self._sources(state, leaving)), None) for path, state in waiting.items()}
        for path in comes:
            place: str | None = comes[path]
            for _ in comes:
                if place == path:
                    return path
                place = comes.get(place) if place else None
        return ""

    def _sources(self, state: State, leaving: Mapping[str, str]) -> list[str]:
        """Where the file now is that belongs in ``state``, best first; its content may have to be written still."""
        assert state.origin is not None
        places = [place for place in self.ledger.places_of(state.origin) if place in leaving]
        same = [place for place in places if leaving[place] == state.oid]
        own = self.ledger.contents.get(state.origin, ())
        surely = [place for place in places if place not in self.ledger.shared or leaving[place] in own]
        return [*same, *surely]

    def _write(self, contents: Mapping[str, tuple[State, bytes]]) -> None:
        files: list[tuple[Path, bytes, int | None]] = []
        checked: set[str] = set()
        for path, (state, data) in contents.items():
            if (directory := path.rpartition("/")[0]) not in checked:
                check_inside(self.root, path)
                checked.add(directory)
            full = self.root / path
            if state.mode == SYMLINK:
                full.parent.mkdir(parents=True, exist_ok=True)
                full.unlink(missing_ok=True)
                full.symlink_to(os.fsdecode(data))
            else:
                taken_over = path in self.ledger.shared  # from a file that may have had another mode
                keeps = full.exists() and not taken_over
                files.append((full, data, None if keeps else usual_mode(state.mode == "100755")))
        write_all_atomically(files)

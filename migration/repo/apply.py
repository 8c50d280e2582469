"""Doing: what changes the repo, keeps the ledger, and undoes.

A phase hands over a :class:`~migration.core.changes.ChangeSet`. What the tree must then look like is
worked out from the ledger (the files before, and what each phase up to this one did); disk and
index are brought there (:mod:`migration.repo.work_tree`). Nothing depends on where they stood, so that
doing it again after a death anywhere gives the same.
"""

from __future__ import annotations

import os
import re
from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import replace
from types import MappingProxyType

from migration.core.beside import beside
from migration.core.changes import ChangeSet
from migration.core.errors import MigrationError, PhaseError, refused
from migration.core.phase import TREE_PHASES
from migration.repo import corrections
from migration.repo import ledger as ledgers
from migration.repo import saved_edits as kept
from migration.repo.disk import uninterrupted
from migration.repo.git import index
from migration.repo.git.entries import IndexEntry
from migration.repo.ledger import Done, Ledger, Noted, State, Written
from migration.repo.merge_edits import Absorbed, absorb, lines_named
from migration.repo.protected_files import lost_edits, refuse_obstacles, take_in
from migration.repo.states import REFS, Trees


class Workspace(Trees):
    """The repo on disk, together with the ledger of one product: what changes it."""

    # ---- other products

    def uncover(self) -> list[str]:
        """Take back the moves that stand on this one, so that it can run again.

        :returns: their products.
        :raises MigrationError: if edits by hand or files of others are in the way.
        """
        found = self.stack.above
        for product in found:
            Workspace(self.git, product).undo(TREE_PHASES[0])
        self.__dict__.pop("stack", None)
        self.checkout.look_again()
        return found

    def _refuse_covered(self) -> None:
        """What other moves stand on can't be taken away from under them."""
        for product in self.stack.above:
            if shared := sorted(self.ledger.touched & self.stack.others[product].touched):
                raise PhaseError(
                    f"{product} stands on {self.product} in {len(shared)} file(s); nothing was changed",
                    f"reset that first: doit product={product} reset (and run it again afterwards)",
                    shared,
                )

    # ---- what people did in between

    def absorb(self) -> Absorbed:
        """Carry what people and merges did to files of ours back to where everything starts from.

        See :mod:`migration.repo.merge_edits`. Nothing on disk changes here.

        :raises PhaseError: where an edit fights with a rewrite, naming file and lines.
        """
        self.checkout.look_again()
        done = self._absorbed()
        if done.ledger != self.ledger:
            with uninterrupted.held():
                self._save(done.ledger, done.blobs)
        return done

    def foresee(self, ledger: Ledger | None = None, blobs: Mapping[str, bytes] = MappingProxyType({})) -> None:
        """Go on as if edits had been absorbed, in this process only: nothing is saved, nothing to be done with it.

        What lies under other moves is taken as it is.

        :param ledger: what was done, where no record of it is here, and the contents that it names.
        :raises PhaseError: where an edit fights with a rewrite.
        """
        self.checkout.look_again()
        if ledger is not None:
            self._ledger, self._foreseen = ledger.remembering(), blobs
        if not self.stack.above:
            done = self._absorbed()
            self._foreseen = done.blobs
            self._ledger = done.ledger

    @contextmanager
    def supposing(self, ledger: Ledger, blobs: Mapping[str, bytes]) -> Iterator[None]:
        """Go on as if another ledger were that of this move, in this process only; nothing is saved.

        What it says was created is not taken for the work of an earlier run.

        :param blobs: the contents that it names.
        """
        before = self._ledger, self._foreseen
        self._ledger, self._foreseen, self._is_supposed = ledger, blobs, True
        try:
            yield
        finally:
            self._ledger, self._foreseen = before
            self._is_supposed = False

    def recall(self, ledger: Ledger, blobs: Mapping[str, bytes]) -> None:
        """Note what has been done already, where no record of it was.

        :param blobs: the contents that the ledger names.
        """
        with uninterrupted.held():
            self._save(ledger, blobs)

    def _absorbed(self) -> Absorbed:
        changed = corrections.found(self) if self.ledger.noted else {}
        done = absorb(self.checkout, self.ledger, self.news, self._foreseen)
        if not changed:
            return done
        ledger, blobs = corrections.remembered(self, done.ledger, changed)
        return replace(done, ledger=ledger, blobs={**done.blobs, **blobs})

    # ---- doing

    def apply(
        self,
        phase: str,
        changes: ChangeSet,
        *,
        only: str | None = None,
        left: Mapping[str, Collection[int]] | None = None,
    ) -> list[str]:
        """Bring the disk and the index to where ``changes`` leave the tree after ``phase``.

        What later phases did is taken back, unless this phase does just what it had done before.

        :param only: one file (at its path after the move) is done again: what this and later phases
            did to all others stays.
        :param left: files of Python -> numbers of the lines that the phase leaves for a person.
        :returns: a line for each file with an edit by hand that the phase no longer makes.
        :raises GitError: if a file has uncommitted changes, a target exists, or git refuses;
            nothing has been changed then, or it has been taken back.
        :raises PhaseError: if an edit by hand to a file that the phase creates can't be kept, or the
            file system refuses; the same.
        """
        self.checkout.look_again()
        blobs: dict[str, bytes] = {}
        previous = self.ledger.phases.get(phase) or self.ledger.undone.get(phase) or Done()
        writes, fights = {}, []
        successors = renamed(previous, changes)
        for write in changes.writes:
            before = previous.writes.get(successors.get(write.path, write.path))
            data, lines = self._with_edits(before, write.data)
            if lines:
                fights.append(f"{write.path}: {lines_named(lines)}")
            made = self.git.oid_of(write.data)
            oid = made if data is write.data else self.git.oid_of(data)
            blobs |= {oid: data, made: write.data}
            writes[write.path] = Written(oid, made, write.mode if write.create else "")
        if fights:
            raise PhaseError(
                f"edits by hand fight with what {phase} now writes there; nothing was changed",
                "undo the edit on these lines, run again, and edit then",
                fights,
            )
        made_now = blobs.copy()  # more may be taken in meanwhile
        # git writes while we look whether something is in the way: blobs that nothing names do no harm.
        with beside(lambda: self._store(made_now)) as stored:
            origins = take_in(self, phase, changes, blobs)
            done = Done({r.source: r.target for r in changes.renames}, changes.removes, writes)
            if not self.ledger.phases:
                base = self.ledger.base or self.git.heads()
                self._ledger = replace(self.ledger, base=base, under=self.stack.below)
            was, ledger = self.ledger, replace(self.ledger, origins=origins).with_done(phase, done, only=only)
            if only is None:
                ledger = replace(ledger, noted={**ledger.noted, phase: self._noted(left or {}, changes, blobs)})
            lost = lost_edits(self, phase, previous, {*writes, *successors.values()})
            if lost:  # kept until reset
                kept = ledger.undone.get(ledgers.LOST, Done()).writes
                ledger = replace(ledger, undone={**ledger.undone, ledgers.LOST: Done(writes={**kept, **lost})})
            refuse_obstacles(self, phase, changes, ledger)
            stored()
        with uninterrupted.held():
            self._save(ledger, {oid: data for oid, data in blobs.items() if oid not in made_now})
            with self.records.changing(), self._or_back(replace(self.ledger, phases=was.phases).states(None), was):
                self.settle(at_hand=blobs)
        return [
            f"{path}: was edited by hand and is no longer made -> see what you need of it: git cat-file blob {item.oid}"
            for path, item in lost.items()
        ]

    def _noted(
        self, left: Mapping[str, Collection[int]], changes: ChangeSet, blobs: dict[str, bytes]
    ) -> dict[str, Noted]:
        """The lines that a phase leaves, and the blobs that are needed to tell later what became of them."""
        written = {write.path: write.data for write in changes.writes}
        texts = {}
        for path in left:
            on_disk = self.checkout.read(path)
            if on_disk is not None:
                texts[path] = (on_disk[0], written.get(path, on_disk[0]))
        oids = {path: self.git.oid_of(after) for path, (_, after) in texts.items()}
        blobs |= {oids[path]: after for path, (_, after) in texts.items()}
        return corrections.noted({path: left[path] for path in texts}, texts, oids)

    def settle(self, phase: str | None = None, at_hand: Mapping[str, bytes] | None = None) -> None:
        """Bring disk and index to the state before ``phase`` (for None: after all that is in the ledger).

        :param at_hand: blobs that need not be read from git's store.
        """
        states = self.states(phase)
        if states != self.states(None):
            self.records.begin()
        self.checkout.realise(self.ledger, states, at_hand=at_hand or {})
        if phase is None:
            self.records.end()

    @contextmanager
    def _or_back(self, states: Mapping[str, State | None], ledger: Ledger) -> Iterator[None]:
        """All of it or nothing: where git or the file system refuses, disk, index and ledger go back.

        :param states: what disk and index go back to.
        :raises MigrationError: what went wrong, with what became of the tree.
        """
        try:
            yield
        except (MigrationError, OSError) as problem:
            error = refused(problem) if isinstance(problem, OSError) else problem
            try:
                self.checkout.realise(self.ledger, states)
                self._save(ledger, {})
                self.records.end()
            except (MigrationError, OSError):
                became, remedy = "it is half done", f"{error.remedy}: it goes on from there"
            else:
                became, remedy = "what was done until then is taken back", error.remedy
            raise type(error)(f"{error.message}; {became}", remedy, error.details) from problem

    def _with_edits(self, previous: Written | None, data: bytes) -> tuple[bytes, list[int]]:
        """New content of a file that a person edited after the phase had made it: both kept."""
        if previous is None or previous.oid == previous.made:
            return data, []
        old = self.git.read([previous.oid, previous.made])
        return self.git.merge_words(old[previous.oid], old[previous.made], data)

    def _save(self, ledger: Ledger, blobs: Mapping[str, bytes]) -> None:
        """Blobs first, then the ref that keeps them, then the ledger: each is safe without the next."""
        self._store(blobs)
        ledger = ledger.remembering()
        self.git.keep(self.ref, ledger.blobs | self.ledger.blobs | self.records.blobs)
        self._ledger = self.records.save(ledger)

    def note_head(self) -> None:
        """What was done is committed: the ledger is for the commit that is checked out now."""
        self._ledger = self.records.note_head()

    def _store(self, blobs: Mapping[str, bytes]) -> None:
        """Make sure that git has these blobs."""
        kept = self.ledger.blobs
        self.git.store({oid: data for oid, data in blobs.items() if oid not in kept})

    # ---- undoing

    def undo(self, phase: str, *, dryrun: bool = False) -> int:
        """Take back what ``phase`` and the phases after it did to the tree.

        :returns: the number of files that are (or would be) given back or removed.
        :raises MigrationError: if edits by hand or files of others are in the way.
        """
        before, after = self.states(phase), self.states(None)
        count = sum(before[path] != after[path] for path in after)
        if count and not dryrun:
            self._refuse_covered()
            self.absorb()
            kept = dict(self.ledger.until(phase))
            gone = {name: done for name, done in self.ledger.phases.items() if name not in kept}
            with uninterrupted.held(), self.records.changing():
                self.checkout.realise(self.ledger, self.states(phase))
                self._save(replace(self.ledger, phases=kept, undone={**self.ledger.undone, **gone}), {})
        return count

    def keep_edits(self) -> kept.Kept | None:
        """Keep what a reset would lose: files of ours that a person edited since, at their present paths.

        :returns: None where there is nothing to lose.
        """
        self.checkout.look_again()
        if not (paths := self._edits()[1]):
            return None
        return self.keep(paths)

    def keep(self, paths: Sequence[str]) -> kept.Kept:
        """Keep files as they are on disk."""
        # Not below our own ref: where a ref is, git can't have a directory of refs.
        return kept.keep(self.checkout, f"{REFS}/kept/{self.ref.removeprefix(REFS + '/')}", paths)

    @uninterrupted.held()
    def reset(self, lost: Collection[str] = ()) -> tuple[int, int]:
        """Give every file we touched back as it was, on disk and in the index; forget the ledger.

        Edits by hand that were committed stay in the history; others are in the way.

        :param lost: paths whose edits may go.
        :returns: how many files were given back, and how many of ours were removed.
        :raises PhaseError: if a person edited one of them since; nothing has been changed then.
        """
        self.checkout.look_again()
        self._refuse_covered()
        start, (committed, edited) = self.states(TREE_PHASES[0]), self._edits()
        if edited := [path for path in edited if path not in lost]:
            raise PhaseError(
                f"{len(edited)} file(s) were edited since we wrote them; nothing was reset",
                "commit what you want to keep (it stays in the history), or undo these edits, then reset again; "
                "or reset with force=1, which keeps a copy of them in git",
                edited,
            )
        replaceable = {*committed, *lost}
        with self.records.changing():
            with self._or_back(self._with_disk(replaceable), self.ledger):
                self.checkout.realise(self.ledger, start, replaceable)
                entries = {path: IndexEntry(origin.mode, origin.index) for path, origin in self.ledger.origins.items()}
                index.update(self.git, {path: to for path, to in entries.items() if to != self.listing.get(path)})
            counts = len(self.ledger.origins), sum(state is None for state in start.values())
            self.stack.forget()
            self.records.forget()
            self.git.keep(self.ref, self.records.blobs)
        self._ledger = None
        self.checkout.look_again()
        return counts

    def _with_disk(self, paths: Iterable[str]) -> dict[str, State | None]:
        """The states after all phases, but for some paths as they are on disk; their blobs are stored."""
        states, blobs = self.states(None), {}
        for path in paths:
            state, found = states[path], self.checkout.read(path)
            if state and found:
                oid = self.git.oid_of(found[0])
                blobs[oid], states[path] = found[0], replace(state, oid=oid)
        self.git.store(blobs)
        return states

    def _edits(self) -> tuple[set[str], list[str]]:
        """The paths with edits by hand: those that are committed, and the others."""
        final, start, dirty = self.states(None), self.states(TREE_PHASES[0]), self.git.uncommitted()
        by_hand = {
            path: written.oid
            for done in self.ledger.phases.values()
            for path, written in done.writes.items()
            if written.oid != written.made
        }
        committed, edited = set(), []
        for path, state in final.items():
            found = self.on_disk(path)
            if found is None or (state is None and start[path] is None):
                continue
            if found[0] in self.ledger.known.get(path, ()) and by_hand.get(path) != found[0]:
                continue
            if state is not None and path in self.listing and path not in dirty:
                committed.add(path)
            else:
                edited.append(path)
        return committed, edited


def renamed(previous: Done, changes: ChangeSet) -> dict[str, str]:
    """Files that a phase now creates under another name -> what they were called.

    First those with another number (``0007_x.py`` for ``0006_x.py``), then the only other one in the same
    directory, then the only one of that name elsewhere.
    """
    made = {write.path for write in changes.writes if write.create}
    gone = {path for path, written in previous.writes.items() if written.mode and path not in made}
    new, found = made - previous.writes.keys(), dict[str, str]()
    for alike in (_without_number, os.path.dirname, lambda path: os.path.basename(_without_number(path))):
        for path in sorted(new - found.keys()):
            twins = [old for old in gone - set(found.values()) if alike(old) == alike(path)]
            rivals = [other for other in new - found.keys() if alike(other) == alike(path)]
            if len(twins) == 1 and len(rivals) == 1:
                found[path] = twins[0]
    return found


def _without_number(path: str) -> str:
    return re.sub(r"(^|/)\d+_([^/]*)$", r"\1\2", path)

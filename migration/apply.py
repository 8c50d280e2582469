"""Doing: what changes the repo, keeps the ledger, and undoes.

A phase hands over a :class:`~migration.changes.ChangeSet`. What the tree must then look like is
worked out from the ledger (the files before, and what each phase up to this one did); disk and
index are brought there (:mod:`migration.checkout`). Nothing depends on where they stood, so that
doing it again after a death anywhere gives the same.
"""

from __future__ import annotations

import hashlib
import os
import re
import tempfile
from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import replace
from functools import cached_property
from pathlib import Path

from migration import index, interrupts, kept
from migration import ledger as ledgers
from migration.absorb import Absorbed, absorb, lines_named
from migration.baseline_copy import write_tree
from migration.changes import ChangeSet
from migration.checkout import Checkout
from migration.errors import GitError, MigrationError, PhaseError, refused
from migration.files import check_inside, remove_empty
from migration.git import SUBMODULE, Git, IndexEntry
from migration.ledger import TREE_PHASES as TREE_PHASES
from migration.ledger import Done, Ledger, Origin, State, Written
from migration.names import is_package_file
from migration.project import Tree
from migration.stack import Stack
from migration.upstream import News, news

_REFS = "refs/phased-migration"


class Workspace:
    """The repo on disk, together with the ledger of one product."""

    def __init__(self, git: Git, product: str) -> None:
        self.git = git
        self.product = product
        self.checkout = Checkout(git)
        self._foreseen: Mapping[str, bytes] = {}

    @cached_property
    def path(self) -> Path:
        """Where the ledger is."""
        return self.git.directory / "phased-migration" / self._where / self.product / "ledger.json"

    @cached_property
    def ref(self) -> str:
        """The ref that keeps our blobs. gc in one work tree leaves out the private refs of the others,
        so it is one that all share, with the work tree in its name."""
        parts = (_REFS, self.git.worktree_name, self._where or "top", self.product)
        return "/".join(parts)

    @cached_property
    def _where(self) -> str:
        """Tells apart the directories of one checkout."""
        return hashlib.sha256(os.fsencode(self.git.prefix)).hexdigest()[:8] if self.git.prefix else ""

    @cached_property
    def stack(self) -> Stack:
        """The moves of other products in this checkout."""
        return Stack(self.checkout, self.product, self.path)

    @cached_property
    def ledger(self) -> Ledger:
        """What was done so far."""
        return ledgers.load(self.path)

    @property
    def listing(self) -> dict[str, IndexEntry]:
        """The index, as it was when the present step began."""
        return self.checkout.listing

    def on_disk(self, path: str) -> tuple[str, str] | None:
        """(blob id, mode) of what is on disk, or None where there is no file or link.

        Where moves of other products stand on this one: of what lies under them.
        """
        if path in self.stack.beneath:
            found = self.stack.beneath[path]
            return (found.oid, found.mode) if found else None
        return self.checkout.on_disk(path)

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

    # ---- the trees before, between and after the phases

    def states(self, phase: str | None) -> dict[str, State | None]:
        """Every touched path as it is before ``phase`` (after all phases for None)."""
        return self.ledger.states(phase)

    def tree(self, phase: str | None) -> Tree:
        """The tracked files before ``phase`` (after all phases for None)."""
        states = self.states(phase)
        modes = {path: entry.mode for path, entry in self.listing.items() if entry.mode != SUBMODULE}
        elsewhere = {}
        for path, under in self.stack.beneath.items():
            modes.pop(path, None)
            if under:
                modes[path], elsewhere[path] = under.mode, under.oid
        for path, state in states.items():
            if state:
                modes[path] = state.mode
            elif not self._is_foreign(path):
                modes.pop(path, None)
        at_hand = dict(self._foreseen)
        for path, state in states.items():
            found = self.checkout.read(path)
            oid = self.git.oid_of(found[0]) if found else None
            if found and oid:
                at_hand[oid] = found[0]  # under another name, perhaps: then git need not be asked
            if state and oid != state.oid:
                elsewhere[path] = state.oid
            else:
                elsewhere.pop(path, None)
        blobs = {**at_hand, **self.git.read(set(elsewhere.values()) - at_hand.keys())}
        known = states.keys() | elsewhere.keys()
        for path in self.checkout.gone:  # deleted by hand and not yet told to git: not ours to bring back
            if path not in known:
                modes.pop(path, None)
        return Tree(self.git.root, modes, {path: blobs[oid] for path, oid in elsewhere.items()})

    def _is_foreign(self, path: str) -> bool:
        """Whether somebody else's file is at a place that is free again."""
        found = self.on_disk(path)
        return found is not None and found[0] not in self.ledger.known.get(path, ())

    def returned(self) -> dict[str, str]:
        """Files that somebody has put where one of ours was before it moved -> where that one is."""
        places = {state.origin: path for path, state in self.states(None).items() if state and state.origin}
        moved = {old: new for old, new in places.items() if old != new and self.states(None).get(old) is None}
        return {old: new for old, new in moved.items() if self._is_foreign(old)}

    def baseline(self) -> Tree:
        """The tracked files before the move."""
        return self.tree(TREE_PHASES[0])

    @contextmanager
    def copy_of_baseline(self, local: Iterable[str] = ()) -> Iterator[Path]:
        """A temporary directory that holds the tracked files as they were before the move.

        :param local: untracked files to copy too, relative to the repo.
        """
        with tempfile.TemporaryDirectory(prefix="phased-migration-") as directory:
            write_tree(self.baseline(), Path(directory), local)
            yield Path(directory)

    # ---- what people did in between

    def absorb(self) -> list[str]:
        """Carry what people and merges did to files of ours back to where everything starts from.

        See :mod:`migration.absorb`. Nothing on disk changes here.

        :returns: the paths that were edited.
        :raises PhaseError: where an edit fights with a rewrite, naming file and lines.
        """
        self.checkout.look_again()
        done = self._absorbed()
        if done.ledger != self.ledger:
            with interrupts.held():
                self._save(done.ledger, done.blobs)
        return list(done.paths)

    def foresee(self) -> None:
        """Go on as if edits had been absorbed, in this process only: nothing is saved, nothing to be done with it.

        What lies under other moves is taken as it is.

        :raises PhaseError: where an edit fights with a rewrite.
        """
        self.checkout.look_again()
        if not self.stack.above:
            done = self._absorbed()
            self._foreseen = done.blobs
            self.__dict__["ledger"] = done.ledger

    def _absorbed(self) -> Absorbed:
        return absorb(self.checkout, self.ledger, self.news)

    @property
    def news(self) -> News:
        """What master has done since the files before the move were last looked at."""
        ledger = self.ledger
        known = {path: {*ledger.contents[path], origin.index} for path, origin in ledger.origins.items()}
        return news(self.git, ledger.base, ledger.renames, sorted(ledger.created), known) if ledger.base else News()

    # ---- doing

    def apply(self, phase: str, changes: ChangeSet, *, only: str | None = None) -> list[str]:
        """Bring the disk and the index to where ``changes`` leave the tree after ``phase``.

        What later phases did is taken back, unless this phase does just what it had done before.

        :param only: one file (at its path after the move) is done again: what this and later phases
            did to all others stays.
        :returns: a line for each file with an edit by hand that the phase no longer makes.
        :raises GitError: if a file has uncommitted changes, a target exists, or git refuses;
            nothing has been changed then, or it has been taken back.
        :raises PhaseError: if an edit by hand to a file that the phase creates can't be kept, or the
            file system refuses; the same.
        """
        self.checkout.look_again()
        blobs: dict[str, bytes] = {}
        origins = self._take_in(phase, changes, blobs)
        previous = self.ledger.phases.get(phase) or self.ledger.undone.get(phase) or Done()
        writes, fights = {}, []
        successors = renamed(previous, changes)
        for write in changes.writes:
            before = previous.writes.get(successors.get(write.path, write.path))
            data, lines = self._with_edits(before, write.data)
            if lines:
                fights.append(f"{write.path}: {lines_named(lines)}")
            oid, made = self.git.oid_of(data), self.git.oid_of(write.data)
            blobs |= {oid: data, made: write.data}
            writes[write.path] = Written(oid, made, write.mode if write.create else "")
        if fights:
            raise PhaseError(
                f"edits by hand fight with what {phase} now writes there; nothing was changed",
                "undo the edit on these lines, run again, and edit then",
                fights,
            )
        done = Done({r.source: r.target for r in changes.renames}, changes.removes, writes)
        if not self.ledger.phases:
            base = self.ledger.base or self.git.heads()
            self.__dict__["ledger"] = replace(self.ledger, base=base, under=self.stack.below)
        was, ledger = self.ledger, replace(self.ledger, origins=origins).with_done(phase, done, only=only)
        lost = self._lost_edits(phase, previous, {*writes, *successors.values()})
        if lost:  # kept until reset
            kept = ledger.undone.get(ledgers.LOST, Done()).writes
            ledger = replace(ledger, undone={**ledger.undone, ledgers.LOST: Done(writes={**kept, **lost})})
        self._refuse_obstacles(phase, changes, ledger)
        with interrupts.held():
            self._save(ledger, blobs)
            with self._or_back(replace(self.ledger, phases=was.phases).states(None), was):
                self.settle(at_hand=blobs)
        return [
            f"{path}: was edited by hand and is no longer made -> see what you need of it: git cat-file blob {item.oid}"
            for path, item in lost.items()
        ]

    def settle(self, phase: str | None = None, at_hand: Mapping[str, bytes] | None = None) -> None:
        """Bring disk and index to the state before ``phase`` (for None: after all that is in the ledger).

        :param at_hand: blobs that need not be read from git's store.
        """
        self.checkout.realise(self.ledger, self.states(phase), at_hand=at_hand or {})

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
            except (MigrationError, OSError):
                became, remedy = "it is half done", f"{error.remedy}: it goes on from there"
            else:
                became, remedy = "what was done until then is taken back", error.remedy
            raise type(error)(f"{error.message}; {became}", remedy, error.details) from problem

    def _take_in(self, phase: str, changes: ChangeSet, blobs: dict[str, bytes]) -> dict[str, Origin]:
        """The origins, with those of the files that are touched for the first time."""
        states, dirty, origins = self.states(phase), self.git.uncommitted(), dict(self.ledger.origins)
        theirs = self.stack.left() if dirty else set()
        made = {write.path for write in changes.writes if write.create}
        made |= {rename.target for rename in changes.renames}
        leaving = {*changes.removes, *(rename.source for rename in changes.renames)}
        problems = [path for path in made - leaving if path in dirty and path not in states and path not in theirs]
        for path in sorted({*leaving, *(write.path for write in changes.writes if write.path not in made)}):
            if states.get(path):
                continue
            found, entry = self.checkout.read(path), self.listing.get(path)
            if found is None or entry is None or (path in dirty and path not in theirs):
                problems.append(path)
                continue
            oid = self.git.oid_of(found[0])
            origins[path] = Origin(oid, entry.mode, entry.oid, path in dirty)
            if oid != entry.oid:  # else git has it
                blobs[oid] = found[0]
        if problems:
            raise uncommitted_error(problems, merging=bool(self.git.merging()))
        return origins

    def _with_edits(self, previous: Written | None, data: bytes) -> tuple[bytes, list[int]]:
        """New content of a file that a person edited after the phase had made it: both kept."""
        if previous is None or previous.oid == previous.made:
            return data, []
        old = self.git.read([previous.oid, previous.made])
        return self.git.merge_words(old[previous.oid], old[previous.made], data)

    def _lost_edits(self, phase: str, previous: Done, carried: Collection[str]) -> dict[str, Written]:
        """Files that the phase had created and a person edited, and that it no longer makes.

        :raises PhaseError: where they are on disk: they can't simply vanish.
        """
        lost = {
            path: written
            for path, written in previous.writes.items()
            if written.oid != written.made and path not in carried
        }
        if there := [path for path in lost if self.on_disk(path)]:
            raise PhaseError(
                f"{phase} no longer makes {len(there)} file(s) that were edited by hand; nothing was changed",
                "save what you need of them elsewhere, delete them, then run the same command again",
                there,
            )
        return lost

    def _refuse_obstacles(self, phase: str, changes: ChangeSet, ledger: Ledger) -> None:
        """Nothing that is not ours may be where something of ours has to go."""
        sources = {rename.target: rename.source for rename in changes.renames}
        now, new = self.states(None), ledger.origins.keys() - self.ledger.origins.keys()
        problems, checked = [], set()
        for path, state in ledger.states(None).items():
            if state is None:
                continue
            if (directory := path.rpartition("/")[0]) not in checked:
                checked.add(directory)
                try:
                    check_inside(self.git.root, path)
                except GitError as error:
                    problems.append(error.message)
            who = f"{sources[path]} would be moved there" if path in sources else f"{phase} would write there"
            found = self.on_disk(path)
            if found is None:
                if os.path.lexists(self.git.root / path):
                    problems.append(f"{path} is a directory (or no file); {who}")
            elif path not in new and found[0] not in self.ledger.known.get(path, ()):
                changed = now.get(path) is not None
                problems.append(f"{path} was changed just now" if changed else f"{path} exists already; {who}")
        if problems:
            raise GitError(
                f"{phase}: {len(problems)} target(s) can't be written; nothing was changed",
                "move them away, or give the file another target in moves.yml",
                problems,
            )

    def _save(self, ledger: Ledger, blobs: Mapping[str, bytes]) -> None:
        """Blobs first, then the ref that keeps them, then the ledger: each is safe without the next."""
        ledger, kept = ledger.remembering(), self.ledger.blobs
        self.git.store({oid: data for oid, data in blobs.items() if oid not in kept})
        self.git.keep(self.ref, ledger.blobs | kept)
        ledgers.save(self.path, ledger)
        self.__dict__["ledger"] = ledger

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
            with interrupts.held():
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
        return kept.keep(self.checkout, f"{_REFS}/kept/{self.ref.removeprefix(_REFS + '/')}", paths)

    @interrupts.held()
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
        with self._or_back(self._with_disk(replaceable), self.ledger):
            self.checkout.realise(self.ledger, start, replaceable)
            entries = {path: IndexEntry(origin.mode, origin.index) for path, origin in self.ledger.origins.items()}
            index.update(self.git, {path: to for path, to in entries.items() if to != self.listing.get(path)})
        counts = len(self.ledger.origins), sum(state is None for state in start.values())
        self.stack.forget()
        self.path.unlink(missing_ok=True)
        self.git.keep(self.ref, ())
        remove_empty(self.git.directory, self.path.parent)
        self.__dict__.pop("ledger", None)
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

    # ---- telling whether anything changed

    def digest(self) -> str:
        """A digest of the tree before the move, with what people have changed since.

        The same before and after our own phases; different as soon as a file that is not as we
        left it (or as it was) is added, edited or removed.
        """
        self.checkout.look_again()
        states, start = self.states(None), self.states(TREE_PHASES[0])
        dirty, lines = self.git.uncommitted(), []
        for path, under in self.stack.beneath.items():
            if path not in states and under:
                lines.append(f"{path}\0{(under.oid if under.uncommitted else under.index, under.mode)}")
        for path, entry in self.listing.items():
            if path not in states and path not in self.stack.beneath:
                lines.append(f"{path}\0{self.on_disk(path) if path in dirty else (entry.oid, entry.mode)}")
        for path, state in start.items():
            if state:
                # As git names it: a file that is touched for the first time changes nothing here.
                origin = self.ledger.origins[path]
                as_found = origin.oid == self.ledger.contents[path][0] and not origin.uncommitted
                lines.append(f"{path}\0{(origin.index if as_found else origin.oid, origin.mode)}")
        for path in states:
            if self._is_foreign(path):
                lines.append(f"{path}\0{self.on_disk(path)}\0edited")
        for path, (_, now) in self.news.changes.items():
            if path in self.ledger.contents:
                lines.append(f"{path}\0{now}\0master")
        return hashlib.sha256("\n".join(sorted(lines)).encode(errors="surrogateescape")).hexdigest()

    def differing(self, phase: str) -> list[str]:
        """The paths that are not as the phases left them, among those that ``phase`` wrote or moved.

        Somebody else's new file at a place that the phase has left is no such path.
        """
        done = self.ledger.phases.get(phase)
        if done is None:  # taken back: nothing is as the phase left it
            undone = self.ledger.undone.get(phase, Done())
            return sorted({*undone.renames.values(), *undone.writes})
        final = self.states(None)
        bad = []
        for path in sorted({*done.renames, *done.renames.values(), *done.removes, *done.writes}):
            found, state = self.on_disk(path), final[path]
            if state is None and found and found[0] not in self.ledger.known.get(path, ()):
                continue
            if (found and found[0]) != (state and state.oid):
                bad.append(path)
        return bad


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


def merges(path: str, old: bytes, new: bytes) -> bool:
    """Whether a moved file and the one at its target become one without loss.

    They are identical, or one is an empty ``__init__.py``.
    """
    return old == new or (is_package_file(path) and (not old.strip() or not new.strip()))

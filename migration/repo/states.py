"""The tree as it was before, between and after the phases, told from the ledger, the disk and git.

Nothing is changed here: :mod:`migration.repo.apply` does that.
"""

from __future__ import annotations

import hashlib
import os
from collections.abc import Mapping
from functools import cached_property
from pathlib import Path

from migration.core.beside import beside
from migration.core.phase import TREE_PHASES
from migration.repo.git.entries import SUBMODULE, IndexEntry
from migration.repo.git.git import Git
from migration.repo.ledger import Done, Ledger, State
from migration.repo.master_changes import News, news
from migration.repo.merge_edits import is_removed
from migration.repo.records import NAME, Records
from migration.repo.stacked_moves import Stack
from migration.repo.tree.tree import Tree
from migration.repo.work_tree import Checkout

REFS = "refs/phased-migration"


class Trees:
    """The repo on disk, together with the ledger of one product."""

    def __init__(self, git: Git, product: str) -> None:
        self.git = git
        self.product = product
        self.checkout = Checkout(git)
        self._ledger: Ledger | None = None
        self._foreseen: Mapping[str, bytes] = {}
        self._is_supposed = False

    @cached_property
    def path(self) -> Path:
        """Where the ledger is that was written last."""
        return self.git.directory / "phased-migration" / self._where / self.product / NAME

    @cached_property
    def ref(self) -> str:
        """The ref that keeps our blobs. gc in one work tree leaves out the private refs of the others,
        so it is one that all share, with the work tree in its name."""
        parts = (REFS, self.git.worktree_name, self._where or "top", self.product)
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
    def records(self) -> Records:
        """The ledgers of this product, one for each branch that has the move."""
        return Records(self.git, self.path)

    @property
    def ledger(self) -> Ledger:
        """What was done so far to what is checked out."""
        if self._ledger is None:
            self._ledger = self.records.load()
        return self._ledger

    @property
    def made(self) -> frozenset[str]:
        """Every file that earlier runs have created."""
        return frozenset() if self._is_supposed else frozenset(self.ledger.created)

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
            elif not self.is_foreign(path):
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

    def is_foreign(self, path: str) -> bool:
        """Whether somebody else's file is at a place that is free again."""
        found = self.on_disk(path)
        return found is not None and found[0] not in self.ledger.known.get(path, ())

    def returned(self) -> dict[str, str]:
        """Files that somebody has put where one of ours was before it moved -> where that one is."""
        places = {state.origin: path for path, state in self.states(None).items() if state and state.origin}
        moved = {old: new for old, new in places.items() if old != new and self.states(None).get(old) is None}
        return {old: new for old, new in moved.items() if self.is_foreign(old)}

    def baseline(self) -> Tree:
        """The tracked files before the move."""
        return self.tree(TREE_PHASES[0])

    @property
    def news(self) -> News:
        """What master has done since the files before the move were last looked at."""
        ledger = self.ledger
        known = {path: {*ledger.contents[path], origin.index} for path, origin in ledger.origins.items()}
        return news(self.git, ledger.base, ledger.renames, sorted(ledger.created), known) if ledger.base else News()

    # ---- telling whether anything changed

    def digest(self) -> str:
        """A digest of the tree before the move, with what people have changed since.

        The same before and after our own phases; different as soon as a file that is not as we
        left it (or as it was) is added, edited or removed.
        """
        self.checkout.look_again()
        with beside(self.git.uncommitted) as uncommitted:  # git works while we list
            states, start, lines = self.states(None), self.states(TREE_PHASES[0]), list[str]()
            listed = self.listing
            dirty = uncommitted()
        for path, under in self.stack.beneath.items():
            if path not in states and under:
                lines.append(f"{path}\0{(under.oid if under.uncommitted else under.index, under.mode)}")
        for path, entry in listed.items():
            if path not in states and path not in self.stack.beneath:
                lines.append(f"{path}\0{self.on_disk(path) if path in dirty else (entry.oid, entry.mode)}")
        for path, state in start.items():
            if state:
                # As git names it: a file that is touched for the first time changes nothing here.
                origin = self.ledger.origins[path]
                as_found = origin.oid == self.ledger.contents[path][0] and not origin.uncommitted
                lines.append(f"{path}\0{(origin.index if as_found else origin.oid, origin.mode)}")
        for path in states:
            if self.is_foreign(path):
                lines.append(f"{path}\0{self.on_disk(path)}\0edited")
        for path, state in states.items():
            taken_on = self.stack.beneath.get(path) is not None  # by a move that stands on this one
            if state and state.origin and not taken_on and is_removed(self.checkout, self.ledger, state.origin, path):
                lines.append(f"{state.origin}\0removed")
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

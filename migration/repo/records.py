"""The ledgers of one product in one checkout: each branch that has the move has its own.

The one that was written last is at the top; those of other branches lie beside it. Which of them is for
what is checked out is told by what the index holds of the files that it speaks of. None of them is for a
branch that does not have the move: what is done there is a move of its own, and leaves the others alone.
"""

from __future__ import annotations

import os
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import replace
from functools import cached_property
from pathlib import Path

from migration.core.errors import GitError
from migration.core.phase import TREE_PHASES
from migration.repo import ledger_file
from migration.repo.disk.atomic_write import write_atomically
from migration.repo.disk.directories import remove_empty
from migration.repo.git.entries import IndexEntry
from migration.repo.git.git import Git
from migration.repo.ledger import Ledger, State
from migration.repo.work_tree import Checkout

NAME = "ledger.json"
ASIDE = "elsewhere"
_DOING = "doing"
_SAMPLE = 200
_MOST = 16  # of those aside: a branch that nobody has come back to since is told from its commits

States = Mapping[str, State | None]


def of_products(directory: Path) -> list[str]:
    """The products that have a ledger in a directory, sorted."""
    places = {*directory.glob(f"*/{NAME}"), *(path.parent for path in directory.glob(f"*/{ASIDE}/*.json"))}
    return sorted({place.parent.name for place in places})


class Records:
    """The ledgers of one product.

    :param path: where the one that was written last is.
    """

    def __init__(self, git: Git, path: Path) -> None:
        self.git = git
        self.path = path

    @cached_property
    def _known(self) -> dict[Path, Ledger]:
        """Every ledger, by its file: the one that was written last first, then the others by their age.

        :raises GitError: if one can't be read.
        """
        aside = sorted(self.path.parent.glob(f"{ASIDE}/*.json"), key=lambda path: -path.stat().st_mtime_ns)
        return {path: ledger_file.load(path) for path in (self.path, *aside) if path.exists()}

    @cached_property
    def _chosen(self) -> Path | None:
        """The file of the ledger that is for what is checked out."""
        if not self._known:
            return None
        head = _head(self.git)
        top = self._known.get(self.path)
        if top and self._is_between(top, head):
            return self.path
        try:
            listing = self.git.listing()
        except GitError:  # a merge has left conflicts: whoever goes on from here will say so
            return self.path if top else None
        fitting = [path for path, ledger in self._known.items() if self._fits(ledger, listing, head)]
        if len(fitting) < 2:
            return fitting[0] if fitting else None
        return max(fitting, key=lambda path: self._likeness(self._known[path], listing, head))

    def _fits(self, ledger: Ledger, listing: Mapping[str, IndexEntry], head: str) -> bool:
        """Whether what is checked out is, by and large, as a ledger's phases have left it."""
        here = head == ledger.head if ledger.head else head in ledger.base
        before, after = ledger.states(TREE_PHASES[0]), ledger.states(None)
        said = [*self._presence(before, after, listing)] or [*self._contents(before, after)]
        if not said:
            return here
        return any(said) if here else 2 * sum(said) >= len(said)

    def _presence(self, before: States, after: States, listing: Mapping[str, IndexEntry]) -> Iterator[bool]:
        """For paths at which there is a file either before or after the move: whether it is as after it."""
        left_out = self.git.left_out()
        for path in _some([path for path in after if (before[path] is None) != (after[path] is None)]):
            there = os.path.lexists(f"{self.git.root}/{path}") or path in left_out
            if after[path] is None:
                yield not there
            else:  # what only is not on disk has been taken away by hand, or by a death
                yield there or path in listing

    def _contents(self, before: States, after: States) -> Iterator[bool]:
        """The same by what is in files that are there before and after it; others say nothing."""
        checkout = Checkout(self.git)
        both = {path: (before[path], now) for path, now in after.items()}
        pairs = {path: (was, now) for path, (was, now) in both.items() if was and now and was.oid != now.oid}
        for path in _some([*pairs]):
            was, now = pairs[path]
            found = checkout.on_disk(path)
            if found and found[0] in (was.oid, now.oid):
                yield found[0] == now.oid

    def load(self) -> Ledger:
        """What was done to what is checked out; an empty ledger where nothing was.

        :raises GitError: if a ledger can't be read.
        """
        return self._known[self._chosen] if self._chosen else Ledger()

    @property
    def elsewhere(self) -> list[Ledger]:
        """Those that are for something else than what is checked out."""
        return [ledger for path, ledger in self._known.items() if path != self._chosen]

    @property
    def blobs(self) -> set[str]:
        """The ids of the blobs that these ledgers must not lose."""
        return {oid for ledger in self._known.values() for oid in ledger.blobs}

    def save(self, ledger: Ledger) -> Ledger:
        """Write what was done to what is checked out; what is for another branch is put aside.

        :returns: the ledger, with the commit that it is for.
        """
        ledger = replace(ledger, head=_head(self.git))
        aside = self._put_aside(ledger.head)
        ledger_file.save(self.path, ledger)
        if self._chosen is not None and self._chosen not in (self.path, aside):
            self._chosen.unlink(missing_ok=True)
        self._forget_old()
        self._see(ledger)
        return ledger

    def note_head(self) -> Ledger:
        """Write for which commit the ledger is, when what was done has been committed: no other branch has it."""
        ledger = self.load()
        return self.save(ledger) if self._chosen and ledger.head != _head(self.git) else ledger

    def forget(self) -> None:
        """Nothing is done any more to what is checked out."""
        if self._chosen is not None:
            self._chosen.unlink(missing_ok=True)
        remove_empty(self.git.directory, self.path.parent)
        for name in ("_known", "_chosen"):
            self.__dict__.pop(name, None)

    def begin(self) -> None:
        """From here on files are somewhere between before and after, until :meth:`end`, whatever happens."""
        ledger = self.load()
        if not (ledger.phases or ledger.origins):
            return
        if self._chosen != self.path or ledger.head != _head(self.git):
            self.save(ledger)
        write_atomically(self._doing, self._where)

    def end(self) -> None:
        """What is there is as the ledger says."""
        self._doing.unlink(missing_ok=True)
        remove_empty(self.git.directory, self.path.parent)

    @contextmanager
    def changing(self) -> Iterator[None]:
        """Files are brought to where the ledger says."""
        self.begin()
        yield
        self.end()

    @property
    def _doing(self) -> Path:
        return self.path.with_name(_DOING)

    @property
    def _where(self) -> bytes:
        """The branch, or the commit, that is checked out (gitrepository-layout(5))."""
        return (self.git.directory / "HEAD").read_bytes()

    def _is_between(self, top: Ledger, head: str) -> bool:
        """Whether a death, or an error, has left files between before and after: then they tell nothing."""
        try:
            return self._doing.read_bytes() == self._where and self.git.is_ancestor(top.head, head)
        except FileNotFoundError:
            return False

    def _likeness(self, ledger: Ledger, listing: Mapping[str, IndexEntry], head: str) -> tuple[bool, float, bool]:
        """Whether a ledger was written here, how much of what it says is so, and whether HEAD stands on its commit."""
        states = {path: state for path, state in ledger.states(None).items() if state}
        same = 0
        for path, state in states.items():
            entry = listing.get(path)
            origin = ledger.origins.get(state.origin) if state.origin else None
            as_before = origin is not None and state.oid == origin.oid
            same += entry is not None and entry.oid in (state.oid, *([origin.index] if origin and as_before else []))
        below = bool(ledger.head) and self.git.is_ancestor(ledger.head, head)
        return ledger.head == head, same / (len(states) or 1), below

    def _put_aside(self, head: str) -> Path | None:
        """Keep the ledger at the top where it is for a branch that goes on elsewhere.

        :returns: where it is then; None where it is not kept.
        """
        top = self._known.get(self.path)
        if top is None or not (top.phases or top.origins):
            return None
        if self._chosen == self.path and (
            top.head in ("", head) or self.git.is_ancestor(top.head, head) or not self.git.is_on_a_branch(top.head)
        ):
            return None
        place = self.path.parent / ASIDE / f"{(top.head or 'unknown')[:16]}.json"
        while place.exists() and place != self._chosen:
            place = place.with_name(f"{place.stem}-{self.path.stat().st_mtime_ns}.json")
        place.parent.mkdir(exist_ok=True)
        ledger_file.save(place, top)
        return place

    def _forget_old(self) -> None:
        aside = sorted(self.path.parent.glob(f"{ASIDE}/*.json"), key=lambda path: -path.stat().st_mtime_ns)
        for path in aside[_MOST:]:
            path.unlink(missing_ok=True)
        remove_empty(self.git.directory, self.path.parent / ASIDE)

    def _see(self, ledger: Ledger) -> None:
        """What was written is what there is."""
        for name in ("_known", "_chosen"):
            self.__dict__.pop(name, None)
        self.__dict__["_chosen"] = self.path
        self.__dict__["_known"] = {**self._known, self.path: ledger}


def _head(git: Git) -> str:
    """The commit that is checked out; ``""`` before the first one."""
    return next(iter(git.heads()), "")


def _some(paths: Sequence[str]) -> Sequence[str]:
    """Enough of many paths, from all over."""
    return paths[:: len(paths) // _SAMPLE + 1]

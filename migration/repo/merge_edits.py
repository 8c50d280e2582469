"""Carrying back what people and merges have done to where everything starts from.

A file that was moved and rewritten and then edited is taken apart by a three-way merge (git's own):
every content it had, from before the move on, with the same edit. What master has made of a file
meanwhile counts as what it is there, wherever git's merge has put it, and however a conflict was
decided. From there every phase does its work again. Nothing on disk changes here.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field, replace
from types import MappingProxyType

from migration.core.errors import PhaseError
from migration.repo.git.entries import SYMLINK, IndexEntry
from migration.repo.git.git import Git
from migration.repo.ledger import Done, Ledger, Origin, State, Step
from migration.repo.master_changes import News
from migration.repo.work_tree import Checkout

Found = tuple[bytes, str]


@dataclass(frozen=True)
class Absorbed:
    """What came of it.

    :param ledger: the ledger with the edits.
    :param blobs: the contents that it names anew.
    :param paths: what was edited, deleted, renamed, or changed by master, sorted.
    :param removed: what a person has removed, where it was before the move -> where it was removed.
    """

    ledger: Ledger
    blobs: Mapping[str, bytes]
    paths: tuple[str, ...]
    removed: Mapping[str, str] = field(default_factory=dict)


def absorb(
    checkout: Checkout, ledger: Ledger, news: News, at_hand: Mapping[str, bytes] = MappingProxyType({})
) -> Absorbed:
    """Carry back what has been done to files of ours since the last run.

    :param at_hand: contents that git does not have, by their blob ids.
    :raises PhaseError: where an edit fights with a rewrite, naming file and lines.
    """
    work = _Absorbing(checkout, _without_memory(checkout, ledger), news, at_hand)
    work.rename()
    work.adopt()
    for path in list(work.ledger.origins):
        work.origin(path)
    for path, state in work.states.items():
        if state and not state.origin:
            work.created(path, state)
    if work.conflicts:
        raise PhaseError(
            "edits by hand fight with what was rewritten there; nothing was changed",
            "undo the edit on these lines (git diff shows it), run again, and edit then",
            sorted(work.conflicts),
        )
    ledger = replace(work.ledger, base=news.base or ledger.base)
    return Absorbed(ledger, work.blobs, tuple(sorted(work.paths)), work.removed)


def is_removed(checkout: Checkout, ledger: Ledger, path: str, place: str) -> bool:
    """Whether a person has deleted a file and told git so. What only is not on disk comes back.

    :param path: where the file was before the move, :param place: where it is after it.
    """
    if place in checkout.listing:
        return False
    spots = {place, *ledger.places_of(path)}
    ours = [spot for spot in spots if spot not in ledger.shared or spot in (place, path)]
    return not any(spot in checkout.listing or checkout.read(spot) for spot in ours)


def _without_memory(checkout: Checkout, ledger: Ledger) -> Ledger:
    """Forget files that are gone and of which nothing is left on disk: their places are free."""
    for path in ledger.contents.keys() - ledger.origins.keys():
        if not any(checkout.read(place) for place in ledger.places_of(path)):
            ledger = ledger.forgetting(path)
    return ledger


class _Absorbing:
    def __init__(self, checkout: Checkout, ledger: Ledger, news: News, at_hand: Mapping[str, bytes]) -> None:
        self.checkout = checkout
        self.git: Git = checkout.git
        self.ledger = ledger
        self.news = news
        self.blobs = dict(at_hand)
        self.paths: set[str] = set()
        self.removed: dict[str, str] = {}
        self.conflicts: list[str] = []
        self._look()

    def _look(self) -> None:
        """What the ledger says, once it is another one."""
        self.states = self.ledger.states(None)
        self.steps = self.ledger.steps()
        self.places = {state.origin: path for path, state in self.states.items() if state and state.origin}

    # ---- files that have another name now

    def rename(self) -> None:
        """Follow what was renamed, on master or by hand."""
        for old, new in (*self.news.renamed.items(), *self._by_hand()):
            if old not in self.places or new in self.ledger.origins:
                continue
            was = self.places[old]
            spots = dict.fromkeys((self._target(new), new, was))
            place = next((spot for spot in spots if spot and self._is_free(spot, was)), None)
            if place is None:
                continue
            target = place if place not in (new, was) else self._target(new) if was != old else new
            self.ledger = self.ledger.with_origin_at(old, new, target or new)
            self.paths.update((old, new))
            self._look()

    def _is_free(self, spot: str, was: str) -> bool:
        """Whether the file may be the one that is here."""
        return self.checkout.read(spot) is not None and (spot == was or self.states.get(spot) is None)

    def _by_hand(self) -> Iterator[tuple[str, str]]:
        """Moved files that a person renamed within the new place: (path before the move, and as it would have been)."""
        gone = {path: old for old, path in self.places.items() if path != old and self._is_deleted(old, path)}
        if not gone:
            return
        back = {new.rpartition("/")[0]: old.rpartition("/")[0] for old, new in self.ledger.renames.items()}
        spare = [path for path in self.checkout.listing if path.rpartition("/")[0] in back and path not in self.states]
        for path, old in gone.items():
            state = self.states[path]
            there = {spot: self.checkout.on_disk(spot) for spot in spare}
            same = [spot for spot, found in there.items() if state and found and found[0] == state.oid]
            if len(same) == 1:
                directory, _, name = same[0].rpartition("/")
                yield old, f"{back[directory]}/{name}"

    def _target(self, path: str) -> str | None:
        """Where a file that is new under the source goes, as its neighbours did."""
        directory, inner = path.rpartition("/")[0], path
        homes: dict[str, str] = {}
        for old, new in self.ledger.renames.items():
            before, after = old.rpartition("/")[0], new.rpartition("/")[0]
            while before and before.rpartition("/")[2] == after.rpartition("/")[2]:
                homes.setdefault(before, after)
                before, after = before.rpartition("/")[0], after.rpartition("/")[0]
            if before:
                homes.setdefault(before, after)
        while directory:
            if directory in homes:
                return homes[directory] + inner[len(directory) :]
            directory = directory.rpartition("/")[0]
        return None

    def adopt(self) -> None:
        """Take for moved what is new under the source on master, and git has put to the new place."""
        for path, (_, entry) in self.news.changes.items():
            if entry is None or path in self.ledger.origins or self.checkout.read(path):
                continue
            place = self._target(path)
            if place is None or place in self.news.files or place in self.states or place not in self.checkout.listing:
                continue
            data = self.git.checked_out(path, entry)
            oid = self._store(data)
            phases = dict(self.ledger.phases)
            done = phases.get("move_files", Done())
            phases["move_files"] = replace(done, renames={**done.renames, path: place})
            origins = {**self.ledger.origins, path: Origin(oid, entry.mode, entry.oid)}
            contents = {**self.ledger.contents, path: (oid,)}
            places = {**self.ledger.places, path: (place,)}
            self.ledger = replace(self.ledger, origins=origins, phases=phases, contents=contents, places=places)
            self.paths.add(path)
            self._look()

    # ---- files from before the move

    def origin(self, path: str) -> None:
        """Bring one file up to date with what was done to it."""
        before, now = self.news.changes.get(path, (None, None))
        changed = path in self.news.changes and not (now and self._is_ours(path, now))
        before, now = (before, now) if changed else (None, None)
        place = self.places.get(path)
        if place is None:
            self._vanished(path, now if changed else None)
            return
        origin, state = self.ledger.origins[path], self.states[place]
        assert state is not None
        mine, old = self._unknown(place), self._unknown(path) if path != place else None
        if mine and (mine[1] == SYMLINK) != (state.mode == SYMLINK):
            self.conflicts.append(f"{place}: a file has become a symbolic link, or the other way round")
            return
        if self._is_deleted(path, place):
            if not (changed and now is None):
                self.removed[path] = place
            self._drop(path)
            return
        if changed and now is None:
            if mine or old or (before and not self._is_as_in(path, origin, before)):
                return  # deleted there, edited here: kept
            self._drop(path)
            return
        if self.checkout.read(place) and not changed:
            old = None  # somebody else's new file at a place that is free again
        if not (changed or mine or old):
            self._mode(path, place, state)
            return
        data = self._merged(path, place, mine, old, before, now)
        if data is None:
            return
        mode = now.mode if now and before and now.mode != before.mode else origin.mode
        updated = Origin(self._store(data), mode, now.oid if now else origin.index)
        contents = [*self.ledger.contents[path], *(self._store(found[0]) for found in (mine, old) if found)]
        self.ledger = replace(
            self.ledger,
            origins={**self.ledger.origins, path: updated},
            contents={**self.ledger.contents, path: tuple(dict.fromkeys(contents))},
        )
        self.paths.add(path if mine is None else place)
        if mine:
            self._steps(place, state, mine[0])
            self._mode(path, place, state)

    def _vanished(self, path: str, now: IndexEntry | None) -> None:
        """A file that was merged into another one: only master can have changed it."""
        if now:
            oid = self._store(self.git.checked_out(path, now))
            origins = {**self.ledger.origins, path: Origin(oid, now.mode, now.oid)}
            contents = {**self.ledger.contents, path: (*self.ledger.contents[path], oid)}
            self.ledger = replace(self.ledger, origins=origins, contents=contents)
            self.paths.add(path)

    def _merged(
        self, path: str, place: str, mine: Found | None, old: Found | None,
        before: IndexEntry | None, now: IndexEntry | None,
    ) -> bytes | None:
        """The file before the move with all that was done to it; None where that is a conflict."""
        origin, state = self.ledger.origins[path], self.states[place]
        assert state is not None
        start = self._read(origin.oid)
        theirs = self.git.checked_out(path, now) if now else start
        since = self.git.checked_out(path, before) if before and now else start
        last = self._read(state.oid)
        if now:
            data, lines = carry(self.git, mine[0] if mine else None, last, start, since, theirs)
        else:
            data, lines = self.git.merge_words(mine[0] if mine else last, last, start)
        where = place
        if old and not lines:
            expected = theirs if now else self.git.checked_out(path, IndexEntry(origin.mode, origin.index))
            data, lines = self.git.merge_words(old[0], expected, data)
            where = path
        if lines:
            self.conflicts.append(f"{where}: {lines_named(lines)}")
            return None
        return data

    def _steps(self, place: str, state: State, mine: bytes) -> None:
        """The contents that phases had made, with the edit too."""
        last = self._read(state.oid)
        for step in self.steps[place]:
            if step.phase:
                merged, lines = self.git.merge_words(mine, last, self._read(step.oid))
                self._written(step, mine if lines else merged)

    def _mode(self, path: str, place: str, state: State) -> None:
        """Take over that a person has made a file executable, or no longer so."""
        found = self.checkout.read(place)
        if found and found[1] != state.mode and SYMLINK not in (found[1], state.mode) and self._modes_count():
            updated = replace(self.ledger.origins[path], mode=found[1])
            self.ledger = replace(self.ledger, origins={**self.ledger.origins, path: updated})

    def _modes_count(self) -> bool:
        return self.git.setting("core.fileMode") != "false"

    def _is_ours(self, path: str, entry: IndexEntry) -> bool:
        """Whether a commit from before the move has what we made: it was committed after the first phase."""
        oid = self.git.oid_of(self.git.checked_out(path, entry))
        return any(step.phase and step.oid == oid for step in self.steps.get(self.places.get(path, path), ()))

    def _is_as_in(self, path: str, origin: Origin, entry: IndexEntry) -> bool:
        return self.git.oid_of(self.git.checked_out(path, entry)) == origin.oid

    def _is_deleted(self, path: str, place: str) -> bool:
        return is_removed(self.checkout, self.ledger, path, place)

    def _drop(self, path: str) -> None:
        self.ledger = self.ledger.without(path)
        self.paths.add(path)

    # ---- files of our making

    def created(self, path: str, state: State) -> None:
        """Bring one up to date with what a person did to it."""
        mine = self._unknown(path)
        if mine is None:
            return
        if (mine[1] == SYMLINK) != (state.mode == SYMLINK):
            self.conflicts.append(f"{path}: a file has become a symbolic link, or the other way round")
            return
        last = self._read(state.oid)
        for step in self.steps[path]:
            merged, lines = self.git.merge_words(mine[0], last, self._read(step.oid))
            if lines:
                self.conflicts.append(f"{path}: {lines_named(lines)}")
                return
            self._written(step, merged)
        self.paths.add(path)

    # ---- contents

    def _unknown(self, path: str) -> Found | None:
        """What is on disk, where that is no content that the file had in our hands."""
        found = self.checkout.read(path)
        if found and self.git.oid_of(found[0]) not in self.ledger.known.get(path, ()):
            return found
        return None

    def _written(self, step: Step, data: bytes) -> None:
        done = self.ledger.phases[step.phase].edited(step.path, self._store(data))
        self.ledger = replace(self.ledger, phases={**self.ledger.phases, step.phase: done})

    def _store(self, data: bytes) -> str:
        oid = self.git.oid_of(data)
        self.blobs[oid] = data
        return oid

    def _read(self, oid: str) -> bytes:
        return self.blobs[oid] if oid in self.blobs else self.git.read([oid])[oid]


def carry(
    git: Git, mine: bytes | None, last: bytes, start: bytes, since: bytes, theirs: bytes
) -> tuple[bytes, list[int]]:
    """A file before the move with what master did to it, and what was done by hand besides.

    :param mine: what is on disk: the last result with master's change merged in, in whatever way;
        None where it is the last result.
    :param last: the last result.
    :param start: what it was made from.
    :param since: master's file at that time.
    :param theirs: master's file now.
    :returns: the content, and the lines that are in conflict.
    """
    merged, lines = git.merge_words(start, since, theirs)
    if mine is None or mine == last:
        return merged, lines
    if lines:  # an earlier edit by hand fights with master's, and a person has decided
        return git.merge_words(mine, last, start)
    found = None
    for expected in _expected(git, last, start, merged):
        data, lines = git.merge_words(mine, expected, merged)
        if not lines and data == merged:
            return merged, []
        if not lines and found is None:
            found = data
    return (found, []) if found is not None else git.merge_words(mine, last, start)


def _expected(git: Git, last: bytes, start: bytes, merged: bytes) -> Iterator[bytes]:
    """What a merge may have made of the last result, by how conflicts were decided."""
    for favour in ("ours", "theirs"):
        yield git.merge_file(last, start, merged, favour)[0]
    data, lines = git.merge_words(last, start, merged)
    if not lines:
        yield data
    yield last


def lines_named(numbers: Iterable[int]) -> str:
    """How an error names lines."""
    return "line " + ", ".join(map(str, numbers))

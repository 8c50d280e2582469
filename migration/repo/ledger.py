"""The ledger: for every file we touched, what it held before and what we made of it (pure).

It lives in the git directory of the repo it speaks about, so that a fresh clone has none and a
restored one has the right one. It is written before the deed: whatever instant the process dies
at, the state of each file (as before, as after) can be told by comparing blob ids.

All blob ids are of the bytes as they are on disk (no filters); the blobs are kept in git's object
store by a ref.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field, replace
from functools import cached_property
from typing import Any

from migration.core.phase import TREE_PHASES

LOST = "lost"  # among what is undone: files of our making that a person had edited and no phase makes any more


@dataclass(frozen=True, slots=True)
class Origin:
    """A file as it was before we touched it: blob id of its bytes, mode, and blob id in the index.

    What a person edited since is in ``oid``.

    :param uncommitted: another product's move had changed the file, and that was not committed.
    """

    oid: str
    mode: str
    index: str
    uncommitted: bool = False


@dataclass(frozen=True, slots=True)
class Written:
    """A file that a phase wrote.

    :param oid: what is on disk.
    :param made: what the phase itself made; differs where the phase created the file and a person
        edited it since.
    :param mode: octal mode, for a file that the phase created.
    """

    oid: str
    made: str
    mode: str = ""


@dataclass(frozen=True, slots=True)
class Noted:
    """Lines of a file that a phase has left for a person.

    :param left: blob id of the file then.
    :param lines: their texts.
    """

    left: str
    lines: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Corrected:
    """A file in which a person corrected such lines: blob ids of the file before the move.

    :param corrected: with the corrections, as they were carried back.
    :param without: without them.
    """

    corrected: str
    without: str


@dataclass(frozen=True)
class Done:
    """What one phase did to the tree."""

    renames: dict[str, str] = field(default_factory=dict)
    removes: tuple[str, ...] = ()
    writes: dict[str, Written] = field(default_factory=dict)

    def edited(self, path: str, oid: str) -> Done:
        """The same with a person's edit in one of the files that it wrote."""
        written = self.writes[path]
        made = written.made if written.mode else oid
        return replace(self, writes={**self.writes, path: replace(written, oid=oid, made=made)})


@dataclass(frozen=True, slots=True)
class State:
    """A path in one state of the tree: blob id and mode, and the path of the file before the move.

    ``origin`` is None for a file that a phase created.
    """

    oid: str
    mode: str
    origin: str | None


@dataclass(frozen=True, slots=True)
class Step:
    """One content that a file had: what ``phase`` wrote at ``path`` (``""``: as it was before)."""

    phase: str
    path: str
    oid: str


@dataclass(frozen=True)
class Ledger:
    """What was done to the tree for one product.

    :param origins: path before the move -> the file as it was.
    :param phases: phase -> what it did, in the order of the phases.
    :param undone: what later phases had done when an earlier one was run again; kept because a
        person may have edited what they made.
    :param contents: path before the move -> every blob id the file ever had, the first one first.
    :param created: path -> every blob id that a file of our making ever had there.
    :param places: path before the move -> every other path the file was ever at.
    :param base: the commits whose files the origins are (what people edited aside); none where the
        origins are what another product's move has made.
    :param under: the products whose moves this one stands on.
    :param noted: phase -> path after it -> lines that it has left for a person.
    :param corrected: path before the move -> what a person has made of such lines.
    :param head: the commit that was checked out when this was written; ``""`` where that is not known.
    """

    origins: dict[str, Origin] = field(default_factory=dict)
    phases: dict[str, Done] = field(default_factory=dict)
    undone: dict[str, Done] = field(default_factory=dict)
    contents: dict[str, tuple[str, ...]] = field(default_factory=dict)
    created: dict[str, tuple[str, ...]] = field(default_factory=dict)
    places: dict[str, tuple[str, ...]] = field(default_factory=dict)
    base: tuple[str, ...] = ()
    under: tuple[str, ...] = ()
    head: str = ""
    noted: dict[str, dict[str, Noted]] = field(default_factory=dict)
    corrected: dict[str, Corrected] = field(default_factory=dict)

    def until(self, phase: str | None) -> Iterator[tuple[str, Done]]:
        """What was done by the phases before ``phase`` (by all of them for None), in order."""
        for name in TREE_PHASES:
            if name == phase:
                return
            if name in self.phases:
                yield name, self.phases[name]

    def states(self, phase: str | None) -> dict[str, State | None]:
        """Every touched path as it is before ``phase`` (after all phases for None)."""
        states: dict[str, State | None] = dict.fromkeys(sorted(self.touched))
        for path, origin in self.origins.items():
            states[path] = State(origin.oid, origin.mode, path)
        for _, done in self.until(phase):
            _play(states, done)
        return states

    def steps(self) -> dict[str, list[Step]]:
        """Path after all phases -> the contents of that file, one after another."""
        steps = {path: [Step("", path, origin.oid)] for path, origin in self.origins.items()}
        for name, done in self.until(None):
            moved = {new: steps[old] for old, new in done.renames.items()}
            for path in (*done.renames, *done.removes):
                steps.pop(path, None)
            steps |= moved
            for path, written in done.writes.items():
                if written.mode:
                    steps[path] = []
                steps[path].append(Step(name, path, written.oid))
        return steps

    def remembering(self) -> Ledger:
        """This ledger with all that its phases do noted in ``contents``, ``created`` and ``places``."""
        contents = {path: dict.fromkeys(oids) for path, oids in self.contents.items()}
        created = {path: dict.fromkeys(oids) for path, oids in self.created.items()}
        places = {path: dict.fromkeys(found) for path, found in self.places.items()}
        for phase in (*TREE_PHASES, None):
            for path, state in self.states(phase).items():
                if state is None:
                    continue
                if state.origin is None:
                    created.setdefault(path, {})[state.oid] = None
                    continue
                contents.setdefault(state.origin, {})[state.oid] = None
                if path != state.origin:
                    places.setdefault(state.origin, {})[path] = None
        return replace(self, contents=_tuples(contents), created=_tuples(created), places=_tuples(places))

    def with_done(self, phase: str, done: Done, *, only: str | None = None) -> Ledger:
        """The ledger after ``phase`` did ``done``.

        What later phases did becomes undone, unless this phase did the same as before.

        :param only: the one file (at its path after the move) that was done again: what was done to
            all others stays.
        """
        previous = self.phases.get(phase, Done())
        position = TREE_PHASES.index(phase)
        earlier = {name: self.phases[name] for name in TREE_PHASES[:position] if name in self.phases}
        later = {name: self.phases[name] for name in TREE_PHASES[position + 1 :] if name in self.phases}
        undone = dict(self.undone)
        if only is not None:
            writes = {path: written for path, written in previous.writes.items() if path != only}
            if only in done.writes:
                writes[only] = done.writes[only]
            if previous.writes.get(only) != writes.get(only):
                later = {
                    name: replace(item, writes={path: w for path, w in item.writes.items() if path != only})
                    for name, item in later.items()
                }
            done = replace(previous, writes=writes)
        else:
            undone.pop(phase, None)
            if done != previous:
                undone |= later
                later = {}
        return replace(self, phases={**earlier, phase: done, **later}, undone=undone)

    @cached_property
    def renames(self) -> dict[str, str]:
        """Where the files went when they were moved last: path before the move -> path after it."""
        done = self.phases.get("move_files") or self.undone.get("move_files") or Done()
        return done.renames

    def without(self, origin: str) -> Ledger:
        """The ledger as if the file had never been there; what it held, and where, is still known."""
        place = self.renames.get(origin, origin)
        ours = {(step.phase, step.path) for step in self.steps().get(place, ())}

        def left(name: str, done: Done, *, undone: bool) -> Done:
            before = TREE_PHASES.index(name) <= TREE_PHASES.index("move_files")
            gone = {origin if before else place} if undone else {path for phase, path in ours if phase == name}
            renames = {old: new for old, new in done.renames.items() if old != origin}
            writes = {path: written for path, written in done.writes.items() if path not in gone or written.mode}
            return Done(renames, tuple(path for path in done.removes if path != origin), writes)

        return replace(
            self,
            origins={path: item for path, item in self.origins.items() if path != origin},
            phases={name: left(name, done, undone=False) for name, done in self.phases.items()},
            undone={
                name: done if name == LOST else left(name, done, undone=True) for name, done in self.undone.items()
            },
        )

    def forgetting(self, origin: str) -> Ledger:
        """The ledger without what it remembers of a file that is gone."""
        contents = {path: oids for path, oids in self.contents.items() if path != origin}
        places = {path: found for path, found in self.places.items() if path != origin}
        return replace(self, contents=contents, places=places)

    def with_origin_at(self, old: str, new: str, place: str) -> Ledger:
        """The ledger with a file of another name before the move.

        :param place: where the file is after the move.
        """
        was = self.renames.get(old, old)
        steps = {(step.phase, step.path) for step in self.steps().get(was, ())}

        def renamed(name: str, done: Done) -> Done:
            before = TREE_PHASES.index(name) < TREE_PHASES.index("move_files")
            renames = {path: target for path, target in done.renames.items() if path != old}
            if name == "move_files" and new != place:
                renames[new] = place
            writes = {
                ((new if before else place) if (name, path) in steps else path): written
                for path, written in done.writes.items()
            }
            return Done(renames, tuple(new if path == old else path for path in done.removes), writes)

        def moved(items: dict[str, Any]) -> dict[str, Any]:
            return {new if path == old else path: item for path, item in items.items()}

        places = moved(self.places)
        spots = dict.fromkeys((*places.get(new, ()), old, was, place))
        places[new] = tuple(spot for spot in spots if spot != new)
        ledger = replace(
            self.without(old), origins=moved(self.origins), contents=moved(self.contents), places=places,
            corrected=moved(self.corrected),
        )  # fmt: skip
        return replace(ledger, phases={name: renamed(name, done) for name, done in self.phases.items()})

    def places_of(self, origin: str) -> tuple[str, ...]:
        """Every path at which a file ever was, the one before the move first."""
        return (origin, *self.places.get(origin, ()))

    @cached_property
    def touched(self) -> set[str]:
        """Every path that a phase read or wrote, before or after the move."""
        paths = {*self.origins, *self.created, *self.contents}
        for done in (*self.phases.values(), *self.undone.values()):
            paths.update(done.renames, done.renames.values(), done.removes, done.writes)
        for places in self.places.values():
            paths.update(places)
        return paths

    @cached_property
    def known(self) -> dict[str, set[str]]:
        """Path -> the blob ids that are safe with us when they are found there."""
        known: dict[str, set[str]] = {}
        for origin, oids in self.contents.items():
            for path in self.places_of(origin):
                known.setdefault(path, set()).update(oids)
        for path, oids in self.created.items():
            known.setdefault(path, set()).update(oids)
        return known

    @cached_property
    def shared(self) -> frozenset[str]:
        """The paths at which more than one file has been, one after another."""
        count = Counter([*self.origins, *self.created])
        for places in self.places.values():
            count.update(places)
        return frozenset(path for path, number in count.items() if number > 1)

    @property
    def blobs(self) -> set[str]:
        """The ids of the blobs that must not be lost."""
        found = {origin.oid for origin in self.origins.values()}
        found |= {note.left for notes in self.noted.values() for note in notes.values()}
        found |= {oid for item in self.corrected.values() for oid in (item.corrected, item.without)}
        for done in (*self.phases.values(), *self.undone.values()):
            for written in done.writes.values():
                found |= {written.oid, written.made}
        return found


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


def _tuples(value: Mapping[str, Iterable[str]]) -> dict[str, tuple[str, ...]]:
    return {path: tuple(items) for path, items in value.items()}

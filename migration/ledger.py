"""The ledger: for every file we touched, what it held before and what we made of it.

It lives in the git directory of the repo it speaks about, so that a fresh clone has none and a
restored one has the right one. It is written before the deed: whatever instant the process dies
at, the state of each file (as before, as after) can be told by comparing blob ids.

All blob ids are of the bytes as they are on disk (no filters); the blobs are kept in git's object
store by a ref.
"""

from __future__ import annotations

import json
from collections.abc import Iterable
from dataclasses import asdict, dataclass, field
from pathlib import Path

from migration.files import write_atomically

VERSION = 1


@dataclass(frozen=True, slots=True)
class Origin:
    """A file as it was before we touched it: blob id of its bytes, mode, and blob id in the index."""

    oid: str
    mode: str
    index: str


@dataclass(frozen=True, slots=True)
class Written:
    """A file that a phase wrote.

    :param oid: what is on disk.
    :param made: what the phase itself made; differs where a person's edit was merged in.
    :param mode: octal mode, for a file that the phase created.
    """

    oid: str
    made: str
    mode: str = ""


@dataclass(frozen=True)
class Done:
    """What one phase did to the tree."""

    renames: dict[str, str] = field(default_factory=dict)
    removes: tuple[str, ...] = ()
    writes: dict[str, Written] = field(default_factory=dict)


@dataclass(frozen=True)
class Ledger:
    """What was done to the tree for one product.

    :param origins: path before the move -> the file as it was.
    :param phases: phase -> what it did, in the order of the phases.
    :param undone: what later phases had done when an earlier one was run again; kept because a
        person may have edited what they made.
    :param ours: every blob id that we found or wrote: content that is safe with us.
    :param places: path before the move -> every path the file was ever moved to.
    """

    origins: dict[str, Origin] = field(default_factory=dict)
    phases: dict[str, Done] = field(default_factory=dict)
    undone: dict[str, Done] = field(default_factory=dict)
    ours: frozenset[str] = frozenset()
    places: dict[str, tuple[str, ...]] = field(default_factory=dict)

    def until(self, phase: str | None, order: Iterable[str]) -> list[Done]:
        """What was done by the phases before ``phase`` (by all of them for None), in order."""
        done = []
        for name in order:
            if name == phase:
                break
            if name in self.phases:
                done.append(self.phases[name])
        return done

    @property
    def touched(self) -> set[str]:
        """Every path that a phase read or wrote, before or after the move."""
        paths = set(self.origins)
        for done in (*self.phases.values(), *self.undone.values()):
            paths.update(done.renames, done.renames.values(), done.removes, done.writes)
        for places in self.places.values():
            paths.update(places)
        return paths

    @property
    def blobs(self) -> set[str]:
        """The ids of the blobs that must not be lost."""
        found = {origin.oid for origin in self.origins.values()}
        for done in (*self.phases.values(), *self.undone.values()):
            for written in done.writes.values():
                found |= {written.oid, written.made}
        return found


def load(path: Path) -> Ledger:
    """The ledger in a file; an empty one where there is no file."""
    try:
        raw = json.loads(path.read_bytes())
    except FileNotFoundError:
        return Ledger()

    def done(value: dict[str, object]) -> Done:
        writes = value["writes"]
        assert isinstance(writes, dict)
        return Done(
            dict(value["renames"]),  # type: ignore[call-overload]
            tuple(value["removes"]),  # type: ignore[arg-type]
            {name: Written(**item) for name, item in writes.items()},
        )

    return Ledger(
        {name: Origin(**item) for name, item in raw["origins"].items()},
        {name: done(item) for name, item in raw["phases"].items()},
        {name: done(item) for name, item in raw["undone"].items()},
        frozenset(raw["ours"]),
        {name: tuple(item) for name, item in raw["places"].items()},
    )


def save(path: Path, ledger: Ledger) -> None:
    """Write the ledger, atomically."""
    content = {
        "version": VERSION,
        "origins": {name: asdict(origin) for name, origin in sorted(ledger.origins.items())},
        "phases": {name: asdict(done) for name, done in ledger.phases.items()},
        "undone": {name: asdict(done) for name, done in ledger.undone.items()},
        "ours": sorted(ledger.ours),
        "places": {name: list(places) for name, places in sorted(ledger.places.items())},
    }
    write_atomically(path, json.dumps(content, indent=0).encode() + b"\n")

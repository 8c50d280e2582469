"""Which files an entry took in before the move and no longer does, or the other way round (pure).

For every file that moves, what the entries say of it at its old place in the tree before is held against what they say
of it at its new place in the tree after. Nothing of it depends on the consumer.
"""

from __future__ import annotations

import posixpath
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from functools import cached_property
from operator import is_

from migration.core.names import is_under
from migration.engine.coverage.patterns import Place
from migration.engine.coverage.reading import Reader, State
from migration.engine.coverage.spots import Spot
from migration.engine.coverage.values import Entry, Group, file_of, of_file

Saying = Mapping[str, tuple[str, Entry | None]]  # topic -> (verdict, the entry that decides)


@dataclass(frozen=True)
class Gap:
    """An entry that says something else of files since they moved.

    :param name: what the entries of this kind say, for people.
    :param entry: the one that said it (or, where ``gained``, that says it now); its path is that before the move
        (or after it).
    :param path: the file that holds it, after the move; :param line: its line there, as far as it can be told.
    :param spot: its place there; None where it isn't there any more.
    :param before: what was said of the files; :param now: what is said of them after the move.
    :param files: the files: path before -> path after.
    :param gained: whether nothing was said of them before.
    :param others: the entries of its file that decide with it.
    :param there: how many of the files are there; the rest may come.
    """

    name: str
    entry: Entry
    path: str
    line: int
    spot: Spot | None
    before: str
    now: str
    files: tuple[tuple[str, str], ...]
    gained: bool = False
    others: tuple[Entry, ...] = ()
    there: int = 0

    @property
    def key(self) -> tuple[str, str, str, bool]:
        """What it is called in the plan, and told from others by."""
        return self.path, self.entry.text, self.name, self.gained


@dataclass(frozen=True)
class Move:
    """What moves.

    :param files: path before -> path after.
    :param directories: the same for directories that move as a whole.
    :param roots: the directories on ``sys.path``.
    :param known: whether the tree before the move is at hand; else only what is lost can be told.
    """

    files: Mapping[str, str]
    directories: Mapping[str, str]
    roots: tuple[str, ...] = (".",)
    known: bool = True

    def places(self, olds: Iterable[str]) -> list[Place]:
        """The topmost directories that move as a whole and hold these files; else the files themselves."""
        found: dict[str, str] = {}
        for old in olds:
            top = old
            at = posixpath.dirname(old)
            while at:
                if at in self.directories:
                    top = at
                at = posixpath.dirname(at)
            found[top] = self.directories.get(top) or self.new_path(top)
        return sorted(found.items())

    def new_path(self, path: str) -> str:
        """Where a file is after the move; one that isn't there yet goes with its directory."""
        if path in self.files:
            return self.files[path]
        at = posixpath.dirname(path)
        while at:
            if at in self.directories:
                return self.directories[at] + path[len(at) :]
            at = posixpath.dirname(at)
        return path

    @cached_property
    def tops(self) -> list[Place]:
        """The topmost places of all."""
        return self.places(self.files)

    @cached_property
    def words(self) -> frozenset[str]:
        """The parts of the paths of the topmost places, before and after."""
        return frozenset(part for at in self.either for part in at.split("/"))

    @cached_property
    def either(self) -> frozenset[str]:
        """The topmost places before and after."""
        return frozenset(at for place in self.tops for at in place)


def gaps(before: State, after: State, move: Move, reader: Reader, name: str = "") -> list[Gap]:
    """Every entry that says something else of files since they moved, in the order of files and lines.

    :param reader: has read the consumers' files of both trees.
    :param name: look only at what is called so.
    """
    then = _merged(before, move, name)
    now = _merged(after, Move({}, {}), name)
    found: list[Gap] = []
    for key in {**then, **now}:
        group, other = then.get(key), now.get(key)
        if group is None and other is not None and move.known:
            found += _compared(replace(other, entries=()), other, move, reader)
        elif group is not None:
            found += _compared(group, other or replace(group, entries=()), move, reader)
    return sorted(_by_line(found), key=lambda gap: (gap.path, gap.line, gap.entry.text, gap.name))


def _by_line(found: Iterable[Gap]) -> Iterator[Gap]:
    """What one line says of several topics (attributes, settings), as one."""
    lines: dict[tuple[object, ...], list[Gap]] = {}
    for gap in found:
        lines.setdefault((gap.key, gap.line), []).append(gap)
    for same in lines.values():
        before, now = (dict.fromkeys(filter(None, said)) for said in ([g.before for g in same], [g.now for g in same]))
        files = dict.fromkeys(pair for gap in same for pair in gap.files)
        there = max(gap.there for gap in same)
        yield replace(same[0], before=", ".join(before), now=", ".join(now), files=tuple(files), there=there)


def _merged(state: State, move: Move, name: str) -> dict[tuple[str, str], Group]:
    """The groups of all files by name and file (as it is called after the move); those of all files as one."""
    found: dict[tuple[str, str], Group] = {}
    every = ((path, group) for path, groups in state.groups.items() for group in groups)
    chosen = [(path, group) for path, group in every if not name or group.name == name]
    for path, group in sorted(chosen, key=lambda item: (item[0].count("/"), item[0])):
        key = (group.name, _after(group.scope, move) or move.new_path(path))
        known = found.get(key)
        found[key] = replace(group, entries=(*known.entries, *group.entries)) if known else group
    return found


def _compared(then: Group, now: Group, move: Move, reader: Reader) -> Iterator[Gap]:
    then, now = (replace(one, entries=_relevant(one, move)) for one in (then, now))
    if not then.entries and not now.entries:
        return
    lost: dict[tuple[int, str, str, bool], tuple[Entry, list[tuple[str, str]]]] = {}
    for old, new in _files(then, now, move, reader):
        if then.concerns and not then.concerns(old):
            continue
        said = {
            _after(topic, move): (_after(verdict, move), entry)
            for topic, (verdict, entry) in saying(then, old).items()
        }
        says = saying(now, new)
        for topic in {**said, **says}:
            verdict, entry = said.get(topic, (then.default, None))
            verdict_now, entry_now = says.get(topic, (now.default, None))
            if verdict == verdict_now:
                continue
            gained = entry_now is not None and (entry is None or entry.implied or entry.pattern.matches(new))
            teller = entry_now if gained else entry
            if teller and (not gained or (move.known and (entry is not None or now.gains))):
                key = (id(teller), verdict, verdict_now, gained)
                lost.setdefault(key, (teller, []))[1].append((old, new))
    for (_, verdict, verdict_now, gained), (entry, files) in lost.items():
        path = entry.path if gained else move.new_path(entry.path)
        same = _entry_now(entry, now, path)
        spot = same.spot if same else None
        line = (spot or entry.spot).line
        others = tuple(one for one in then.entries if one.path == entry.path)
        there = sum(old in move.files for old, _ in files)
        yield Gap(then.name, entry, path, line, spot, verdict, verdict_now, tuple(files), gained, others, there)


def _entry_now(entry: Entry, now: Group, path: str) -> Entry | None:
    """The same entry in the file as it is after the move."""
    same = (one for one in now.entries if one.text == entry.text and one.path == path and one.topic == entry.topic)
    return next(same, None)


def _relevant(group: Group, move: Move) -> tuple[Entry, ...]:
    """The entries that can take in something that moves, before or after."""
    return tuple(entry for entry in group.entries if any(entry.pattern.may_touch(at) for at in move.either))


def _after(name: str, move: Move) -> str:
    """A scope, topic or verdict as it is called after the move."""
    path = file_of(name)
    return name if path is None else of_file(move.new_path(path))


def _line_now(entry: Entry, now: Group, path: str) -> int:
    """The line at which an entry stands after the move."""
    same = (one for one in now.entries if one.text == entry.text and one.path == path and one.topic == entry.topic)
    return next(same, entry).spot.line


def _files(then: Group, now: Group, move: Move, reader: Reader) -> Iterator[tuple[str, str]]:
    """The files for which the entries may say something else: none that moves, where none can tell its places apart."""
    same = len(then.entries) == len(now.entries) and all(map(is_, then.entries, now.entries))
    if not same or any(reader.tells_apart(entry.pattern, move.files) for entry in then.entries):
        yield from move.files.items()
    seen = set(move.files)
    tops = [place for place in move.tops if place[0] in move.directories]
    for place in tops:
        for entry in then.entries:
            for old in entry.pattern.probes(place) if then.probing or entry.pattern.exact else ():
                if old not in seen:
                    seen.add(old)
                    yield old, move.new_path(old)
    back = [(new, old) for old, new in tops] if then.probing and move.known else []
    for place in back:
        for entry in now.entries:
            for new in entry.pattern.probes(place):
                old = place[1] + new[len(place[0]) :]
                if old not in seen:
                    seen.add(old)
                    yield old, new


def saying(group: Group, path: str) -> Saying:
    """What the entries of a group say of a file: topic -> verdict, and who says it."""
    found: dict[str, tuple[str, Entry | None]] = {}
    if group.through_parents:
        parts = path.split("/")
        for end in range(1, len(parts)):
            directory = "/".join(parts[:end]) + "/"
            for entry in reversed(group.entries):
                if is_under(directory, posixpath.dirname(entry.path) or ".") and entry.pattern.matches(directory):
                    if entry.verdict:
                        return {entry.topic: (entry.verdict, entry)}
                    break
    for entry in group.entries:
        if entry.pattern.matches(path):
            found[entry.topic] = (entry.verdict, entry)
    return found


def candidates(gap: Gap, move: Move) -> list[Sequence[str]]:
    """The entries that might mend a gap, the best first."""
    if gap.gained:
        return []
    ways: list[list[list[str]]] = []
    for place in move.places(old for old, _ in gap.files):
        ways.append([list(way) for way in gap.entry.pattern.renewed(place)])
    if not ways or not all(ways):
        return []
    write = gap.entry.write or (lambda text: text)
    found: list[Sequence[str]] = []
    for number in range(max(map(len, ways))):
        picked = [way[min(number, len(way) - 1)] for way in ways]
        found.append([write(text) for text in dict.fromkeys(text for way in picked for text in way)])
    return found

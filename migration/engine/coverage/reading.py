"""The consumers' files of a tree, found by their names and read once (pure)."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass

from migration.engine.coverage.consumers import CONSUMERS
from migration.engine.coverage.patterns import Pattern
from migration.engine.coverage.values import Consumer, Context, Files, Group


@dataclass(frozen=True)
class Overlay:
    """Files of which some have another content, or are there in addition."""

    beneath: Files
    contents: Mapping[str, bytes]

    def __contains__(self, path: object) -> bool:
        return path in self.contents or path in self.beneath

    def read(self, path: str) -> bytes:
        """The bytes of a file."""
        return self.contents[path] if path in self.contents else self.beneath.read(path)


@dataclass(frozen=True)
class State:
    """One state of the tree.

    :param files: its files.
    :param directories: every directory that holds a file; the repo itself is ``"."``.
    :param groups: what the consumers' files say, by path.
    """

    files: Files
    directories: Collection[str]
    groups: Mapping[str, tuple[Group, ...]]


class Reader:
    """Reads what the consumers are told, in one tree after another; what has not changed is read once.

    :param roots: the directories on ``sys.path``.
    :param holding: Python files (of any of the trees) that hold one of the consumers' needles.
    :param words: the parts of the paths of what moves, before and after.
    """

    def __init__(
        self,
        roots: tuple[str, ...],
        holding: Collection[str] = (),
        words: Collection[str] = (),
        consumers: Sequence[Consumer] = CONSUMERS,
    ) -> None:
        self.roots = roots
        self.words = frozenset(words)
        self.holding = frozenset(holding)
        self.consumers = consumers
        self._failed: dict[tuple[int, str], str] = {}
        self._readers: dict[str, tuple[int, ...]] = {}
        self._apart: dict[Pattern, bool] = {}
        self._known: dict[tuple[int, str], tuple[bytes, list[Group]]] = {}
        self._names: defaultdict[str, list[int]] = defaultdict(list)
        self._ends: defaultdict[str, list[int]] = defaultdict(list)
        self._starts: list[tuple[str, int]] = []
        self._directories: list[tuple[str, int]] = []
        for number, consumer in enumerate(consumers):
            for reads in consumer.reads:
                if reads.endswith("/"):
                    self._directories.append((reads, number))
                elif reads.startswith("*"):
                    self._ends[reads[1:]].append(number)
                elif reads.endswith("*"):
                    self._starts.append((reads[:-1], number))
                else:
                    self._names[reads].append(number)
        self._heads = tuple(start for start, _ in self._starts)
        self._tops = tuple(top for top, _ in self._directories)

    def state(self, files: Files, paths: Iterable[str], directories: Collection[str]) -> State:
        """A state of the tree.

        :param paths: its regular files.
        """
        context = Context(files, directories, self.roots, self.words)
        found = ((path, self._groups(path, context)) for path in paths)
        return State(files, directories, {path: groups for path, groups in found if groups})

    def changed(self, state: State, contents: Mapping[str, bytes]) -> State:
        """The same state with other contents of some files, or more files."""
        files = Overlay(state.files, dict(contents))
        context = Context(files, state.directories, self.roots, self.words)
        changed = {path: self._groups(path, context) for path in contents}
        return State(files, state.directories, {**state.groups, **changed})

    @property
    def unreadable(self) -> Mapping[str, str]:
        """Files that can't be read as what they are -> what is wrong."""
        return {path: error for (_, path), error in reversed(self._failed.items())}

    def tells_apart(self, pattern: Pattern, files: Mapping[str, str]) -> bool:
        """Whether a pattern takes in a file at one of its places only; worked out once for each pattern.

        :param files: path before the move -> path after it, the same each time.
        """
        if pattern not in self._apart:
            self._apart[pattern] = any(pattern.matches(old) != pattern.matches(new) for old, new in files.items())
        return self._apart[pattern]

    def _groups(self, path: str, context: Context) -> tuple[Group, ...]:
        numbers = self._consumers_of(path)
        if not numbers or path not in context.files:
            return ()
        raw = context.files.read(path)
        return tuple(group for number in numbers for group in self._of(number, path, raw, context))

    def _consumers_of(self, path: str) -> tuple[int, ...]:
        if path not in self._readers:
            self._readers[path] = self._found(path)
        return self._readers[path]

    def _found(self, path: str) -> tuple[int, ...]:
        name = path.rpartition("/")[2]
        dot = name.rfind(".")
        end = name[dot:] if dot >= 0 else ""
        found = [*self._names.get(name, ()), *self._ends.get(end, ())]
        if name.startswith(self._heads):
            found += [number for start, number in self._starts if name.startswith(start)]
        if path.startswith(self._tops):
            found += [number for top, number in self._directories if path.startswith(top)]
        if path in self.holding:
            found += [number for number, consumer in enumerate(self.consumers) if consumer.needles]
        return tuple(sorted(set(found))) if found else ()

    def _of(self, number: int, path: str, raw: bytes, context: Context) -> list[Group]:
        known = self._known.get((number, path))
        if known and known[0] == raw:
            return known[1]
        text = raw.decode("utf-8", "surrogateescape")
        try:
            found = [group for group in self.consumers[number].groups(path, text, context) if group.entries]
            self._failed.pop((number, path), None)
        except (ValueError, RecursionError, SyntaxError) as error:
            # Of files that are read for their names alone, many are something else.
            if path.rpartition("/")[2] in self.consumers[number].reads and context.may_tell_apart(text):
                self._failed[number, path] = " ".join(str(error).split())
            found = []
        self._known[number, path] = (raw, found)
        return found

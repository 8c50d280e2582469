"""The consumers' files of a tree, found by their names and read once (pure)."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Collection, Iterable, Iterator, Sequence
from dataclasses import dataclass

from migration.engine.coverage.consumers import CONSUMERS
from migration.engine.coverage.values import Consumer, Context, Files, Group

Readers = tuple[tuple[str, tuple[int, ...]], ...]


@dataclass(frozen=True)
class State:
    """One state of the tree.

    :param files: its files.
    :param readers: the files that consumers read, and which consumers.
    :param directories: every directory that holds a file; the repo itself is ``"."``.
    """

    files: Files
    readers: Readers
    directories: Collection[str]


class Reader:
    """Reads what the consumers are told, in one tree after another; what has not changed is read once.

    :param roots: the directories on ``sys.path``.
    :param holding: Python files (of any of the trees) that hold one of the consumers' needles.
    """

    def __init__(
        self, roots: tuple[str, ...], holding: Collection[str] = (), consumers: Sequence[Consumer] = CONSUMERS
    ) -> None:
        self.roots = roots
        self.holding = frozenset(holding)
        self.consumers = consumers
        self.unreadable: dict[str, str] = {}
        self._known: dict[tuple[int, str], tuple[bytes, list[Group]]] = {}
        self._names: defaultdict[str, list[int]] = defaultdict(list)
        self._ends: defaultdict[str, list[int]] = defaultdict(list)
        self._starts: list[tuple[str, int]] = []
        self._directories: list[tuple[str, int]] = []
        for number, consumer in enumerate(consumers):
            for reads in consumer.READS:
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
        found = ((path, self._consumers_of(path)) for path in paths)
        return State(files, tuple((path, numbers) for path, numbers in found if numbers), directories)

    def groups(self, state: State) -> Iterator[tuple[str, Group]]:
        """The groups of all consumers in one tree, each with the file that it is of."""
        context = Context(state.files, state.directories, self.roots)
        for path, numbers in state.readers:
            if path in state.files:
                raw = state.files.read(path)
                for number in numbers:
                    for group in self._of(number, path, raw, context):
                        yield path, group

    def _consumers_of(self, path: str) -> tuple[int, ...]:
        name = path.rpartition("/")[2]
        found = list(self._names.get(name, ()))
        dot = name.rfind(".")
        if dot >= 0 and name[dot:] in self._ends:
            found += self._ends[name[dot:]]
        if name.startswith(self._heads):
            found += [number for start, number in self._starts if name.startswith(start)]
        if path.startswith(self._tops):
            found += [number for top, number in self._directories if path.startswith(top)]
        if path in self.holding:
            found += [number for number, consumer in enumerate(self.consumers) if consumer.NEEDLES]
        return tuple(sorted(set(found)))

    def _of(self, number: int, path: str, raw: bytes, context: Context) -> list[Group]:
        known = self._known.get((number, path))
        if known and known[0] == raw:
            return known[1]
        text = raw.decode("utf-8", "surrogateescape")
        try:
            found = [group for group in self.consumers[number].groups(path, text, context) if group.entries]
        except (ValueError, RecursionError, SyntaxError) as error:
            self.unreadable[path] = str(error)
            found = []
        self._known[number, path] = (raw, found)
        return found

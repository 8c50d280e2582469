"""A move of ``shop/stock`` as values, and what the consumers' lines took in before and after it."""

from __future__ import annotations

from collections.abc import Mapping

from migration.core.names import directories_of
from migration.engine.coverage.compare import Gap, Move, gaps
from migration.engine.coverage.consumers import NEEDLES
from migration.engine.coverage.reading import Reader, State
from migration.engine.coverage.settle import Settled, settle

OLD, NEW = "shop/stock", "products/stock/backend"
CODE = {"shop/__init__.py": "", "shop/stock/__init__.py": "", "shop/stock/test_x.py": "def test(price): ...\n",
        "shop/billing/__init__.py": "", "shop/billing/test_y.py": "def test(price): ...\n"}  # fmt: skip


class Texts(dict[str, bytes]):
    """Files that exist in memory only."""

    def read(self, path: str) -> bytes:
        """The bytes of a file."""
        return self[path]


class Moved:
    """``shop/stock`` has moved, and nothing else has changed.

    :param files: the files beside :data:`CODE`, before the move.
    :param after: files that have another content after it, by their path then.
    :param known: whether the tree before is the real one.
    """

    def __init__(
        self, files: Mapping[str, str], after: Mapping[str, str] | None = None, *, known: bool = True,
        roots: tuple[str, ...] = (".",), old: str = OLD, new: str = NEW,
    ) -> None:  # fmt: skip
        before = {path: text.encode("utf-8", "surrogateescape") for path, text in {**CODE, **files}.items()}
        moves = {path: new + path[len(old) :] for path in before if f"{path}/".startswith(old + "/")}
        changed = {path: text.encode() for path, text in (after or {}).items()}
        now = {moves.get(path, path): raw for path, raw in before.items()} | changed
        inner = (path for path in directories_of(moves) if f"{path}/".startswith(old + "/"))
        self.move = Move(moves, {path: new + path[len(old) :] for path in inner}, roots, known)
        every = [*before.items(), *now.items()]
        holding = [path for path, raw in every if path.endswith(".py") and any(needle in raw for needle in NEEDLES)]
        self.reader = Reader(roots, holding, self.move.words)
        self.before, self.after = self.state(before), self.state(now)

    def state(self, files: Mapping[str, bytes]) -> State:
        """A state of the tree."""
        return self.reader.state(Texts(files), files, {".", *directories_of(files)})

    def gaps(self) -> list[Gap]:
        """What says something else since the move."""
        return gaps(self.before, self.after, self.move, self.reader)

    def told(self) -> list[str]:
        """The same in short: file, line, entry, what it said and says."""
        return [f"{gap.path}:{gap.line} {gap.entry.text}: {gap.before} -> {gap.now}" for gap in self.gaps()]

    def settled(self, decision: str = "add") -> Settled:
        """What is written, and what is left, with one decision for all."""
        return settle(self.before, self.after, self.move, self.reader, lambda gap: decision)

    def mended(self) -> dict[str, str]:
        """The files that get entries, with their text then; afterwards, nothing says anything else."""
        settled = self.settled()
        assert not settled.open, [(gap.path, gap.entry.text) for gap, _ in settled.open]
        now = {path: self.after.files.read(path) for path in self.after.files} | settled.contents  # type: ignore[attr-defined]
        self.after = self.state(now)
        assert self.told() == []
        return {path: raw.decode() for path, raw in settled.contents.items()}


def lines_of(text: str, before: str) -> list[str]:
    """The lines of a text that were not there before."""
    old = before.splitlines()
    return [line for line in text.splitlines() if line not in old]

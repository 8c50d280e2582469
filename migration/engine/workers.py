"""The work on one file after another, shared out among processes.

What goes to a process and what comes back are plain values. Each takes the next few files off one pipe as
soon as it has done its last ones, this process among them: none ever waits for another (in
:class:`concurrent.futures.ProcessPoolExecutor`, work is handed out by a thread of the busiest of them).
"""

from __future__ import annotations

import contextlib
import os
import pickle
import signal
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

from migration.core import progress
from migration.core.errors import MigrationError, PhaseError
from migration.core.moves import Moves
from migration.core.references import TextFile
from migration.engine.claims import Rewritten
from migration.engine.rewrite_python import rewrite
from migration.engine.rewrite_text import rewrite_text
from migration.python.dangling_imports import imported_names, sure_names
from migration.python.source_file import SourceFile, UnreadableSource
from migration.rewriters import OF_NAMES, Rewriter

if TYPE_CHECKING:
    from multiprocessing.connection import Connection
    from multiprocessing.context import Process

Rewriters = Sequence[Rewriter[Moves]]
# From this many bytes of source on, the time that another process takes to start is won back.
WORTH_A_PROCESS = 1_000_000
# So many bytes are taken at a time: enough for several turns each, without many messages.
_CHUNK = 64_000
_MOST_CHUNKS = 500  # their numbers have to fit into a pipe before anybody reads it
_NUMBER = 4  # bytes of a number; a pipe gives them to one reader, never a part to each (pipe(7))


@dataclass(frozen=True, slots=True)
class Task:
    """One file to rewrite.

    :param path: its path before the move, and ``new_path`` after it.
    :param raw: its bytes before.
    :param module: its dotted name before the move, and ``new_module`` after it; None where it has none.
    """

    path: str
    raw: bytes
    new_path: str
    python: bool
    module: str | None = None
    new_module: str | None = None


@dataclass(frozen=True, slots=True)
class Outcome:
    """What became of one file: rewritten (or left) as ``rewritten`` says, or failed with ``error``.

    :param unreadable: it can't be decoded or parsed, at ``line`` (0 where that is not known).
    :param names: what its imports name after the move, as :func:`imported_names` has it.
    :param sure: what others find in it for certain, before and after, as :func:`sure_names` has it.
    """

    path: str
    rewritten: Rewritten | None = None
    error: str = ""
    line: int = 0
    unreadable: bool = False
    names: frozenset[tuple[str, str]] = frozenset()
    sure: frozenset[str] = frozenset()


def work(tasks: Sequence[Task], moves: Moves, jobs: int, rewriters: Rewriters = OF_NAMES) -> list[Outcome]:
    """The outcome of each task, in the same order.

    :param jobs: how many processes may work, this one among them.
    :param rewriters: what is looked for.
    :raises PhaseError: if one of the others dies.
    """
    size = sum(len(task.raw) for task in tasks)
    if jobs == 1 or size < WORTH_A_PROCESS:
        return list(progress.each((_one(task, moves, rewriters) for task in tasks), len(tasks)))
    chunks = list(_chunks(tasks, max(_CHUNK, size // _MOST_CHUNKS)))
    found: dict[int, list[Outcome]] = {number: [] for number in range(len(chunks))}
    for number, outcome in progress.each(_shared(chunks, moves, jobs, rewriters), len(tasks)):
        found[number].append(outcome)
    return [outcome for outcomes in found.values() for outcome in outcomes]


def _chunks(tasks: Sequence[Task], enough: int) -> Iterator[Sequence[Task]]:
    first = size = 0
    for index, task in enumerate(tasks):
        if size >= enough:
            yield tasks[first:index]
            first, size = index, 0
        size += len(task.raw)
    if first < len(tasks):
        yield tasks[first:]


def _shared(
    chunks: Sequence[Sequence[Task]], moves: Moves, jobs: int, rewriters: Rewriters
) -> Iterator[tuple[int, Outcome]]:
    """Each outcome with the number of its chunk, as soon as it is known here."""
    from multiprocessing import Pipe  # costs a while to import

    queue, into = Pipe(duplex=False)
    with queue:
        with into:
            os.write(into.fileno(), b"".join(number.to_bytes(_NUMBER, "big") for number in range(len(chunks))))
        helpers: list[_Helper] = []
        try:
            for _ in range(jobs - 1):  # where the system has no more processes, those that there are have to end
                helpers.append(_Helper(chunks, moves, queue, rewriters))
            for number in _numbers(queue):
                for task in chunks[number]:
                    yield number, _one(task, moves, rewriters)
                    for helper in helpers:
                        yield from helper.arrived()
            for helper in helpers:
                yield from helper.rest()
        finally:
            for helper in helpers:
                helper.end()


def _numbers(queue: Connection) -> Iterator[int]:
    """The numbers of chunks that nobody else has taken."""
    while number := os.read(queue.fileno(), _NUMBER):
        yield int.from_bytes(number, "big")


class _Helper:
    """A process that does its share; what it has done comes back over a pipe."""

    def __init__(
        self, chunks: Sequence[Sequence[Task]], moves: Moves, queue: Connection, rewriters: Rewriters
    ) -> None:
        from multiprocessing import Pipe, Process

        self.outcomes, back = Pipe(duplex=False)
        self.process: Process = Process(target=_help, args=(chunks, moves, queue, back, rewriters), daemon=True)
        self.process.start()
        back.close()  # it has its own; ours would keep the pipe from ending with it
        self.is_done = False

    def arrived(self) -> Iterator[tuple[int, Outcome]]:
        """What it has done since it was asked last.

        :raises PhaseError: if it has died.
        """
        while not self.is_done and self.outcomes.poll():
            yield from self._received()

    def rest(self) -> Iterator[tuple[int, Outcome]]:
        """The same, until it has done all; waits for that."""
        while not self.is_done:
            yield from self._received()

    def _received(self) -> Iterator[tuple[int, Outcome]]:
        try:
            number, outcomes = pickle.loads(self.outcomes.recv_bytes())
        except (EOFError, OSError) as error:  # the second in the middle of a message
            self.is_done = True
            self.process.join()
            if code := self.process.exitcode:
                raise PhaseError(
                    f"a process that rewrites files has died with exit code {code} (is there enough memory?)",
                    "run it again with jobs=1",
                ) from error
        else:
            for outcome in outcomes:
                yield number, outcome

    def end(self) -> None:
        """Make sure that it is gone."""
        self.outcomes.close()
        self.process.terminate()
        self.process.join()


def _help(
    chunks: Sequence[Sequence[Task]], moves: Moves, queue: Connection, back: Connection, rewriters: Rewriters
) -> None:
    """What a helper does; on Ctrl-C it is the main process that ends the work."""
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    with contextlib.suppress(BrokenPipeError):  # the main process has gone
        for number in _numbers(queue):
            try:
                outcomes = pickle.dumps((number, [_one(task, moves, rewriters) for task in chunks[number]]))
            except MemoryError:  # the main process says so
                raise SystemExit(1) from None
            back.send_bytes(outcomes)


def _one(task: Task, moves: Moves, rewriters: Rewriters) -> Outcome:
    path = task.path
    try:
        if not task.python:
            return Outcome(path, rewrite_text(TextFile(path, task.raw), moves, rewriters))
        source = SourceFile(path, task.raw, task.module)
        done = rewrite(source, moves, rewriters)
        after = SourceFile(task.new_path, task.raw if done.raw is None else done.raw, task.new_module)
        return Outcome(path, done, names=imported_names(after), sure=sure_names(source))
    except UnreadableSource as error:
        return Outcome(path, error=error.message, line=error.line, unreadable=True)
    except RecursionError:
        return Outcome(path, error="nested too deeply, more than Python itself compiles", unreadable=True)
    except MigrationError as error:
        return Outcome(path, error=error.message)

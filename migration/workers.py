"""The work on one file after another, shared out among processes.

What goes to a worker and what comes back are plain values, so that any
:class:`concurrent.futures.Executor` will do whose workers were started with the moves.
"""

from __future__ import annotations

import signal
from collections.abc import Iterator, Sequence
from concurrent.futures import Executor
from dataclasses import dataclass

from migration import progress
from migration.errors import MigrationError, PhaseError
from migration.python.resolve import imported_names, sure_names
from migration.references import Moves, SourceFile, TextFile, UnreadableSource
from migration.rewrite import Rewritten, rewrite
from migration.text import rewrite_text

# From this many bytes of source on, the time that another process takes to start is won back.
WORTH_A_PROCESS = 1_000_000
# So much goes to a worker at a time: enough for several turns each, without many messages.
_CHUNK = 64_000


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


def work(tasks: Sequence[Task], moves: Moves, jobs: int) -> list[Outcome]:
    """The outcome of each task, in the same order.

    :param jobs: how many processes may work, this one among them.
    :raises PhaseError: if one of the others dies.
    """
    start(moves)
    if jobs == 1 or sum(len(task.raw) for task in tasks) < WORTH_A_PROCESS:
        return list(progress.each((_one(task, moves) for task in tasks), len(tasks)))
    from concurrent.futures.process import BrokenProcessPool, ProcessPoolExecutor  # costs 20 ms to import

    try:
        with ProcessPoolExecutor(jobs - 1, initializer=_start_worker, initargs=(moves,)) as pool:
            try:
                return work_on(tasks, pool)
            except KeyboardInterrupt:
                pool.shutdown(wait=False, cancel_futures=True)
                raise
    except BrokenProcessPool as error:
        raise PhaseError(
            "a process that rewrites files has died (is there enough memory?)", "run it again with jobs=1"
        ) from error


def work_on(tasks: Sequence[Task], pool: Executor) -> list[Outcome]:
    """The same on an executor; what none of its workers has begun yet, this process does itself, from the end.

    Workers, and this process, must have been started with :func:`start`.
    """
    chunks = list(_chunks(tasks))
    found: dict[int, list[Outcome]] = {index: [] for index in range(len(chunks))}
    for index, outcome in progress.each(_as_done(chunks, pool), len(tasks)):
        found[index].append(outcome)
    return [outcome for outcomes in found.values() for outcome in outcomes]


def _as_done(chunks: Sequence[Sequence[Task]], pool: Executor) -> Iterator[tuple[int, Outcome]]:
    """Each outcome with the number of its chunk, as soon as it is known."""
    waiting = {index: pool.submit(_every, chunk) for index, chunk in enumerate(chunks)}
    for index in reversed(range(len(chunks))):
        if index in waiting and waiting[index].cancel():
            del waiting[index]
            yield from ((index, outcome) for outcome in _every(chunks[index]))
        for done in [number for number, future in waiting.items() if future.done()]:
            yield from ((done, outcome) for outcome in waiting.pop(done).result())
    for index, future in waiting.items():
        yield from ((index, outcome) for outcome in future.result())


def _chunks(tasks: Sequence[Task]) -> Iterator[Sequence[Task]]:
    first = size = 0
    for index, task in enumerate(tasks):
        if size >= _CHUNK:
            yield tasks[first:index]
            first, size = index, 0
        size += len(task.raw)
    if first < len(tasks):
        yield tasks[first:]


_moves: Moves | None = None


def start(moves: Moves) -> None:
    """Tell this process where things move."""
    global _moves
    _moves = moves


def _start_worker(moves: Moves) -> None:
    """The same for a worker; on Ctrl-C it is the main process that ends the work."""
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    start(moves)


def _every(tasks: Sequence[Task]) -> list[Outcome]:
    assert _moves is not None
    return [_one(task, _moves) for task in tasks]


def _one(task: Task, moves: Moves) -> Outcome:
    path = task.path
    try:
        if not task.python:
            return Outcome(path, rewrite_text(TextFile(path, task.raw), moves))
        source = SourceFile(path, task.raw, task.module)
        done = rewrite(source, moves)
        after = SourceFile(task.new_path, task.raw if done.raw is None else done.raw, task.new_module)
        return Outcome(path, done, names=imported_names(after), sure=sure_names(source))
    except UnreadableSource as error:
        return Outcome(path, error=error.message, line=error.line, unreadable=True)
    except MigrationError as error:
        return Outcome(path, error=error.message)

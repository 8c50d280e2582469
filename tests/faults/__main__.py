"""``python -m tests.faults``: disturb the tool wherever it writes, and show what is lost. Nothing may be."""

from __future__ import annotations

import argparse
import contextlib
import itertools
import json
import multiprocessing
import os
import sys
import tempfile
import time
from collections.abc import Iterator, Sequence
from concurrent.futures import ProcessPoolExecutor, as_completed
from dataclasses import dataclass, replace
from pathlib import Path

from tests import databases as postgresql
from tests.faults import databases, trials, warm, world
from tests.faults.databases import World
from tests.faults.trials import DISTURBANCES, KINDS, WORKFLOWS, Laboratory, Result, Trial

_laboratory: Laboratory | None = None


@dataclass(frozen=True)
class Row:
    """A line of the table: how often something was tried, and how often it ended in a loss or a difference."""

    what: str
    tried: int
    lost: int
    differing: int


def main(arguments: Sequence[str]) -> int:
    """Make the trials and print the table; 1 if anything is lost or different, else 0."""
    parser = argparse.ArgumentParser(prog="python -m tests.faults", description=__doc__)
    parser.add_argument("--part", type=int, default=0, metavar="N", help="a seeded part of N trials; default all")
    parser.add_argument("--seed", type=int, default=0, help="another part; default 0")
    parser.add_argument("--workflows", type=int, default=0, metavar="N", help="N workflows of teams and nothing else")
    parser.add_argument("--jobs", type=int, default=os.cpu_count() or 1, help="processes; default one per core")
    parser.add_argument("--scenario", choices=trials.SCENARIOS, help="this one only; default all")
    parser.add_argument("--record", type=Path, metavar="FILE", help="keep what came of each trial; go on from there")
    parser.add_argument("--about", default="", help="only trials about this operation, file or error")
    parser.add_argument("--databases", type=int, default=0, metavar="N", help="instead: N odd settings on each engine")
    options = parser.parse_args(arguments)
    if options.databases:
        return odd_databases(options.databases, options.seed, options.jobs)
    names = [options.scenario] if options.scenario else list(trials.SCENARIOS)
    with laboratory() as (place, python):
        if options.workflows:
            found = trials.of_teams(options.workflows, options.seed)
            return _show([*watched(found, place, python, options.jobs, options.record)])
        found = trials.every(Laboratory(place, python), names, options.seed)
        found = [trial for trial in found if options.about in f"{trial.kind} {trial.about}"]
        if options.part:
            found = trials.part(found, options.part, options.seed)
        if not (options.scenario or options.about):
            found = [*found, *trials.rounds(options.seed, few=bool(options.part))]
        return _show([*watched(found, place, python, options.jobs, options.record)])


def _show(done: Sequence[Result]) -> int:
    print(table(rows(done)))
    print(f"{len(done):,} trials")
    return 1 if any(result.problems for result in done) or not done else 0


def odd_databases(count: int, seed: int, jobs: int) -> int:
    """Try odd settings of databases on each engine there is, and print a line per engine; 1 if a database has changed."""
    engines = list(databases.engines())
    if "postgresql" in engines:
        postgresql.host()  # started here, it ends with us
    context = multiprocessing.get_context("fork")
    found = []
    with ProcessPoolExecutor(jobs, context) as pool:
        tried_each = pool.map(_try_databases, engines, itertools.repeat(count), itertools.repeat(seed))
        for engine, problems in zip(engines, tried_each, strict=True):
            for name, lines in problems.items():
                print("\n    ".join([f"WRONG {engine}: {name}", *lines]), flush=True)
            lost = sum(any(line.endswith("has changed") for line in lines) for lines in problems.values())
            tried = min(count, len(databases.every(World(engine, Path()))))
            found.append(Row(f"databases, {engine}", tried, lost, len(problems) - lost))
    print(table(found))
    return 1 if any(row.lost or row.differing for row in found) else 0


def _try_databases(engine: str, count: int, seed: int) -> dict[str, list[str]]:
    with tempfile.TemporaryDirectory(prefix="phased-migration-databases-") as name:
        return databases.try_some(World(engine, Path(name)), count, seed)


def watched(found: Sequence[Trial], place: Path, python: str, jobs: int, record: Path | None) -> Iterator[Result]:
    """Make trials; print what goes wrong, and on stderr now and then how far it is.

    :param record: where what comes of them is kept, and what has been tried before is found.
    """
    kept = recorded(record) if record else {}
    start = said = time.monotonic()
    wrong = 0
    before = [replace(kept[trial.key], trial=trial) for trial in found if trial.key in kept]
    new = make([trial for trial in found if trial.key not in kept], place, python, jobs)
    for number, result in enumerate(itertools.chain(before, new), 1):
        wrong += bool(result.problems)
        if result.problems:
            print(described(result), flush=True)
        if record and result.trial.key not in kept:
            with record.open("a") as stream:
                stream.write(json.dumps([result.trial.key, result.reached, result.problems, result.tried]) + "\n")
        if time.monotonic() - said > 30 or number == len(found):
            said = time.monotonic()
            print(f"{number:,} of {len(found):,}, {wrong} wrong, {said - start:,.0f} s", file=sys.stderr, flush=True)
        yield result


def recorded(record: Path) -> dict[str, Result]:
    """What an earlier call has kept: key -> result (without its trial)."""
    if not record.exists():
        return {}
    lines = [json.loads(line) for line in record.read_text().splitlines()]
    return {key: Result(Trial("", ""), reached, tuple(problems), tried) for key, reached, problems, tried in lines}


@contextlib.contextmanager
def laboratory() -> Iterator[tuple[Path, str]]:
    """A directory for the trials, and an interpreter for the monolith."""
    with tempfile.TemporaryDirectory(prefix="phased-migration-faults-") as name:
        place = Path(name).resolve()
        world.warm_up()
        with warm.interpreter(place) as python:
            yield place, python


def make(found: Sequence[Trial], place: Path, python: str, jobs: int) -> Iterator[Result]:
    """Make trials, in processes of their own."""
    context = multiprocessing.get_context("fork")
    with ProcessPoolExecutor(jobs, context, _start, (place, python)) as pool:
        for done in as_completed([pool.submit(_attempt, trial) for trial in found]):
            yield done.result()


def rows(done: Sequence[Result]) -> list[Row]:
    """What was tried and what came of it, a line per kind."""
    found = []
    for kind in KINDS:
        of_kind = [result for result in done if result.trial.kind == kind and result.reached]
        if of_kind:
            lost = sum(result.is_loss for result in of_kind)
            at_once = kind in (*DISTURBANCES, WORKFLOWS)
            wrong = sum(bool(result.problems) if at_once else len(result.problems) for result in of_kind)
            found.append(Row(kind, sum(result.tried for result in of_kind), lost, max(0, wrong - lost)))
    return found


def table(found: Sequence[Row]) -> str:
    """The lines, and their sum."""
    total = Row("together", *(sum(getattr(row, name) for row in found) for name in ("tried", "lost", "differing")))
    lines = [("", "tried", "survived", "lost", "differing")]
    for row in (*found, total):
        survived = row.tried - row.lost - row.differing
        lines.append((row.what, f"{row.tried:,}", f"{survived:,}", f"{row.lost:,}", f"{row.differing:,}"))
    return "\n".join(f"{line[0]:<30}{line[1]:>8}{line[2]:>10}{line[3]:>6}{line[4]:>11}".rstrip() for line in lines)


def described(result: Result) -> str:
    """A trial that went wrong, and how to make it again."""
    trial = result.trial
    lines = [f"WRONG {trial.kind}, {trial.scenario}: {trial.about} {trial.git or trial.faults or (trial.seed, trial.size)}", *result.problems[:5]]
    return "\n    ".join(lines)


def _start(place: Path, python: str) -> None:
    global _laboratory
    own = place / f"process {os.getpid()}"
    own.mkdir()
    _laboratory = Laboratory(own, python)


def _attempt(trial: Trial) -> Result:
    assert _laboratory is not None
    return _laboratory.attempt(trial)


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))

"""Trials: a run that is disturbed at one point, the same command again, and whether all is as it should be."""

from __future__ import annotations

import os
import random
import re
import shutil
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

from migration.phases import ORDER
from tests.faults import git_faults
from tests.faults.events import ERRORS, KILL, Fault, Point
from tests.faults.world import Ended, World, differences
from tests.tools import put

DEATHS, FAULTS, GIT = "points of death", "errors of the file system", "failing git"
KINDS = (DEATHS, FAULTS, GIT)


@dataclass(frozen=True)
class Scenario:
    """A command, and the state of things in which it is given.

    :param before: brings about that state.
    :param arguments: the command.
    """

    name: str
    before: Callable[[World], object]
    arguments: tuple[str, ...] = ()


def _moved(world: World) -> None:
    world.run(code=0)


def _edited(world: World) -> None:
    """Somebody works on after the move: in a moved file, a rewritten one, and with an old name."""
    world.run(code=0)
    for path, old, new in (
        ("products/stock/backend/items.py", "{number}", "no. {number}"),
        ("core/use.py", "def first", "import core.stock.prices\n\n\ndef first"),
        ("products/stock/backend/apps.py", "class ", "# ours\nclass "),
    ):
        text = (world.repo / path).read_text()
        assert old in text, (path, text)
        (world.repo / path).write_text(text.replace(old, new, 1))
    put(world.repo, {"notes.txt": "not tracked\n"})


SCENARIOS = {
    scenario.name: scenario
    for scenario in (
        Scenario("move", lambda world: None),
        Scenario("two processes", lambda world: None, ("-n", "2")),
        Scenario("edited", _edited),
        Scenario("reset", _moved, ("reset",)),
    )
}


@dataclass(frozen=True)
class Trial:
    """One disturbance, or several one after another.

    :param kind: the line of the table that it counts for.
    :param faults: one for each run that is disturbed; the run after them is not.
    :param git: what happens to one call of git instead.
    """

    kind: str
    scenario: str
    faults: tuple[Fault, ...] = ()
    git: git_faults.GitFault | None = None
    about: str = ""


@dataclass(frozen=True)
class Result:
    """What came of a trial.

    :param reached: whether the run ever came to the point (processes that run side by side may not).
    :param problems: what is lost or different, empty where all is well.
    """

    trial: Trial
    reached: bool
    problems: tuple[str, ...]

    @property
    def is_loss(self) -> bool:
        """Whether a file of the tree has not the content that it should have."""
        return any(problem.startswith("tree: ") for problem in self.problems)


@dataclass(frozen=True)
class Known:
    """What an undisturbed run of a scenario shows.

    :param end: everything, afterwards.
    :param steps: tree and index before it, and after each of its phases.
    """

    start: Path
    end: Mapping[str, object]
    steps: tuple[object, ...]
    points: tuple[Point, ...]
    git_calls: tuple[str, ...]


class Laboratory:
    """Where one process makes its trials, at a place of its own."""

    def __init__(self, place: Path, python: str) -> None:
        self.place = place
        self.world = World(place / "world", python)
        self.known: dict[str, Known] = {}

    def knows(self, name: str) -> Known:
        """Run a scenario undisturbed, once."""
        if name not in self.known:
            self.known[name] = self._learn(SCENARIOS[name])
        return self.known[name]

    def _learn(self, scenario: Scenario) -> Known:
        world, start = self.world, self.place / f"start of {scenario.name}"
        if world.place.exists():
            shutil.rmtree(world.place)
        world.create()
        scenario.before(world)
        world.save(start)
        done = world.run(*scenario.arguments, code=0)
        end = world.snapshot()
        assert not world.litter(), world.litter()
        world.restore(start)
        steps = [world.boundary()]
        if scenario.arguments != ("reset",):
            for phase in ORDER:
                world.run(phase, code=0)
                steps.append(world.boundary())
        world.restore(start)
        calls = git_faults.calls(world, scenario.arguments)
        return Known(start, end, (*steps, (end["tree"], end["index"])), done.points, calls)

    def attempt(self, trial: Trial) -> Result:
        """Make one trial."""
        known, world, arguments = self.knows(trial.scenario), self.world, SCENARIOS[trial.scenario].arguments
        world.restore(known.start)
        problems: list[str] = []
        reached = True
        if trial.git:
            ended = git_faults.run(world, trial.git, arguments)
            if trial.git.mode in git_faults.DEADLY:
                reached = ended.code == -9
            else:
                problems += self._refused(ended, known, trial)
        for fault in trial.faults:
            ended = world.run(*arguments, fault=fault)
            died = ended.code == -9
            reached = reached and (died or fault.error != KILL)
            if not died:
                problems += self._refused(ended, known, trial)
        ended = world.run(*arguments)
        if ended.code:
            problems.append(f"the same command again: exit code {ended.code}: {ended.err.strip()}")
        problems += differences(known.end, world.snapshot())
        problems += [f"left behind: {path}" for path in world.litter()]
        return Result(trial, reached, tuple(problems))

    def _refused(self, ended: Ended, known: Known, trial: Trial) -> Iterator[str]:
        """A run that could not write: it says so, and nothing is half done."""
        said = ended.out + ended.err
        if "Traceback" in said:
            yield f"a traceback: {said[said.index('Traceback'):][-700:]}"
        if ended.code < 0:
            yield f"ended with {ended.code}"
        elif ended.code and not re.search(r"^ *-> \w", ended.err, re.M):
            yield f"no remedy: {ended.err.strip()!r}"
        if ended.code == 0:
            now = self.world.snapshot()
            now["git directory"] = known.end["git directory"]  # the file of a lock may stay until the next run
            yield from (f"said nothing: {line}" for line in differences(known.end, now))
        elif not any(fault.lasting for fault in trial.faults) and self.world.boundary() not in known.steps:
            yield f"half done: {nearest(self.world.boundary(), known.steps)} ({ended.err.strip()})"


def nearest(found: tuple[object, ...], steps: Sequence[object]) -> list[str]:
    """What differs from the step that is most alike."""
    lists = [
        differences(dict(zip(("tree", "index"), step, strict=True)), dict(zip(("tree", "index"), found, strict=True)))  # type: ignore[call-overload]
        for step in steps
    ]
    return min(lists, key=len)


def deaths(name: str, points: Sequence[Point]) -> Iterator[Trial]:
    """Death at every point, and at some of them of all processes together."""
    for number, point in enumerate(points):
        group = name == "two processes" or (point.operation == "started" and number % 2 == 0)
        yield Trial(DEATHS, name, (Fault(number, group=group),), about=f"{point.operation} {point.subject}")


def chains(name: str, points: Sequence[Point], count: int, chance: random.Random) -> Iterator[Trial]:
    """Death after death, each in the run that should have repaired the one before."""
    for _ in range(count):
        faults = [Fault(chance.randrange(len(points))) for _ in range(chance.randint(2, 4))]
        yield Trial(DEATHS, name, tuple(faults), about="one after another")


def errors(name: str, points: Sequence[Point]) -> Iterator[Trial]:
    """At every point one of the errors that the operation can fail with; and a disk that stays full."""
    for number, point in enumerate(points):
        about = f"{point.operation} {point.subject}"
        if possible := ERRORS.get(point.operation):
            error = possible[number % len(possible)]
            yield Trial(FAULTS, name, (Fault(number, error),), about=f"{os.strerror(error)}: {about}")
        if point.operation in ("open", "os.mkdir"):
            fault = Fault(number, ERRORS["open"][0], lasting=True)
            yield Trial(FAULTS, name, (fault,), about=f"the disk stays full: {about}")


def broken_git(name: str, calls: Sequence[str]) -> Iterator[Trial]:
    """Every way in which a call of git can go wrong."""
    for number, call in enumerate(calls):
        for mode in git_faults.modes(call):
            yield Trial(GIT, name, git=git_faults.GitFault(number, mode), about=f"git {call} {mode}")


def every(laboratory: Laboratory, names: Iterable[str], seed: int) -> list[Trial]:
    """All trials of some scenarios."""
    chance = random.Random(seed)
    found: list[Trial] = []
    for name in names:
        known = laboratory.knows(name)
        found += deaths(name, known.points)
        found += chains(name, known.points, 20, chance)
        if name != "two processes":
            found += errors(name, known.points)
            found += broken_git(name, known.git_calls)
    return found


def part(trials: Sequence[Trial], count: int, seed: int) -> list[Trial]:
    """A seeded part in which every kind has its share."""
    chance = random.Random(seed)
    kinds = sorted({trial.kind for trial in trials})
    found: list[Trial] = []
    for number, kind in enumerate(kinds):
        of_kind = [trial for trial in trials if trial.kind == kind]
        found += chance.sample(of_kind, min(len(of_kind), (count + number) // len(kinds)))
    return found

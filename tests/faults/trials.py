"""Trials: a run that is disturbed at one point, the same command again, and whether all is as it should be.

A run of the whole move takes seconds, and what a death in one phase leaves does not depend on what would
have come after it. So each phase is a scenario of its own, in the state that the phases before it leave;
deaths one after another, anywhere in the whole move, are tried as well.
"""

from __future__ import annotations

import os
import random
import re
import shutil
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

from migration.core.phase import ORDER, TREE_PHASES
from tests.faults import fuzz, git_faults, merges, workflows
from tests.faults.events import ERRORS, KILL, Fault, Point
from tests.faults.monolith import FILES, PRODUCT
from tests.faults.world import Ended, World, differences
from tests.tools import git, put

DEATHS, FAULTS, GIT = "points of death", "errors of the file system", "failing git"
FUZZ, MERGES, WORKFLOWS = "inputs fuzzed", "merges of master", "workflows of teams"
WITH_MODELS = "with models"
DISTURBANCES = (DEATHS, FAULTS, GIT)
KINDS = (*DISTURBANCES, FUZZ, MERGES, WORKFLOWS)


@dataclass(frozen=True)
class Scenario:
    """A command, and the state of things in which it is given.

    :param arguments: the command.
    :param after: the scenario whose end is the beginning of this one, ``""`` for the monolith before the move.
    :param before: what else happens before.
    :param whole: whether the command runs many phases, each of which may be the last one that is done.
    :param commits: whether it makes commits, each of which may be the last one: only the files have to be as before.
    :param sample: how many of its trials are made, chosen by the seed, where it does much that others do too; 0 for all.
    """

    name: str
    arguments: tuple[str, ...] = ()
    after: str = ""
    before: Callable[[World], object] = lambda world: None
    whole: bool = False
    commits: bool = False
    sample: int = 0


def _edited(world: World) -> None:
    """Somebody works on after the move: in a moved file, a rewritten one, and with an old name."""
    for path, old, new in (
        ("products/stock/backend/items.py", "{number}", "no. {number}"),
        ("core/use.py", "def first", "import core.stock.prices\n\n\ndef first"),
        ("products/stock/backend/apps.py", "class ", "# ours\nclass "),
    ):
        text = (world.repo / path).read_text()
        assert old in text, (path, text)
        (world.repo / path).write_text(text.replace(old, new, 1))
    put(world.repo, {"notes.txt": "not tracked\n"})


_TOOLS = {
    "pyproject.toml": FILES["pyproject.toml"] + '\n[tool.ruff.lint]\nselect = ["I"]\n\n[tool.importlinter]\nroot_package = "core"\n',  # type: ignore[operator]
    "tach.toml": '[[modules]]\npath = "core"\ndepends_on = []\n',
    ".git-blame-ignore-revs": "# formatting\n",
}


def _with_tools(world: World) -> None:
    """The repo uses tools that a command writes for, or that are run."""
    put(world.repo, _TOOLS)
    git(world.repo, "add", *_TOOLS)
    git(world.repo, "commit", "-q", "-m", "tools", "--", *_TOOLS)


def _done_with_tools(world: World) -> None:
    _with_tools(world)
    world.run(code=0)


def _formatting(world: World) -> None:
    """The plan says that the repo's own formatter has the last word."""
    _with_tools(world)
    plan = world.home / "moves" / PRODUCT / "moves.yml"
    text = plan.read_text()
    assert "\nformat: keep\n" in text, text
    plan.write_text(text.replace("\nformat: keep\n", "\nformat: repo\n"))
    world.run("move_files", code=0)


def _phases(
    phases: Sequence[str], prefix: str, first: str, before: Callable[[World], object] = lambda world: None
) -> Iterator[Scenario]:
    """Each phase, in the state that those before it leave."""
    after = first
    for phase in phases:
        name = f"{prefix}{phase}"
        first_of_all = before if phase == ORDER[0] else lambda world: None
        yield Scenario(name, (phase,), after, first_of_all, sample=_SAMPLES.get(name, 0))
        after = name


# They write whole copies of the tree, file by file, that nobody will miss.
_SAMPLES = {"verify_migrations": 150, "edited: scan_moves": 150}
MOVE, TWO = "move", "two processes"
REPORT = f"moves/{PRODUCT}/report.html"
DONE = ORDER[-1]  # the scenario that ends with the whole move done
SCENARIOS = {
    scenario.name: scenario
    for scenario in (
        *_phases(ORDER, "", ""),
        # What changes no file of the tree does the same after edits.
        *_phases(("scan_moves", *TREE_PHASES[:-1]), "edited: ", DONE, _edited),
        Scenario("reset", ("reset",), DONE),
        Scenario("guard", ("guard",), DONE, _done_with_tools),
        Scenario("commit", ("commit=phases", "commit"), DONE, _done_with_tools, commits=True, sample=80),
        Scenario("commit: owners", ("commit=owners", "commit"), DONE, _done_with_tools, commits=True, sample=60),
        Scenario("format: update_imports", ("update_imports",), "move_files", _formatting, sample=60),
        Scenario(TWO, ("-n", "2", "verify=no"), whole=True),
        Scenario(MOVE, ("verify=no",), whole=True),
    )
}


@dataclass(frozen=True)
class Trial:
    """One disturbance, or several one after another; or a round of fuzzing, or of merges of master; or a workflow.

    :param kind: the line of the table that it counts for.
    :param scenario: in a round of merges, the way in which they come.
    :param faults: one for each run that is disturbed; the run after them is not.
    :param git: what happens to one call of git instead.
    :param seed: of a round or a workflow.
    :param size: plans that are fuzzed (and a tenth as many trees), commits on master, steps of a workflow.
    """

    kind: str
    scenario: str
    faults: tuple[Fault, ...] = ()
    git: git_faults.GitFault | None = None
    about: str = ""
    seed: int = 0
    size: int = 0

    @property
    def key(self) -> str:
        """Names the trial, the same in each process that knows it."""
        return f"{self.kind} {self.scenario} {self.faults} {self.git} {self.seed} {self.size}"


@dataclass(frozen=True)
class Result:
    """What came of a trial.

    :param reached: whether the run ever came to the point (processes that run side by side may not).
    :param problems: what is lost or different, empty where all is well.
    :param tried: how much it counts: one, in a round the number of inputs or merges.
    """

    trial: Trial
    reached: bool
    problems: tuple[str, ...]
    tried: int = 1

    @property
    def is_loss(self) -> bool:
        """Whether a file of the tree has not the content that it should have."""
        return any(problem.startswith("tree: ") for problem in self.problems)


@dataclass(frozen=True)
class Known:
    """What an undisturbed run of a scenario shows.

    :param start: where a copy of everything is, before; :param finish: afterwards.
    :param end: all that counts, afterwards.
    :param steps: tree and index before it, and after each of its phases.
    """

    start: Path
    finish: Path
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
        world = self.world
        start, finish = (self.place / f"{when} of {scenario.name}" for when in ("start", "finish"))
        if scenario.after:
            world.restore(self.knows(scenario.after).finish)
        else:
            if world.place.exists():
                shutil.rmtree(world.place)
            world.create()
        scenario.before(world)
        world.save(start)
        steps = [world.boundary()]
        done = world.run(*scenario.arguments, code=0)
        end = world.snapshot()
        world.save(finish)
        assert not world.litter(), world.litter()
        if scenario.whole:
            world.restore(start)
            for phase in ORDER:
                world.run(*scenario.arguments, phase, code=0)
                steps.append(world.boundary())
        world.restore(start)
        calls = git_faults.calls(world, scenario.arguments)
        return Known(start, finish, end, (*steps, (end["tree"], end["index"])), done.points, calls)

    def attempt(self, trial: Trial) -> Result:
        """Make one trial."""
        if trial.kind not in DISTURBANCES:
            return self._round(trial)
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
        problems += differences(known.end, self._seen(known, trial))
        problems += [f"left behind: {path}" for path in world.litter()]
        return Result(trial, reached, tuple(problems))

    def _round(self, trial: Trial) -> Result:
        where = self.place / "round"
        shutil.rmtree(where, ignore_errors=True)
        where.mkdir()
        if trial.kind == FUZZ:
            seen = fuzz.figures(where, trial.seed, trial.size, trial.size // 10)
            return Result(trial, True, (*seen.tracebacks, *seen.differing), seen.inputs)
        if trial.kind == WORKFLOWS:
            seen_there = workflows.simulate(where, trial.seed, trial.size)
            return Result(trial, True, (*seen_there.problems, *([f"steps: {' '.join(seen_there.steps)}"] if seen_there.problems else [])))
        models, python = trial.about == WITH_MODELS, self.world.python
        done = merges.simulate(where, trial.seed, trial.scenario, trial.size, models=models, python=python)
        return Result(trial, True, tuple(f"tree: {path}" for path in done.differing), done.merges)

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
            now = self._seen(known, trial)
            now["git directory"] = known.end["git directory"]  # the file of a lock may stay until the next run
            if "no report: " in ended.out:
                now["home"] = known.end["home"]
            yield from (f"said nothing: {line}" for line in differences(known.end, now))
        elif not any(fault.lasting for fault in trial.faults) and not self._is_whole(known, trial):
            yield f"half done: {nearest(self.world.boundary(), known.steps)} ({ended.err.strip()})"

    def _seen(self, known: Known, trial: Trial) -> dict[str, object]:
        """All that counts, as it is now."""
        now = self.world.snapshot()
        home = now["home"]
        if REPORT not in known.end["home"]:  # type: ignore[operator]
            # A phase that fails shows that in the report, one that is done alone does not.
            now["home"] = [path for path in home if path != REPORT]  # type: ignore[attr-defined]
        if SCENARIOS[trial.scenario].commits:  # it is no phase: where they run once more, they read what it has written
            now["tracker"] = known.end["tracker"]
        return now

    def _is_whole(self, known: Known, trial: Trial) -> bool:
        """Whether the tree is as some phase leaves it."""
        found = self.world.boundary()
        if SCENARIOS[trial.scenario].commits:
            return found[0] in [step[0] for step in known.steps]  # type: ignore[index]
        return found in known.steps


def nearest(found: tuple[object, ...], steps: Sequence[object]) -> list[str]:
    """What differs from the step that is most alike."""
    lists = [
        differences(dict(zip(("tree", "index"), step, strict=True)), dict(zip(("tree", "index"), found, strict=True)))  # type: ignore[call-overload]
        for step in steps
    ]
    return min(lists, key=len)


def about_(point: Point) -> str:
    """What is done at a point, without where the trials are made."""
    return f"{point.operation} {point.subject.rpartition('/world/')[2]}"


def deaths(name: str, points: Sequence[Point]) -> Iterator[Trial]:
    """Death at every point, and at some of them of all processes together."""
    for number, point in enumerate(points):
        group = name == TWO or (point.operation == "started" and number % 2 == 0)
        yield Trial(DEATHS, name, (Fault(number, group=group),), about=about_(point))


def chains(name: str, points: Sequence[Point], count: int, chance: random.Random) -> Iterator[Trial]:
    """Death after death, each in the run that should have repaired the one before."""
    for _ in range(count):
        # Where one of doit's workers dies alone, doit waits for it for ever, and a person ends it.
        faults = [Fault(chance.randrange(len(points)), group=name == TWO) for _ in range(chance.randint(2, 4))]
        yield Trial(DEATHS, name, tuple(faults), about="one after another")


def errors(name: str, points: Sequence[Point]) -> Iterator[Trial]:
    """At every point one of the errors that the operation can fail with; and a disk that stays full."""
    for number, point in enumerate(points):
        about = about_(point)
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


def rounds(seed: int, *, few: bool) -> list[Trial]:
    """Rounds of fuzzing and of merges, and workflows.

    :param few: one of each, by the seed; else all, to which the seed says nothing.
    """
    if few:
        way = merges.WAYS[seed % len(merges.WAYS)]
        return [Trial(FUZZ, "", seed=seed, size=50), Trial(MERGES, way, seed=seed, size=10), *of_teams(2, seed)]
    found = [Trial(MERGES, way, seed=number, size=50) for number in range(2, 7) for way in merges.WAYS]
    found += [Trial(MERGES, way, seed=number, size=50, about=WITH_MODELS) for number in (12,) for way in merges.WAYS]
    return [*found, *(Trial(FUZZ, "", seed=number, size=50) for number in range(100, 160)), *of_teams(200, 0)]


def of_teams(count: int, seed: int) -> list[Trial]:
    """Workflows, each with a seed of its own."""
    return [Trial(WORKFLOWS, "", seed=seed * 1000 + number, size=6) for number in range(count)]


def every(laboratory: Laboratory, names: Iterable[str], seed: int) -> list[Trial]:
    """All trials of some scenarios."""
    chance = random.Random(seed)
    found: list[Trial] = []
    for name in names:
        known = laboratory.knows(name)
        if SCENARIOS[name].whole:  # each of their points is one of a phase's own
            found += chains(name, known.points, 20, chance)
            continue
        own = [*deaths(name, known.points), *errors(name, known.points), *broken_git(name, known.git_calls)]
        wanted = SCENARIOS[name].sample
        found += chance.sample(own, wanted) if wanted else own
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

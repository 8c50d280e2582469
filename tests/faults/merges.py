"""Master moves on while a product moves: merged or rebased again and again, in the ways people do it.

Every few commits of master arrive on the branch of the move; a person resolves what git can't, in
one way or another; the tool runs, now and then killed half-way or in some phases only; the result is
committed, or not yet. At the end the tree must be, byte for byte, what one run on master's last
commit makes of it.
"""

from __future__ import annotations

import os
import random
import re
import signal
import subprocess
import sys
import tempfile
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from migration.cli import run_phase
from migration.cli.options import Options
from migration.cli.session import Session
from migration.core.errors import GitError
from migration.core.phase import ORDER
from tests.faults.master import SOURCE, Master
from tests.tools import ENVIRONMENT, contents, git

PRODUCT = "stock"
_MARKED = re.compile(rb"(?ms)^(<{7,}) [^\n]*\n(.*?)^={7,}\n(.*?)^>{7,} [^\n]*\n")
WAYS = ("merge", "rebase", "stash", "reset")


@dataclass(frozen=True)
class Figures:
    """What a simulation has shown.

    :param merges: how often master was merged (or rebased onto).
    :param conflicts: files in which git left conflicts to a person.
    :param deaths: runs that were killed.
    :param differing: files that differ from one run on master's last commit.
    """

    commits: int = 0
    merges: int = 0
    conflicts: int = 0
    deaths: int = 0
    differing: tuple[str, ...] = ()


class Branch:
    """A clone of the monolith, on the branch of the move, and the person who works on it.

    :param way: how what happens on master comes here: ``merge``, ``rebase``, or with the move left
        uncommitted ``stash`` or ``reset``.
    """

    def __init__(self, place: Path, master: Master, seed: int, way: str, python: str) -> None:
        self.python = python
        self.repo, self.home, self.way = place / "clone", place / "home", way
        self.random = random.Random(f"{seed} {way}")
        git(place, "clone", "-q", str(master.repo), "clone")
        git(self.repo, "checkout", "-q", "-b", "move")
        self.conflicts = self.deaths = self.refusals = 0

    # ---- the tool

    def session(self) -> Session:
        """What a new process would see."""
        options = Options(product=PRODUCT, repo=self.repo, source=SOURCE, jobs=1, python=self.python, verify=False)
        session = Session(options, self.home)
        session.state.mkdir(parents=True, exist_ok=True)
        return session

    def run(self, *, whole: bool = False) -> None:
        """The tool: all phases, some of them, or all after a death somewhere."""
        chance = 1.0 if whole else self.random.random()
        if chance < 0.2:
            self._run(ORDER[: self.random.randint(1, len(ORDER))])
            return
        if chance < 0.4:
            self.deaths += 1
            self._die(self.random.randint(1, 60))
        self._run(ORDER)

    def _run(self, phases: tuple[str, ...]) -> None:
        try:
            for phase in phases:
                run_phase.execute(self.session(), phase)
        except GitError as error:
            if "finish the merge" not in error.remedy:
                raise
            self.refusals += 1
            git(self.repo, "commit", "-q", "--no-edit")
            self._run(phases)

    def _die(self, at: int) -> None:
        """Run in a process of its own that is killed before the ``at``-th time it writes."""
        child = os.fork()
        if not child:
            sys.addaudithook(_Killer(at))
            try:
                self._run(ORDER)
            finally:
                os._exit(0)
        os.waitpid(child, 0)

    # ---- the person

    def commit(self) -> None:
        """Commit what is there, as a commit of its own or into the last one."""
        amend = ["--amend"] if self.way == "rebase" and self._own_commits() and self.random.random() < 0.7 else []
        git(self.repo, "add", "-A")
        git(self.repo, "commit", "-q", "--allow-empty", *amend, "-m", "the move")

    def take_in_master(self) -> None:
        """Get master's commits by the way of this branch."""
        git(self.repo, "fetch", "-q")
        if self.way in ("merge", "rebase"):
            self.commit()
        if self.way == "merge":
            self._resolved("merge", "-q", "--no-edit", "origin/main")
        elif self.way == "rebase":
            self._resolved("rebase", "-q", "origin/main")
        else:
            git(self.repo, "stash", "-q", "-u")
            stashed = bool(git(self.repo, "stash", "list"))
            git(self.repo, "merge", "-q", "--ff-only", "origin/main")
            if stashed and (self.way == "reset" or self.random.random() < 0.3):
                git(self.repo, "stash", "drop", "-q")
            elif stashed:
                self._resolved("stash", "pop", "-q")

    def _own_commits(self) -> bool:
        return bool(git(self.repo, "rev-list", "origin/main..HEAD").split())

    def _resolved(self, *command: str) -> None:
        """Run a git command, and finish what it leaves in conflict."""
        done = self._git(*command)
        while done.returncode:
            unmerged = git(self.repo, "ls-files", "-u", "-z").split("\0")[:-1]
            if not unmerged and b"CONFLICT" not in done.stdout + done.stderr and not (self.repo / ".git/rebase-merge").exists():
                raise AssertionError((done.stdout + done.stderr).decode())
            self._resolve(unmerged)
            if command[0] == "merge":
                if self.random.random() < 0.3:
                    return  # committed by and by
                done = self._git("commit", "-q", "--no-edit")
            elif command[0] == "rebase":
                git(self.repo, "add", "-A")
                done = self._git("-c", "core.editor=true", "rebase", "--continue")
            else:
                git(self.repo, "reset", "-q")
                git(self.repo, "stash", "drop", "-q")
                git(self.repo, "add", "-A")
                return

    def _resolve(self, unmerged: list[str]) -> None:
        stages: dict[str, dict[int, str]] = {}
        for line in unmerged:
            meta, _, path = line.partition("\t")
            _, oid, stage = meta.split()
            stages.setdefault(path, {})[int(stage)] = oid
        self.conflicts += len(stages)
        for path in [path for path, found in stages.items() if found.keys() == {1}]:
            moved = path.replace("shop/stock/", "products/stock/backend/")
            if moved in stages and moved != path:  # renamed on both sides: master's name it is
                git(self.repo, "rm", "-q", "--cached", moved)
                (self.repo / moved).unlink(missing_ok=True)
                del stages[moved]
        for path, found in stages.items():
            full = self.repo / path
            if {2, 3} <= found.keys():
                side = self.side(path)
                if side not in ("--ours", "--theirs"):
                    self._hunks(path, found, side.removeprefix("hunks "))
                else:
                    git(self.repo, "checkout", "-q", side, "--", path)
                git(self.repo, "add", path)
            elif full.exists() and 1 not in found:
                git(self.repo, "add", path)  # added, and git suggests this place
            elif full.exists() and self.random.random() < 0.5:
                git(self.repo, "add", path)
            else:
                git(self.repo, "rm", "-q", "--cached", path)
                full.unlink(missing_ok=True)
            if full.exists() and _MARKED.search(full.read_bytes()):
                full.write_bytes(_MARKED.sub(self.random.choice((rb"\2", rb"\3")), full.read_bytes()))
                git(self.repo, "add", path)

    def side(self, path: str) -> str:
        """Whose version of a file in conflict is taken, as a whole or where it conflicts."""
        return self.random.choice(("--ours", "--theirs", f"hunks {self.random.choice(('--ours', '--theirs'))}"))

    def _hunks(self, path: str, found: dict[int, str], side: str) -> None:
        """Take one side of each conflict, and both sides' changes elsewhere."""
        names = []
        for stage in (2, 1, 3):
            name = self.repo.parent / f"stage{stage}"
            name.write_bytes(subprocess.run(["git", "cat-file", "blob", found[stage]], cwd=self.repo, capture_output=True).stdout
                             if stage in found else b"")
            names.append(str(name))
        merged = subprocess.run(["git", "merge-file", "-p", side, *names], capture_output=True).stdout
        (self.repo / path).write_bytes(merged)
        for name in names:
            Path(name).unlink()

    def _git(self, *args: str) -> subprocess.CompletedProcess[bytes]:
        return subprocess.run(["git", *args], cwd=self.repo, env=ENVIRONMENT, capture_output=True, check=False)


class _Killer:
    """Counts what a process is about to write, and kills it at one of these points."""

    def __init__(self, at: int) -> None:
        self.left = at

    def __call__(self, event: str, arguments: tuple[Any, ...]) -> None:
        if event in ("os.rename", "os.remove", "os.mkdir", "os.rmdir", "subprocess.Popen"):
            self.left -= 1
            if self.left <= 0:
                os.kill(os.getpid(), signal.SIGKILL)


def simulate(
    place: Path, seed: int, way: str, commits: int = 50, every: int = 5, *, models: bool = False, python: str = sys.executable
) -> Figures:
    """Let master move on for some commits and take them in every few.

    :param place: an empty directory.
    :param way: one of WAYS.
    :param models: whether it is a Django project, which gets new models and migrations, too.
    :param python: the interpreter that runs it.
    """
    place.mkdir(parents=True, exist_ok=True)
    master = Master(place / "master", seed, models=models)
    branch = Branch(place, master, seed, way, python)
    branch.run()
    merges = 0
    for number in range(1, commits + 1):
        master.commit()
        if number % every == 0:
            branch.take_in_master()
            branch.run(whole=number == commits)
            merges += 1
    differing = compare(place, branch)
    return Figures(commits, merges, branch.conflicts, branch.deaths, differing)


def compare(place: Path, branch: Branch) -> tuple[str, ...]:
    """The files that differ from what one run on master's last commit gives."""
    fresh = place / "fresh"
    fresh.mkdir()
    git(fresh, "clone", "-q", str(place / "master"), "clone")
    undisturbed = Branch.__new__(Branch)
    undisturbed.python = branch.python
    undisturbed.repo, undisturbed.home, undisturbed.way = fresh / "clone", fresh / "home", "fresh"
    undisturbed._run(ORDER)
    mine, theirs = contents(branch.repo), contents(undisturbed.repo)
    return tuple(sorted(path for path in {*mine, *theirs} if mine.get(path) != theirs.get(path)))


def figures(place: Path, seeds: Sequence[int] = (2, 3, 4)) -> dict[str, int]:
    """The rows of the table: what was simulated, and how many files differ at the end (0 is the goal)."""
    done = [simulate(place / f"{way}{seed}", seed, way) for seed in seeds for way in WAYS]
    return {
        "commits on master": sum(one.commits for one in done),
        "merges and rebases": sum(one.merges for one in done),
        "conflicts decided by a person": sum(one.conflicts for one in done),
        "runs killed between": sum(one.deaths for one in done),
        "files differing": sum(len(one.differing) for one in done),
    }


if __name__ == "__main__":
    with tempfile.TemporaryDirectory() as directory:
        for name, figure in figures(Path(directory), [int(word) for word in sys.argv[1:]] or (2, 3, 4)).items():
            print(f"{name:<32} {figure:>6,}")

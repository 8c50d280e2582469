"""Colleagues' branches from before the move: each is merged with the moved master, and ``follow`` does the rest.

At the end a branch must be, line for line, what the tool makes of it where it moves the product there by itself. Lines
that name the new place in another way (an alias, as a line that came with the merge binds the plain name) count apart.
"""

from __future__ import annotations

import copy
import random
import shutil
import subprocess
import sys
import tempfile
from dataclasses import dataclass
from pathlib import Path

from migration.cli import run_phase
from migration.cli.commands import follow as command
from migration.cli.late_comers import checkout
from migration.cli.options import Options
from migration.cli.session import Session
from migration.core.phase import ORDER
from migration.engine.follow import follow
from tests.faults.master import SOURCE, Master
from tests.tools import ENVIRONMENT, commit, contents, git


@dataclass(frozen=True)
class Figures:
    """What a simulation has shown.

    :param rewritten: places that were stale after the merges.
    :param stale: places that are so at the end.
    :param collateral: files that differ from what the tool makes of the branch in a line that does not name the new
        place, ``branch: path``.
    """

    branches: int
    rewritten: int
    stale: int
    collateral: tuple[str, ...]


def session(repo: Path, home: Path) -> Session:
    """What a new process would see."""
    made = Session(Options(product="stock", repo=repo, source=SOURCE, jobs=1, verify=False), home)
    made.state.mkdir(parents=True, exist_ok=True)
    return made


def move(repo: Path, home: Path) -> None:
    """Move the product, all phases."""
    for phase in ORDER:
        run_phase.execute(session(repo, home), phase)


def simulate(place: Path, seed: int, branches: int = 50) -> Figures:
    """Let colleagues work on branches of their own, and take in the moved master.

    :param place: an empty directory.
    """
    master, home = Master(place / "master", seed), place / "home"
    git(place, "clone", "-q", "master", "moved")
    move(place / "moved", home)
    commit(place / "moved")
    rewritten = stale = 0
    collateral: list[str] = []
    for number in range(branches):
        repo, expected = place / f"branch{number}", place / f"expected{number}"
        git(place, "clone", "-q", "master", repo.name)
        colleague = copy.deepcopy(master)
        colleague.repo, colleague.random = repo, random.Random(f"{seed} {number}")
        for _ in range(3):
            colleague.commit()
        git(place, "clone", "-q", repo.name, expected.name)
        move(expected, place / f"home{number}")
        _merge(repo, place / "moved")
        rewritten += _follow(repo, home)
        stale += _follow(repo, home)
        mine, theirs = contents(repo), contents(expected)
        paths = sorted({*mine, *theirs})
        collateral += [f"{number}: {path}" for path in paths if _is_collateral(mine.get(path), theirs.get(path))]
        for done in (repo, expected):
            shutil.rmtree(done)
    return Figures(branches, rewritten, stale, tuple(collateral))


def _is_collateral(mine: bytes | None, expected: bytes | None) -> bool:
    if mine is None or expected is None:
        return mine != expected
    ours, theirs = mine.splitlines(), expected.splitlines()
    pairs = [pair for pair in zip(ours, theirs, strict=False) if pair[0] != pair[1]]
    return len(ours) != len(theirs) or any(b"products.stock" not in one for one, _ in pairs)


def _merge(repo: Path, moved: Path) -> None:
    """Merge master; what git can't, goes as the branch has it and where git puts it."""
    git(repo, "fetch", "-q", str(moved), "main")
    words = ["git", "merge", "-q", "--no-edit", "-X", "ours", "FETCH_HEAD"]
    if subprocess.run(words, cwd=repo, env=ENVIRONMENT, capture_output=True, check=False).returncode:
        stages: dict[str, set[str]] = {}
        for line in git(repo, "ls-files", "-u", "-z").split("\0")[:-1]:
            stages.setdefault(line.partition("\t")[2], set()).add(line.partition("\t")[0].split()[2])
        for path, found in stages.items():
            if found <= {"1", "3"}:  # the branch has removed it, or has put it elsewhere
                git(repo, "rm", "-q", "-f", "--", path)
        commit(repo)


def _follow(repo: Path, home: Path) -> int:
    """Run the command, and move what it says lies at the old place; how many places were rewritten."""
    found = follow(session(repo, home).plan(), checkout(session(repo, home), session(repo, home).plan()))
    command.run(session(repo, home))
    commit(repo)
    count = len(found.stale)
    for finding in found.files:
        words = finding.remedy.partition(", then")[0].split()
        if words[:2] == ["git", "mv"]:
            (repo / words[3]).parent.mkdir(parents=True, exist_ok=True)
            git(repo, *words[1:])
    if found.files:
        commit(repo)
        again = follow(session(repo, home).plan(), checkout(session(repo, home), session(repo, home).plan()))
        command.run(session(repo, home))
        commit(repo)
        count += len(again.stale)
    return count


if __name__ == "__main__":
    with tempfile.TemporaryDirectory() as directory:
        figures = simulate(Path(directory), *[int(word) for word in sys.argv[1:]] or [1])
        print(figures)

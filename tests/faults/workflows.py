"""What a team does with a move in a week: branches, clones and work trees, commits made anew, records lost.

A seeded stream of such steps, each followed by a run or not. At the end master is taken in once more, and the
tree must be, byte for byte, what one run on master's last commit makes of it; so must the tree of every other
branch on which somebody has made a move of his own be what one run on its commit makes of it.
"""

from __future__ import annotations

import shutil
import sys
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

from migration.cli.options import Options
from migration.cli.session import Session
from migration.core.errors import UsageError
from migration.core.phase import ORDER
from migration.repo.review_commits import commit
from tests.faults.master import SOURCE, Master
from tests.faults.merges import PRODUCT, Branch
from tests.tools import contents, git, snapshot

TARGET = "products/stock/backend"


@dataclass(frozen=True)
class Figures:
    """What a workflow has shown: its steps, and what was wrong; nothing should be."""

    steps: tuple[str, ...]
    problems: tuple[str, ...]


class Workflow(Branch):
    """A person, and all the places where there is a move.

    :param place: an empty directory.
    """

    def __init__(self, place: Path, master: Master, seed: int) -> None:
        super().__init__(place, master, seed, "merge", sys.executable)
        self.place, self.master = place, master
        self.steps: list[str] = []
        self.problems: list[str] = []
        self.others: list[tuple[Path, Path, str, str]] = []  # repo, home, branch and commit of other moves
        self.removed = ""
        self.sides: dict[str, str] = {}
        self.lost = False  # whether there was no record once
        self.number = 0
        git(self.repo, "branch", "-m", "move", "work")
        git(self.repo, "branch", "old", git(self.repo, "rev-list", "--max-parents=0", "HEAD").strip())

    def session(self) -> Session:
        options = Options(product=PRODUCT, repo=self.repo, source=SOURCE, jobs=1, python=self.python, django=False)
        session = Session(options, self.home)
        session.state.mkdir(parents=True, exist_ok=True)
        return session

    # ---- what happens

    def step(self) -> None:
        """One more thing that somebody does."""
        chance: tuple[tuple[int, Callable[[], None]], ...] = (
            (5, self.merge), (3, self.rebase), (2, self.squash), (2, self.pick), (2, self.amend), (2, self.by_command),
            (4, self.lose), (5, self.clone), (3, self.on_a_branch_from_before), (5, self.on_another_branch),
            (2, self.in_a_work_tree), (2, self.revert), (2, self.revert_the_revert), (2, self.another_name),
            (1, self.remove), (2, self.die), (1, self.some_phases),
        )
        weights, calls = zip(*chance, strict=True)
        call = self.random.choices(calls, weights)[0]
        self.steps.append(call.__name__)
        call()
        if self.random.random() < 0.5:
            self.go_on()

    def go_on(self) -> None:
        """The tool, all of it; a second time there is nothing to do."""
        self.steps.append("run")
        self._run(ORDER)
        if self.removed and (self.repo / self.removed).exists():
            self.problems.append(f"{self.removed} is there again")
        if self.random.random() < 0.2:
            before = snapshot(self.repo)
            self._run(ORDER)
            if snapshot(self.repo) != before:
                self.problems.append(f"a second run changes something, after {self.steps}")

    def news(self) -> None:
        """Master moves on."""
        for _ in range(self.random.randint(1, 3)):
            self.master.commit()

    def settled(self) -> None:
        """All is committed. Where a person has decided conflicts, the tool has run since: only then history tells it."""
        if self.undecided or self.conflicts:
            self._run(ORDER)
            self.conflicts = 0
        self.commit()

    @property
    def undecided(self) -> bool:
        """Whether a merge is not committed yet."""
        return (self._git_directory / "MERGE_HEAD").exists()

    @property
    def _git_directory(self) -> Path:
        return Path(self.repo, git(self.repo, "rev-parse", "--git-dir").strip())

    # ---- commits

    def merge(self) -> None:
        self.news()
        self.way = "merge"
        self.take_in_master()

    def take_in_master(self) -> None:
        self.sides.clear()
        super().take_in_master()

    def side(self, path: str) -> str:
        """In every commit of a rebase the same: of two that are decided differently, nothing can be told but the end."""
        return self.sides.setdefault(path, super().side(path))

    def rebase(self) -> None:
        """All own commits anew. What is decided in a conflict of a commit from before the move counts as an edit by hand,
        and so does what is decided where no record is left, or in a file that only an old commit has changed, of which a
        record that was lost knows nothing: none of this is done here.
        """
        self.settled()
        if self.lost:
            self.squash()
        if any("revert" in subject.lower() for subject in self._subjects()):
            return self.merge()
        if not self.session().workspace.ledger.phases:
            self._run(ORDER)
        self.news()
        self.way = "rebase"
        self.take_in_master()

    def squash(self) -> None:
        """All that was done as one commit upon what was merged of master."""
        self.settled()
        git(self.repo, "reset", "-q", "--soft", self._fork())
        git(self.repo, "commit", "-q", "--allow-empty", "-m", "squashed")

    def pick(self) -> None:
        """The commits of the move, one by one, on a branch of its own."""
        self.settled()
        fork = self._fork()
        if git(self.repo, "rev-list", "--merges", f"{fork}..HEAD").split():
            return
        picked = git(self.repo, "rev-list", "--reverse", f"{fork}..HEAD").split()
        git(self.repo, "switch", "-q", "-c", self._name("picked"), fork)
        if picked:
            git(self.repo, "cherry-pick", "--allow-empty", "--keep-redundant-commits", *picked)

    def amend(self) -> None:
        self.settled()
        if self._own_commits():
            git(self.repo, "commit", "-q", "--amend", "--allow-empty", "-m", "amended")

    def by_command(self) -> None:
        """The commits that the tool itself makes."""
        if self.undecided or git(self.repo, "branch", "--list", f"move/{PRODUCT}").strip():
            return
        self._run(ORDER)
        session = self.session()
        git(self.repo, "reset", "-q")
        self._run(ORDER)
        commit(session.workspace, session.plan())

    def _subjects(self) -> list[str]:
        return git(self.repo, "log", "--format=%s", f"{self._fork()}..HEAD").splitlines()

    def _fork(self) -> str:
        return git(self.repo, "merge-base", "HEAD", "origin/main").strip()

    def _name(self, what: str) -> str:
        self.number += 1
        return f"{what}{self.number}"

    # ---- records and places

    def lose(self) -> None:
        """The record of the move is gone."""
        if self.conflicts or self.undecided:
            self.settled()
        shutil.rmtree(self._git_directory / "phased-migration", ignore_errors=True)
        self.lost = True

    def clone(self) -> None:
        """Another person goes on: with the plan, with all that lies beside it, or with neither."""
        self.settled()
        branch = self._name("taken")
        git(self.repo, "branch", branch)
        git(self.place, "clone", "-q", "-b", branch, str(self.repo), self._name("clone"))
        repo = self.place / f"clone{self.number}"
        git(repo, "branch", "old", "origin/old")
        git(repo, "remote", "set-url", "origin", str(self.master.repo))
        git(repo, "fetch", "-q", "--prune")
        home, had = self.place / f"home{self.number}", self.home / "moves" / PRODUCT
        what = self.random.choice(("nothing", "plan", "all"))
        if what == "plan" and (had / "moves.yml").exists():
            (home / "moves" / PRODUCT).mkdir(parents=True)
            shutil.copy(had / "moves.yml", home / "moves" / PRODUCT)
        elif what == "all" and had.exists():
            shutil.copytree(had, home / "moves" / PRODUCT)
        self.steps.append(f"with {what}")
        self.repo, self.home, self.lost = repo, home, True

    def in_a_work_tree(self) -> None:
        """The same branch goes on in a work tree of its own."""
        self.settled()
        name = self._name("tree")
        git(self.repo, "worktree", "add", "-q", "-b", name, str(self.place / name))
        self.repo, self.lost = self.place / name, True

    def another_name(self) -> None:
        self.settled()
        git(self.repo, "switch", "-q", "-c", self._name("named"))

    def on_a_branch_from_before(self) -> None:
        """The package is not there yet: nothing can be done, and nothing is forgotten."""
        self.settled()
        git(self.repo, "switch", "-q", "--detach", "old")
        try:
            self._run(ORDER[:1])
            self.problems.append("a run without the package succeeds")
        except UsageError:
            pass
        git(self.repo, "switch", "-q", "-")

    def on_another_branch(self) -> None:
        """Somebody makes the move once more, where it is not, and takes it back, commits it, or throws it away."""
        self.settled()
        base = self.random.choice(("origin/main", "origin/main~1", self._fork()))
        branch = self._name("other")
        git(self.repo, "switch", "-q", "-c", branch, base)
        base = git(self.repo, "rev-parse", "HEAD").strip()
        self._run(ORDER)
        how = self.random.choice(("reset", "commit", "throw away", "commit and reset"))
        self.steps.append(how)
        if how == "reset":
            self.session().workspace.reset()
            if git(self.repo, "status", "--porcelain"):
                self.problems.append("reset leaves something")
        elif how == "throw away":
            git(self.repo, "reset", "-q", "--hard")
            git(self.repo, "clean", "-q", "-fd")
        else:
            git(self.repo, "add", "-A")
            git(self.repo, "commit", "-q", "-m", "another move")
            if how == "commit":
                self.others.append((self.repo, self.home, branch, base))
            else:
                self.session().workspace.reset()
                if git(self.repo, "diff", base):
                    self.problems.append("reset leaves something")
                git(self.repo, "reset", "-q", "--hard")
        git(self.repo, "switch", "-q", "-")

    def revert(self) -> None:
        """The move was merged, taken back, and is made again on what is there now."""
        self._merged_into_trunk()
        git(self.repo, "revert", "--no-edit", "-m", "1", "HEAD")
        self.go_on()

    def revert_the_revert(self) -> None:
        self._merged_into_trunk()
        git(self.repo, "revert", "--no-edit", "-m", "1", "HEAD")
        git(self.repo, "revert", "--no-edit", "HEAD")

    def _merged_into_trunk(self) -> None:
        self.settled()
        self._run(ORDER)
        self.commit()
        name = git(self.repo, "rev-parse", "HEAD").strip()
        git(self.repo, "switch", "-q", "-c", self._name("trunk"), self._fork())
        git(self.repo, "merge", "-q", "--no-ff", "--no-edit", name)

    # ---- disturbances

    def die(self) -> None:
        """A run is killed, and made again."""
        self._die(self.random.randint(1, 60))
        self._run(ORDER)

    def some_phases(self) -> None:
        self._run(ORDER[: self.random.randint(1, 4)])
        self._run(ORDER)

    def remove(self) -> None:
        """A person removes a file that has moved."""
        path = f"{TARGET}/prices.csv"
        if self.undecided or self.conflicts or self.removed or not (self.repo / path).exists():
            return
        self._run(ORDER)
        self.removed = path
        git(self.repo, "rm", "-q", "-f", path)
        self.go_on()
        self.commit()

    # ---- the end

    def end(self) -> None:
        """Master is taken in, the tool runs, and the trees are what one run makes of their commits."""
        self.merge() if self.random.random() < 0.6 else self.rebase()
        self.go_on()
        self.compare("main", self.repo, self.home)
        self.settled()
        for repo, home, branch, base in self.others:
            git(repo, "switch", "-q", branch)
            self.repo, self.home = repo, home
            self._run(ORDER)
            self.compare(base, repo, home, branch)

    def compare(self, base: str, repo: Path, home: Path, branch: str = "") -> None:
        """Note the files that one run on a commit of master makes otherwise."""
        place = self.place / self._name("fresh")
        place.mkdir()
        git(place, "clone", "-q", str(self.master.repo), "clone")
        git(place / "clone", "checkout", "-q", base)
        self.repo, self.home = place / "clone", place / "home"
        self._run(ORDER)
        fresh = contents(self.repo)
        self.repo, self.home = repo, home
        mine = {path: data for path, data in contents(repo).items() if path != ".git"}
        differing = sorted(path for path in {*mine, *fresh} if mine.get(path) != fresh.get(path))
        self.problems += [f"tree: {branch or 'the move'}: {path} differs" for path in differing if path != self.removed]


def simulate(place: Path, seed: int, steps: int = 6) -> Figures:
    """Let a team work on a move.

    :param place: where everything is made.
    :param steps: how much happens.
    """
    place.mkdir(parents=True, exist_ok=True)
    workflow = Workflow(place, Master(place / "master", seed), seed)
    workflow.master.commit()
    git(workflow.repo, "pull", "-q", "origin", "main")
    workflow.go_on()
    try:
        for _ in range(steps):
            workflow.step()
        workflow.end()
    except Exception as error:
        workflow.problems.append(f"{type(error).__name__}: {error}")
    return Figures(tuple(workflow.steps), tuple(workflow.problems))

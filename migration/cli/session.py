"""One call of the command line: its values, and the repo and the state they stand for."""

from __future__ import annotations

import hashlib
import os
import posixpath
import shutil
import sys
from collections.abc import Collection, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path
from typing import Any

from migration.core.errors import GitError, MigrationError, UsageError
from migration.core.names import is_within, name_problem
from migration.core.phase import TREE_PHASES
from migration.plan import reading
from migration.plan.plan import Plan
from migration.repo.apply import Workspace
from migration.repo.disk.atomic_write import write_atomically
from migration.repo.disk.lock import Turn, locked_directory
from migration.repo.git import index
from migration.repo.git.git import Git
from migration.repo.git.search import Search
from migration.repo.tree.project import Project, Tree, find_roots, settings_of

SAMPLE = Path(__file__).parents[1] / "sample"
KNOWN = (
    "product", "repo", "source", "target", "python", "settings", "django", "verify", "jobs", "file", "force", "commit",
    "format",
)  # fmt: skip
COMMITS = ("no", "phases", "owners")
FORMATS = ("text", "quiet", "json")


@dataclass(frozen=True)
class Options:
    """What the command line says (``NAME=VALUE``), and the environment's ``MIGRATION_REPO``.

    :param repo: the monolith; None stands for a copy of the bundled sample.
    """

    product: str = "data_warehouse"
    repo: Path | None = None
    source: str = ""
    target: str = ""
    python: str = sys.executable
    settings: str = ""
    django: bool = True
    jobs: int = os.cpu_count() or 1
    file: str = ""
    format: str = "text"
    commit: str = "no"
    force: bool = False
    verify: bool = True

    @classmethod
    def read(cls, values: Mapping[str, str], environ: Mapping[str, str]) -> Options:
        """The options in ``values``.

        :raises UsageError: listing every value that can't be used.
        """
        problems = [f"{name}: unknown; known are {', '.join(KNOWN)}" for name in values if name not in KNOWN]
        product = values.get("product", cls.product)
        if not product.isidentifier() or name_problem(product):
            problems.append(f"product: {product!r} is no Python identifier, e.g. data_warehouse")
        for name in ("source", "target"):
            if values.get(name) and (reason := name_problem(values[name])):
                problems.append(f"{name}: {values[name]!r} is no dotted module name: {reason}")
        for name in ("django", "verify"):
            if values.get(name, "auto") not in ("auto", "no"):
                problems.append(f"{name}: expected auto or no, got {values[name]!r}")
        for name, choices in (("format", FORMATS), ("commit", COMMITS)):
            if values.get(name, choices[0]) not in choices:
                problems.append(f"{name}: expected {', '.join(choices)}, got {values[name]!r}")
        jobs = values.get("jobs", str(cls.jobs))
        if not (jobs.isascii() and jobs.isdecimal()) or int(jobs) < 1:
            problems.append(f"jobs: expected a number from 1, got {jobs!r}")
        force = values.get("force", "0")
        if force not in ("0", "1"):
            problems.append(f"force: expected 1 or 0, got {force!r}")
        if problems:
            raise UsageError("the command line can't be used:", "doit [NAME=VALUE ...] [TASK ...]", problems)
        repo = values.get("repo") or environ.get("MIGRATION_REPO", "")
        return cls(
            product,
            Path(repo).expanduser() if repo else None,
            values.get("source", ""),
            values.get("target", ""),
            _interpreter(values.get("python") or sys.executable),
            values.get("settings", ""),
            values.get("django", "auto") == "auto",
            int(jobs),
            posixpath.normpath(values["file"]) if values.get("file") else "",
            values.get("format", cls.format),
            values.get("commit", cls.commit),
            force == "1",
            values.get("verify", "auto") == "auto",
        )


def _interpreter(python: str) -> str:
    """An interpreter as it is found from anywhere: it is started in the repo, and in copies of it.

    A link stays one, since a virtual environment is found by it (https://docs.python.org/3/library/venv.html).

    :param python: a path from where doit was started, or a name to be looked for on the PATH.
    """
    return os.path.abspath(os.path.expanduser(python)) if os.sep in python else python


class Session:
    """The repo and the state of one product.

    :param options: the command line.
    :param home: the directory that holds ``moves/`` and ``build/`` (where ``dodo.py`` is).
    """

    def __init__(self, options: Options, home: Path) -> None:
        self.options = options
        self.home = home
        self.state = home / "moves" / options.product
        self.plan_path = self.state / "moves.yml"
        self.tracker_path = self.state / "phase_tracker.yml"
        self.registry_path = self.state / "django.json"
        self.database_path = self.state / ".doit.db"
        self.told: Mapping[str, Any] | None = None  # the plan, where only commits tell it
        self._workspace: Workspace | None = None
        self._stamp: tuple[int, ...] = ()
        self._digest: tuple[Workspace, str] | None = None

    @property
    def repo(self) -> Path:
        """The monolith's directory (the sample's copy may not be there yet)."""
        return (self.options.repo or self.home / "build" / "sample").resolve()

    @property
    def repo_label(self) -> str:
        """The monolith as the user would name it."""
        here = Path.cwd()
        return str(self.repo.relative_to(here)) if here in self.repo.parents else str(self.repo)

    @cached_property
    def git(self) -> Git:
        """The monolith's checkout; makes the copy of the sample on first use.

        :raises GitError: if the repo is none.
        """
        if self.options.repo is None and not (self.repo / ".git").exists():
            make_sample(self.repo)
        return Git.open(self.options.repo or self.repo)

    @cached_property
    def turn(self) -> Turn:
        """What keeps other runs out of the monolith while we write (see :mod:`migration.repo.disk.lock`)."""
        return Turn(self.git.directory, str(self.repo))

    @contextmanager
    def at_work(self) -> Iterator[None]:
        """The monolith is being changed; first what a death has left is taken away.

        :raises BusyError: if something that a dead run has started is still at work.
        :raises OSError: if the file system refuses.
        """
        with self.turn.at_work() as lock:
            self.git.inherited = (lock,)
            try:
                index.recover(self.git)
                self.git.unlock(self.workspace.ref)
                yield
            finally:
                self.git.inherited = ()

    @contextmanager
    def alone(self) -> Iterator[None]:
        """The same for a command that is a run of its own.

        :raises BusyError: if another run is at work.
        """
        self.turn.begin()
        try:
            with self.at_work():
                yield
        finally:
            self.turn.end()

    @property
    def workspace(self) -> Workspace:
        """The monolith's files, with the ledger of this product.

        Read again when another process has changed the index or the ledger (``doit -n 2``).
        """
        index, ledger = self.git.directory / "index", Workspace(self.git, self.options.product).path
        stamp = tuple(path.stat().st_mtime_ns if path.exists() else 0 for path in (index, ledger))
        if self._workspace is None or self._stamp != stamp:
            self._workspace, self._stamp = Workspace(self.git, self.options.product), stamp
        return self._workspace

    @property
    def verify_path(self) -> Path:
        """Where verify_migrations works; what a death has left there is removed by the next run, or by reset."""
        return self.workspace.path.parent / "verify"

    @cached_property
    def checkout(self) -> str:
        """What the names of the trial's databases hold of this checkout: the same in each run, so that the next one
        finds what a death has left. A path alone may be another checkout's, too: in another container, or by a mount.
        """
        where = f"{self.repo}\0{self.git.directory.stat().st_ino}"
        return hashlib.sha256(os.fsencode(where)).hexdigest()[:8]

    def tree_digest(self) -> str:
        """:meth:`Workspace.digest`, once per state of index and ledger: doit asks for it again and again.

        A file that a person edits while we run therefore counts as edited after the run.
        """
        workspace = self.workspace
        if self._digest is None or self._digest[0] is not workspace:
            self._digest = (workspace, workspace.digest())
        return self._digest[1]

    def changed_by_us(self) -> None:
        """Keep the digest, which what a phase does leaves as it is, for the new state of index and ledger."""
        if self._digest is not None:
            self._digest = (self.workspace, self._digest[1])

    def plan(self) -> Plan:
        """The plan in force.

        :raises PlanError: if there is none, or it can't be used, or the command line says otherwise.
        """
        plan = reading.load(self.plan_path)
        for name in ("source", "target"):
            said, planned = getattr(self.options, name), getattr(plan, name)
            if said and said != planned:
                raise UsageError(
                    f"{name}: the command line says {said}, {self.plan_path} says {planned}",
                    f"leave {name}= out, or run scan_moves (which writes a new plan, unless this one is edited)",
                )
        return plan

    def project(self, phase: str, roots: tuple[str, ...] | None = None) -> Project:
        """The tree as ``phase`` finds it (and as it was before the move)."""
        workspace = self.workspace
        baseline = workspace.baseline()
        before = workspace.tree(phase) if phase in TREE_PHASES else workspace.tree(None)
        return self.project_at(baseline, before, roots)

    def project_at(self, baseline: Tree, before: Tree, roots: tuple[str, ...] | None = None) -> Project:
        """The same for given trees."""
        touched = sorted({*self.workspace.ledger.origins, *self.workspace.stack.beneath})
        search = Search(self.git)

        def candidates(needles: tuple[bytes, ...]) -> list[str]:
            if left_out := self.git.left_out():
                check_on_disk(left_out.intersection(self.git.grep(needles, index=True)))
            return [*search(needles), *touched]

        return Project(
            self.repo,
            roots or find_roots(baseline),
            baseline,
            before,
            candidates,
            self.options.jobs,
            self.options.file or None,
            self.workspace.made,
        )

    def plan_at_hand(self) -> Plan | None:
        """The plan, if there is one that can be used; the phase itself says what is wrong with it."""
        try:
            return self.plan()
        except MigrationError:
            return None

    def names_said(self, table: Mapping[str, Any]) -> tuple[str, str]:
        """Source and target as the command line, the plan or the repo's own settings say; the source may be empty.

        :param table: these settings (``[tool.phased-migration]``).
        """
        product = self.options.product
        products = table.get("products")
        own = products.get(product) if isinstance(products, dict) else None
        own = own if isinstance(own, dict) else {}
        source, target = self.options.source, self.options.target
        if not (source and target) and self.plan_path.exists():
            plan = reading.load(self.plan_path)
            if not source or source == plan.source:
                source, target = source or plan.source, target or plan.target
        if self.told is not None:
            source, target = source or self.told["source"], target or self.told["target"]
        source = source or str(own.get("source") or table.get("source", "")).replace("{product}", product)
        usual = table.get("target", "products.{product}.backend")
        return source, target or str(own.get("target") or usual).replace("{product}", product)

    def names(self, project: Project) -> tuple[str, str]:
        """Source and target: from the command line, the plan, the repo's own settings, or by convention.

        :raises UsageError: if nothing says what the source is.
        """
        product, (source, target) = self.options.product, self.names_said(settings_of(project.baseline))
        if not source:
            named = [m for m in project.modules if m.count(".") == 1 and m.endswith("." + product)]
            named = [m for m in named if not is_within(target, m)]  # else it would go into itself
            if len(named) != 1:
                found = f"candidates: {', '.join(named)}" if named else "no package of that name is there"
                raise UsageError(
                    f"source: nothing says which package {product} is ({found})",
                    "give source=a.b.c, or set it in the repo's pyproject.toml: "
                    f'[tool.phased-migration.products.{product}] source = "a.b.c"',
                )
            source = named[0]
        return source, target


def check_on_disk(left_out: Collection[str]) -> None:
    """Make sure that a sparse checkout leaves out nothing of the move.

    :param left_out: the files that it leaves out.
    :raises GitError: if there are any.
    """
    if left_out:
        raise GitError(
            f"{len(left_out)} file(s) that the move must see are left out of this sparse checkout; nothing was changed",
            "check them out (git sparse-checkout add DIRECTORY, or git sparse-checkout disable), then run again",
            sorted(left_out),
        )


def make_sample(target: Path) -> None:
    """Copy the bundled monolith to ``target`` and make it a git repository with one commit.

    Of two processes that do so at once, the second finds what the first has made.
    """
    target.parent.mkdir(parents=True, exist_ok=True)
    with locked_directory(target.parent):
        if not (target / ".git").exists():
            _make_sample(target)


def _make_sample(target: Path) -> None:
    if target.exists():
        shutil.rmtree(target)
    half = target.with_name(target.name + ".half")
    if half.exists():
        shutil.rmtree(half)
    shutil.copytree(SAMPLE, half, symlinks=True, ignore=shutil.ignore_patterns("__pycache__", "*.sqlite3"))
    git = Git(half)
    # The same whatever the user's own configuration says.
    own = [f"core.excludesFile={os.devnull}", "core.autocrlf=false", "commit.gpgsign=false"]
    own += ["user.name=Sample", "user.email=sample@example.com"]
    settings = [word for one in own for word in ("-c", one)]
    git.run(*settings, "init", "-q", "-b", "main", "--template=", ".")
    git.run(*settings, "add", "-A")
    git.run(*settings, "commit", "-q", "-m", "The monolith before the move")
    half.rename(target)


def save_registry(session: Session, text: str) -> None:
    """Keep what the monolith's Django said before the move."""
    write_atomically(session.registry_path, text.encode())

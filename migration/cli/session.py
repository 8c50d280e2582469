"""One call of the command line: its values, and the repo and the state they stand for."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from functools import cached_property
from pathlib import Path
from typing import TYPE_CHECKING

from migration.cli.options import Options
from migration.cli.sample_repo import make_sample
from migration.core.errors import MigrationError, PhaseError, UsageError
from migration.core.phase import next_change
from migration.phases import module_of
from migration.phases.context import Context
from migration.plan import edited, reading
from migration.plan.plan import Plan
from migration.repo.apply import Workspace
from migration.repo.disk.lock import Turn
from migration.repo.git import index
from migration.repo.git.git import Git
from migration.repo.git.search import Search
from migration.repo.protected_files import check_on_disk
from migration.repo.tree.project import Project
from migration.repo.tree.source_roots import find_roots
from migration.repo.tree.tree import Tree

if TYPE_CHECKING:  # where there is no Django it is not needed
    from migration.django.registry import Registry


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
        """The tree as ``phase`` finds it (and as it was before the move); as it is now for a command."""
        return self.project_at(self.workspace.baseline(), self.workspace.tree(next_change(phase)), roots)

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

    def context(self, phase: str, plan: Plan | None = None) -> Context:
        """What a phase is given, with the tree as it finds it.

        :param plan: the plan in force, where it has been read already.
        :raises MigrationError: if the plan or the scan's record is missing or can't be used.
        """
        needs = module_of(phase).NEEDS
        planned = plan or (self.plan() if needs.plan else edited.edited(self.plan_path))
        project = self.project(phase, planned.roots if planned else None)
        return self.context_for(project, planned, self.registry(planned) if planned and needs.registry else None)

    def context_for(self, project: Project, plan: Plan | None, registry: Registry | None) -> Context:
        """The same for a given tree."""
        return Context(project, plan, registry, self.options, self.workspace, self.state)

    def registry(self, plan: Plan) -> Registry | None:
        """What Django said before the move, as the scan has kept it; None where Django is left out.

        :raises PhaseError: if the scan's record is missing or broken.
        """
        if not (plan.django and self.options.django):
            return None
        from migration.django.registry import Registry

        try:
            return Registry.from_json(self.registry_path.read_text(encoding="utf-8"))
        except (FileNotFoundError, ValueError) as error:
            raise PhaseError(
                f"{self.registry_path} can't be read ({error})",
                "run the scan again: doit forget scan_moves, then doit (and where there is no Django, "
                "write django: no into moves.yml)",
            ) from error

"""The monolith's Django for a tree: which settings, which interpreter, on which files."""

from __future__ import annotations

import tempfile
from dataclasses import dataclass
from pathlib import Path

from migration.core.django_used import COMMAND_LINE, ENVIRONMENT, MANAGE, TABLE, Used, tell
from migration.core.errors import UsageError
from migration.core.phase import TREE_PHASES, Values
from migration.django.process import Django, find_settings
from migration.django.registry import Registry
from migration.engine import dependent_migrations
from migration.repo.apply import Workspace
from migration.repo.corrections import before_corrections
from migration.repo.tree import baseline_copy
from migration.repo.tree.project import Project, source_path
from migration.repo.tree.tool_settings import settings_of


@dataclass(frozen=True)
class Monolith:
    """The code base whose Django is asked.

    :param options: what the command line says of interpreter and settings.
    """

    project: Project
    options: Values
    workspace: Workspace

    @property
    def settings_name(self) -> str:
        """The settings module; else ``""``."""
        return self.used.settings

    @property
    def used(self) -> Used:
        """Which Django it is: that of the command line, the environment, the repo's own table, or manage.py's default.

        As for every Django command ``DJANGO_SETTINGS_MODULE`` goes before manage.py, which has a default only.
        """
        named = (
            (self.options.settings, COMMAND_LINE),
            (self.options.inherited_settings, ENVIRONMENT),
            (str(settings_of(self.project.baseline).get("settings", "")), TABLE),
        )
        settings, named_by = next(((name, by) for name, by in named if name), ("", MANAGE))
        settings = settings or find_settings(self.project.root, self.project.before) or ""
        return Used(settings, named_by, self.options.python)

    def django(self, repo: Path | None = None) -> Django:
        """Its Django; whoever listens is told which one that is.

        :param repo: where the files are, if not in the checkout.
        :raises UsageError: if nothing names the settings.
        """
        used = self.used
        if not used.settings:
            raise UsageError("settings: nothing names the settings module", "give settings=a.b.settings")
        tell(used)
        ours = dependent_migrations.ever_made(self.workspace.made)
        root = repo or self.project.root
        return Django(
            used.python, root, used.settings, self.project.roots, ours=ours, label=self.options.product
        )

    def absent(self, package: str) -> str:
        """A package that the code before the move doesn't have, though its settings may list it; else ``""``.

        :param package: the app's after the move; an entry for it in INSTALLED_APPS that a person has added ahead is
            no mistake.
        """
        return "" if source_path(self.project.baseline, self.project.roots, package) else package

    def registry_before(self, package: str) -> Registry:
        """What Django says of the tree before the move: asked in place, or in a copy once files have moved.

        :param package: as in :meth:`absent`.
        """

        def ask(repo: Path) -> Registry:
            return self.django(repo).ask("registry", "check", absent=self.absent(package)).registry

        workspace = self.workspace
        if workspace.states(None) == workspace.states(TREE_PHASES[0]) and not workspace.ledger.corrected:
            return ask(self.project.root)
        local = baseline_copy.local_files(self.project.before)
        with tempfile.TemporaryDirectory(prefix="phased-migration-") as directory:
            baseline_copy.write_tree(before_corrections(workspace), Path(directory), local)
            return ask(Path(directory))

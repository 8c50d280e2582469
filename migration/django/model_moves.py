"""What a move means to Django's models, as the rewriters of labels, tables and migrations are given it (values)."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from functools import cached_property

from migration.core.names import is_under
from migration.django.labels import Labels, labels_of
from migration.django.registry import Registry
from migration.plan.plan import Plan
from migration.python.source_file import SourceFile


@dataclass(frozen=True, slots=True)
class Past:
    """What only all migrations of the app together say.

    :param names: the names of its migrations.
    :param models: every model it has ever had, in lower case.
    :param renames: (old name, new name) of each ``RenameModel`` of a model whose table follows its name.
    """

    names: frozenset[str] = frozenset()
    models: frozenset[str] = frozenset()
    renames: frozenset[tuple[str, str]] = field(default_factory=frozenset)


@dataclass(frozen=True)
class ModelMoves:
    """What changes for models.

    :param plan: says which models move.
    :param registry: what Django said before the move.
    :param past: what the migrations of an app that gets another label say together.
    :param homes: the files (paths before the move) that hold classes which have to be looked at: moved models,
        their abstract bases, and models with a relation to one that moves.
    """

    plan: Plan
    registry: Registry
    past: Past = Past()
    homes: frozenset[str] = frozenset()

    @cached_property
    def labels(self) -> Labels:
        """The labels and permissions that change."""
        return labels_of(self.plan, self.registry)

    @cached_property
    def moved(self) -> Mapping[str, str]:
        """Labels of the models that move, in lower case -> their labels afterwards."""
        return self.plan.app.moved_labels

    @cached_property
    def histories(self) -> tuple[str, ...]:
        """The directories of all apps' migrations."""
        return tuple(app.migrations_path for app in self.registry.apps if app.migrations_path)

    def is_frozen(self, path: str) -> bool:
        """Whether a file (path before the move) lies in an app's migrations package: it speaks of the past.

        Migrations are known by their paths: ``0001_initial`` is no module name that can be written.
        """
        return any(is_under(path, directory) for directory in self.histories)

    def may_name_label(self, source: SourceFile) -> bool:
        """Whether code of today can name a label that changes: cheap, and never wrong about a "no"."""
        return bool(self.labels) and not self.is_frozen(source.path) and self.labels.may_be_in(source.data)

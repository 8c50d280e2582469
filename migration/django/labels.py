"""Which labels of apps, models and permissions change by a move (values; what the rewriters of labels share).

Django compares the app half of a label as it is written and the model half without regard to case
(https://docs.djangoproject.com/en/stable/ref/applications/#django.apps.apps.get_model).
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from functools import cached_property

from migration.django.registry import CommandInfo, Registry
from migration.plan.plan import Plan


@dataclass(frozen=True)
class Labels:
    """What changes.

    :param old: the app's label before the move.
    :param new: the label of the moved models afterwards.
    :param whole: whether the old label is gone: an app changes its label. In an extraction it stays,
        for the models that stay.
    :param models: labels of moved models, in lower case -> their labels afterwards.
    :param known: every model's label before the move, in lower case.
    :param permissions: ``old.codename`` of what moved models define themselves -> the same afterwards.
    :param settings: the paths of the settings files.
    :param commands: those that may take labels, by name.
    """

    old: str = ""
    new: str = ""
    whole: bool = False
    models: Mapping[str, str] = field(default_factory=dict)
    known: frozenset[str] = frozenset()
    permissions: Mapping[str, str] = field(default_factory=dict)
    settings: frozenset[str] = frozenset()
    commands: Mapping[str, CommandInfo] = field(default_factory=dict)

    def __bool__(self) -> bool:
        return bool(self.old)

    def may_be_in(self, data: bytes) -> bool:
        """Whether a Python file can name a label that changes: cheap, and never wrong about a "no"."""
        return self._form.search(data) is not None

    @cached_property
    def _form(self) -> re.Pattern[bytes]:
        old = re.escape(self.old)
        words = [re.escape(label.partition(".")[2]) for label in self.models]
        words += [re.escape(code.partition(".")[2]) for code in self.permissions]
        after = rf"[\"']|\.(?:{'|'.join(words) or '(?!)'})\b|(?:\.|_)[^\"'\n]*[%{{]"
        return re.compile(rf"[\"':]{old}(?:{after})".encode(), re.IGNORECASE)

    @cached_property
    def needles(self) -> frozenset[bytes]:
        """Byte strings of which a file must hold one to name a model that moves by its label."""
        names = {label.partition(".")[2] for label in self.models.values()}
        return frozenset(f"{self.old}.{form}".encode() for name in names for form in (name, name.lower()))

    def moves(self, app_label: str, model: str) -> bool:
        """Whether ``app_label.model`` gets another label."""
        return app_label == self.old and f"{app_label}.{model}".lower() in self.models

    def after(self, label: str) -> str:
        """``old.Model`` after the move, the model as it is written; empty where it is none that moves."""
        app_label, _, model = label.partition(".")
        return f"{self.new}.{model}" if self.moves(app_label, model) else ""


def labels_of(plan: Plan, registry: Registry) -> Labels:
    """What a plan changes.

    :param registry: what Django said before the move.
    """
    app, moved = plan.app, plan.app.moved_labels
    if not moved and not app.relabels:
        return Labels()
    own: set[str] = set()
    others: set[str] = set()
    for model in registry.models:
        codes = {f"{action}_{model.name.lower()}" for action in model.default_permissions} | set(model.permissions)
        if model.app_label == app.old_label:
            (own if model.label.lower() in moved else others).update(codes)
    return Labels(
        app.old_label,
        app.label,
        app.kind == "app",
        moved,
        frozenset(registry.by_label),
        {f"{app.old_label}.{code}": f"{app.label}.{code}" for code in sorted(own - others)},
        frozenset(item.path for item in registry.settings_modules),
        {command.name: command for command in registry.commands},
    )

"""What can't get a new label is refused by name, before anything is changed."""

from __future__ import annotations

from collections.abc import Iterator

from migration.core.errors import PhaseError
from migration.django.registry import ModelInfo, Registry
from migration.plan.plan import Plan


def refuse(registry: Registry, plan: Plan) -> None:
    """Stop where new labels can't be right, before anything is changed.

    :raises PhaseError: in an extraction for swappable models and for a history that can't be continued; where an
        app changes its label, for models of that label that don't move and for what stands in the way of the new one.
    """
    moved = plan.app.moved_labels
    if plan.app.kind == "app":
        reasons = list(_relabel_reasons(plan, moved, registry))
    else:
        reasons = [reason for model in registry.models for reason in _reasons(model, moved, registry)]
        reasons += _history_reasons(plan, moved, registry)
    gone = [label for label in moved if label not in registry.by_label]
    reasons += [f"{label} is in the plan, but Django knows no such model" for label in sorted(gone)]
    if reasons:
        raise PhaseError(
            "these models can't be given a new label",
            "do what each line says, or leave them where they are: take their files out of file_moves and models "
            "(moves.yml), then run the same command again",
            reasons,
        )


def _reasons(model: ModelInfo, moved: dict[str, str], registry: Registry) -> list[str]:
    label = model.label
    found = []
    if label.lower() in moved and (model.swappable or registry.auth_user_model.lower() == label.lower()):
        setting = model.swappable or "AUTH_USER_MODEL"
        found.append(f"{label} is swappable ({setting}): migrations name the setting, not the label")
    return found


def _history_reasons(plan: Plan, moved: dict[str, str], registry: Registry) -> Iterator[str]:
    """Why the migrations of an extraction could not be written: found before a file is changed."""
    old = plan.app.old_label
    app = registry.app(old)
    if app is not None and not app.migrated:
        yield f"the app {old} has no migrations: write them first (manage.py makemigrations {old}), and commit them"
        return
    for info in registry.apps:
        if len(info.leaves) > 1:
            names = ", ".join(info.leaves)
            yield f"{info.label} has several last migrations ({names}): manage.py makemigrations --merge"
    created = {item.operation for item in registry.pending if item.app == old}
    for model in registry.models:
        if model.label.lower() in moved and f"Create {_kind(model)} {model.name}" in created:
            yield f"no migration of {old} creates {model.name}: write it first (manage.py makemigrations {old})"
    for info in registry.apps:
        if info.migrated and not info.migrations_path and (ends := _ends(info.label, moved, registry)):
            where = f"its migrations ({info.migrations_module}) lie outside the repo"
            yield f"{ends[0]} refers to a model that moves, and {where}: MIGRATION_MODULES may bring them into it"


def _kind(model: ModelInfo) -> str:
    """What ``CreateModel.describe`` calls a model."""
    return f"{'proxy ' if model.proxy else ''}model"


def _ends(label: str, moved: dict[str, str], registry: Registry) -> list[str]:
    """The fields and models of an app that refer to a moved model, as its state does."""
    found = []
    for model in registry.models:
        if model.app_label == label and model.label.lower() not in moved and not model.auto_created:
            found += [model.label for base in model.bases if base.lower() in moved]
            ends = ((field, end.lower()) for field in model.fields for end in (field.target, field.through))
            found += [f"{model.label}.{field.name}" for field, end in ends if end in moved]
    return found


def _relabel_reasons(plan: Plan, moved: dict[str, str], registry: Registry) -> Iterator[str]:
    """Why an app can't change its label. Its history is rewritten, so inheritance and settings are no matter."""
    old, new = plan.app.old_label, plan.app.label
    taken = registry.app(new)
    if taken is not None:
        yield f"the label {new} is taken by the installed app {taken.name}"
    for model in registry.models:
        if model.app_label == old and not model.auto_created and model.label.lower() not in moved:
            yield f"{model.label} (in {model.module}) has the label {old} too, and is not in the plan"
    app = registry.app(old)
    if app is not None and moved and not app.migrations_path:
        where = f"in {app.migrations_module}, outside the repo" if app.migrated else "nowhere"
        yield f"the migrations of {old} are {where}; what gets a new label needs migrations in the repo"

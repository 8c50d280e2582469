"""What can't get a new label is refused by name, before anything is changed."""

from __future__ import annotations

from collections.abc import Iterator

from migration.errors import PhaseError
from migration.model_source import moved_labels
from migration.plan import Plan
from migration.registry import ModelInfo, Registry


def refuse(registry: Registry, plan: Plan) -> None:
    """Stop where new labels can't be right, before anything is changed.

    :raises PhaseError: in an extraction for swappable models, for multi-table inheritance of which
        only a part moves, and for proxies that stay while their model moves; where an app changes its
        label, for models of that label that don't move and for what stands in the way of the new one.
    """
    moved = moved_labels(plan)
    if plan.app.kind == "app":
        reasons = list(_relabel_reasons(plan, moved, registry))
    else:
        reasons = [reason for model in registry.models for reason in _reasons(model, moved, registry)]
    gone = [label for label in moved if label not in registry.by_label]
    reasons += [f"{label} is in the plan, but Django knows no such model" for label in sorted(gone)]
    if reasons:
        raise PhaseError(
            "these models can't be given a new label",
            "leave them where they are: take their files out of file_moves, or move what belongs together at once",
            reasons,
        )


def _reasons(model: ModelInfo, moved: dict[str, str], registry: Registry) -> list[str]:
    label = model.label
    moves = label.lower() in moved
    found = []
    if moves and (model.swappable or registry.auth_user_model.lower() == label.lower()):
        setting = model.swappable or "AUTH_USER_MODEL"
        found.append(f"{label} is swappable ({setting}): migrations name the setting, not the label")
    for base in model.parents:
        if moves != (base.lower() in moved):
            which = f"only {label if moves else base} moves"
            found.append(f"{label} inherits from {base} (multi-table inheritance), and {which}")
    if model.proxy and not moves and model.proxy_for.lower() in moved:
        found.append(f"{label} is a proxy of {model.proxy_for} and stays")
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

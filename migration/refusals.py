"""What an extraction can't do right is refused by name, before anything is changed."""

from __future__ import annotations

from migration.errors import PhaseError
from migration.model_source import moved_labels
from migration.plan import Plan
from migration.registry import ModelInfo, Registry


def refuse(registry: Registry, plan: Plan) -> None:
    """Stop where an extraction can't be right, before anything is changed.

    :raises PhaseError: for swappable models, for multi-table inheritance of which only a part moves,
        and for proxies that stay while their model moves.
    """
    moved = moved_labels(plan)
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

"""The part of the probe that says whether an app can change its label (runs in the monolith's interpreter).

Its history has been rewritten by then, so no state has the old label any more: a migration that still
names it, in an installed package say, would not find its models. Kept to the syntax of Python 3.8.
"""

from __future__ import annotations

from typing import Any


def reason(move: Any, loader: Any, state: Any) -> str:
    """Why the label can't change; empty where it can.

    :param move: the ``Move`` of ``django_probe_migrations``.
    :param state: the project state after all migrations.
    """
    replaced = {tuple(key) for item in loader.disk_migrations.values() for key in item.replaces}
    items = sorted(loader.disk_migrations.items())
    outside = [key for key, item in items if key[0] != move.new and names_label(item, move.old, replaced)]
    if outside:
        named = ", ".join(".".join(key) for key in outside)
        return f"these migrations still name the label {move.old} (are they outside the repo?): {named}"
    for label, names in sorted(loader.detect_conflicts().items()):
        return f"{label} has several last migrations ({', '.join(names)}): merge them first"
    unknown = sorted(name for name in move.tables if (move.new, name) not in state.models)
    return f"no migration of {move.new} creates: {', '.join(unknown)}" if unknown else ""


def names_label(migration: Any, label: str, replaced: set[Any]) -> bool:
    """Whether a migration stands on, or has a relation to a model of, an app label that is gone."""
    if any(key[0] == label and tuple(key) not in replaced for key in (*migration.dependencies, *migration.run_before)):
        return True
    fields = [field for operation in migration.operations for field in fields_of(operation)]
    ends = [getattr(field.remote_field, "model", None) for field in fields if field.remote_field]
    return any(isinstance(end, str) and end.lower().startswith(label.lower() + ".") for end in ends)


def fields_of(operation: Any) -> list[Any]:
    """The fields that an operation brings into the state."""
    inner = [field for part in getattr(operation, "state_operations", ()) for field in fields_of(part)]
    own = [field for _, field in getattr(operation, "fields", ()) if hasattr(field, "remote_field")]
    return [*inner, *own, *([operation.field] if hasattr(getattr(operation, "field", None), "remote_field") else [])]

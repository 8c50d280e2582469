"""The part of the probe that knows what new labels mean for states (runs in the monolith's interpreter).

Where an app changes its label, its history has been rewritten by then, so no state has the old label
any more: a migration that still names it, in an installed package say, would not find its models. In
an extraction the history stays, and what prepare_models changed in the code (names with the label
written out, the labels in ``limit_choices_to``) must be told to the state. Kept to the syntax of
Python 3.8; imports nothing of ours.
"""

from __future__ import annotations

import re
from typing import Any


def reason(move: Any, loader: Any, state: Any) -> str:
    """Why the label can't change; empty where it can.

    :param move: the ``Move`` of ``write_migrations``.
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


def follow_code(move: Any, model: Any, actual: Any, frozen: bool = True) -> None:
    """Bring a model's state to what prepare_models made of its code: names, and limits of choices.

    :param actual: the state of the model as the code has it; None where it has none.
    :param frozen: whether the label in its reverse names was written out.
    """
    if actual is None:
        return
    follow_limits(move, model, actual)
    if frozen:
        freeze_names(move, model, actual)
    follow_arguments(move, model, actual)


def follow_limits(move: Any, model: Any, actual: Any) -> None:
    """Take the ``limit_choices_to`` of the code where it differs by the label alone."""
    for name, field in list(model.fields.items()):
        _, _, arguments, keywords = field.deconstruct()
        was = keywords.get("limit_choices_to") if field.remote_field else None
        if not was or callable(was) or name not in actual.fields:
            continue
        now = actual.fields[name].deconstruct()[3].get("limit_choices_to")
        same = repr(was).replace(repr(move.old), repr(move.new)) == repr(now).replace(repr(move.old), repr(move.new))
        if same and repr(was) != repr(now):
            model.fields[name] = type(field)(*arguments, **{**keywords, "limit_choices_to": now})


def follow_arguments(move: Any, model: Any, actual: Any) -> None:
    """Take a field from the code where its arguments differ by the label alone.

    Fields of a project or a package may take labels (the choosers of wagtail's blocks do); a person corrects them.
    """
    for name, field in list(model.fields.items()):
        if name not in actual.fields or getattr(field, "remote_field", None):
            continue  # what a relation names is followed as such: a link to a parent is Django's own
        was, now = written(field), written(actual.fields[name])
        if was != now and without_label(move, was) == without_label(move, now):
            model.fields[name] = actual.fields[name].clone()


def written(field: Any) -> str:
    """A field as a migration writes it; empty where none can."""
    from django.db.migrations.serializer import serializer_factory

    try:
        return str(serializer_factory(field).serialize()[0])
    except (ValueError, TypeError):
        return ""


def without_label(move: Any, text: str) -> str:
    """The text with the new label wherever a string is, or begins with, the old one."""
    return re.sub(rf"""(?<=['"]){re.escape(move.old)}(?=['".])""", move.new, text)


def freeze_names(move: Any, model: Any, actual: Any) -> None:
    """Write the old label out in reverse names where prepare_models did so in the code.

    The history keeps ``%(app_label)s`` in them as it was written.
    """
    for name, field in model.fields.items():
        if name not in actual.fields or not field.remote_field:
            continue
        _, _, arguments, keywords = field.deconstruct()
        now = actual.fields[name].deconstruct()[3]
        frozen = frozen_names(move, keywords, now, ("related_name", "related_query_name"))
        if frozen:
            model.fields[name] = type(field)(*arguments, **{**keywords, **frozen})
    model.options.update(frozen_names(move, model.options, actual.options, ("default_related_name",)))


def frozen_names(move: Any, before: Any, now: Any, names: tuple[str, ...]) -> Any:
    """Those of the names whose value now is the one before with the old label written out."""
    expanded = {name: str(before.get(name, "")).replace("%(app_label)s", move.old) for name in names}
    return {name: value for name, value in expanded.items() if value != before.get(name, "") and value == now.get(name)}


def with_tuples(state: Any) -> Any:
    """The state with its options as the autodetector finds them in models; a ``CreateModel`` may hold lists."""
    from django.db.models.options import normalize_together

    for model in state.models.values():
        for option in ("unique_together", "index_together"):
            if model.options.get(option):
                model.options[option] = set(normalize_together(model.options[option]))
    return state

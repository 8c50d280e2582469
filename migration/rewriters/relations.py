"""Labels of models in relations and in Meta, where models get a new label.

Which string is a relation is what the registry says: class X has a relation field f to T, and the
class body assigns to f a call whose string means T in the app of whatever inherits the field. A bare
name in an abstract base is read in the app of each concrete model
(https://docs.djangoproject.com/en/stable/ref/models/fields/#foreignkey), so one base may have to
serve several apps. ``%(app_label)s`` in names that must not change is frozen as the old label.
"""

from __future__ import annotations

import ast
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass

from migration.core.changes import Finding
from migration.core.references import Reference
from migration.django.model_classes import (
    PLACEHOLDER,
    assignments,
    classes,
    labels_after,
    literal,
    meta_value,
    new_label,
    placeholders,
    string,
)
from migration.django.model_moves import ModelMoves
from migration.django.registry import FieldInfo, ModelInfo
from migration.plan.plan import Plan
from migration.python.source_file import SourceFile

KIND = "model"

# Keyword arguments of Django's own relation fields that hold something other than a label.
_NO_LABELS = frozenset(
    (
        "verbose_name",
        "name",
        "related_name",
        "related_query_name",
        "help_text",
        "db_column",
        "db_tablespace",
        "db_table",
        "db_comment",
        "to_field",
        "content_type_field",
        "object_id_field",
        "for_concrete_model",
        "on_delete",
        "default",
    )
)


@dataclass(frozen=True, slots=True)
class Relation:
    """A string in a class body that names the model at the other end of a relation.

    :param targets: per concrete model that has the field: the model and the label that it means.
    """

    node: ast.expr
    value: str
    targets: tuple[tuple[ModelInfo, str], ...]

    def new_value(self, moved: Mapping[str, str]) -> str | None:
        """What must be written after the move; None where no one string is right for all models."""
        after = {new_label(target, moved) for _, target in self.targets}
        if "." in self.value:
            label = new_label(self.value, moved)
            return self.value if label == self.value else f"{label.partition('.')[0]}.{self.value.partition('.')[2]}"
        owners = {new_label(owner.label, moved).partition(".")[0] for owner, _ in self.targets}
        homes = {label.partition(".")[0] for label in after}
        if owners == homes and len(homes) == 1:
            return self.value
        if len(after) == 1:
            return f"{homes.pop()}.{self.value}"
        # One base for several apps, each with a model of that name: bare still fits if none moved away.
        fits = all(
            new_label(owner.label, moved).partition(".")[0] == new_label(target, moved).partition(".")[0]
            for owner, target in self.targets
        )
        return self.value if fits else None


def find(source: SourceFile, models: ModelMoves) -> list[Reference]:
    """The labels in one file that change, and those that only look like it.

    :param source: the file's text as it is now; ``module`` is its name before the move.
    :raises UnreadableSource: if the file can't be parsed.
    """
    plan, registry, moved = models.plan, models.registry, models.moved
    if not moved or models.is_frozen(source.path):
        return []
    found: dict[int, Reference] = {}
    for path, node in classes(source):
        owners = registry.by_path.get(path, ())
        if not owners:
            continue
        for relation in relations(path, node, owners):
            _add(found, _relation(source, relation, moved))
        _add(found, _app_label(source, node, owners, plan, moved))
        for constant, text in placeholders(node):
            _add(found, _frozen(source, constant, text, owners, plan, moved))
    return sorted(found.values(), key=lambda reference: reference.start)


def relations(path: str, node: ast.ClassDef, owners: Sequence[ModelInfo]) -> Iterator[Relation]:
    """The relation strings in the body of the class ``path``, which ``owners`` are or inherit from."""
    for name, value in assignments(node.body):
        fields = [(o, f) for o in owners for f in o.fields if f.name == name and f.declared_in == path and f.target]
        if not fields:
            continue
        for constant, text in _label_strings(value):
            targets = [(owner, _meant(text, owner, field)) for owner, field in fields]
            if all(target for _, target in targets) and text != "self":
                yield Relation(constant, text, tuple(targets))


def _meant(value: str, owner: ModelInfo, field: FieldInfo) -> str:
    """The label among the field's ends that the string means in the owner's app, or ``""``."""
    label = value if "." in value else f"{owner.app_label}.{value}"
    return next((end for end in (field.target, field.through) if end.lower() == label.lower()), "")


def _label_strings(value: ast.expr) -> Iterator[tuple[ast.expr, str]]:
    """String literals where a relation's call may hold a label; calls that wrap it are entered."""
    if not isinstance(value, ast.Call):
        return
    for argument in value.args[:1]:
        if isinstance(argument, ast.Call):
            yield from _label_strings(argument)
        elif (text := string(argument)) is not None:
            yield argument, text
    for keyword in value.keywords:
        if keyword.arg not in _NO_LABELS and (text := string(keyword.value)) is not None:
            yield keyword.value, text


def _relation(source: SourceFile, relation: Relation, moved: Mapping[str, str]) -> Reference | None:
    new = relation.new_value(moved)
    old = relation.targets[0][1]
    if new is None:
        apps = ", ".join(sorted(labels_after((owner for owner, _ in relation.targets), moved)))
        reason = f"means another model in each of the apps {apps}; no one label is right for all"
        return _reference(source, relation.node, old, new_label(old, moved), None, reason)
    if new == relation.value:
        return None
    text = literal(source, relation.node, new)
    return _reference(source, relation.node, old, new_label(old, moved), text)


def _app_label(
    source: SourceFile, node: ast.ClassDef, owners: Sequence[ModelInfo], plan: Plan, moved: Mapping[str, str]
) -> Reference | None:
    value = meta_value(node, "app_label")
    if string(value) != plan.app.old_label or value is None:
        return None
    if not all(owner.label.lower() in moved for owner in owners):
        return None  # a base that serves models which stay as well; theirs is checked by Django
    text = literal(source, value, plan.app.label)
    return _reference(source, value, plan.app.old_label, plan.app.label, text)


def _frozen(
    source: SourceFile,
    node: ast.expr,
    old: str,
    owners: Sequence[ModelInfo],
    plan: Plan,
    moved: Mapping[str, str],
) -> Reference | None:
    if not any(owner.label.lower() in moved for owner in owners):
        return None
    new = old.replace(PLACEHOLDER, plan.app.old_label)
    if {owner.app_label for owner in owners} - {plan.app.old_label}:
        return None  # it serves other apps too: the moved classes declare the name themselves
    return _reference(source, node, old, new, literal(source, node, new))


def problems(source: SourceFile, models: ModelMoves) -> list[Finding]:
    """What is wrong with a file after the rewrite: relations that would resolve to another model.

    Independent of :func:`find`: each string is resolved anew in the app that owns the model now.
    """
    plan, registry, moved = models.plan, models.registry, models.moved
    found = []
    for path, node in classes(source):
        owners = registry.by_path.get(path, ())
        for constant, text in placeholders(node):
            served = {owner.app_label for owner in owners}
            if served == {plan.app.old_label} and any(owner.label.lower() in moved for owner in owners):
                message = f"{text!r} changes with the label of {path}"
                found.append(_finding(source, plan, constant, message, "write the name out as it was"))
        for name, value in assignments(node.body):
            for owner in owners:
                for field in owner.fields:
                    if field.name == name and field.declared_in == path and field.target:
                        found += _wrong(source, plan, value, owner, field)
    return found


def _wrong(source: SourceFile, plan: Plan, value: ast.expr, owner: ModelInfo, field: FieldInfo) -> Iterator[Finding]:
    moved = plan.app.moved_labels
    home = new_label(owner.label, moved).partition(".")[0]
    ends = {new_label(end, moved).lower() for end in (field.target, field.through) if end}
    old_names = {end.partition(".")[2].lower() for end in (field.target, field.through) if end}
    for constant, text in _label_strings(value):
        label = text if "." in text else f"{home}.{text}"
        if text == "self" or label.partition(".")[2].lower() not in old_names or label.lower() in ends:
            continue
        message = f"{owner.label}.{field.name}: {text!r} would mean {label}, not {new_label(field.target, moved)}"
        yield _finding(source, plan, constant, message, "write the label out, or give the models bases of their own")


def _finding(source: SourceFile, plan: Plan, node: ast.expr, message: str, remedy: str) -> Finding:
    return Finding(plan.new_path(source.path), node.lineno, message, remedy)


def _reference(source: SourceFile, node: ast.expr, old: str, new: str, text: str | None, reason: str = "") -> Reference:
    start, end = source.span(node)
    return Reference(KIND, start, end, old, new, text, reason)


def _add(found: dict[int, Reference], reference: Reference | None) -> None:
    if reference is not None:
        found.setdefault(reference.start, reference)

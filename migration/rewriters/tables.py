"""``db_table`` pinned to the real table in the Meta of each model that gets a new label.

Without it Django derives the table from the new label and would make an empty one. A Meta that names
a table already is left alone, whatever the expression: that it still gives the same table is checked
by asking Django afterwards. A model without a Meta has that of an abstract base, if one has any, so a
new Meta inherits from it (https://docs.djangoproject.com/en/stable/topics/db/models/#meta-inheritance).
Names that Django or a metaclass would make from the new label are kept in the same way: relations that an abstract
base names with ``%(app_label)s`` are declared anew in the moved class, and so are indexes and constraints in its Meta,
where the base can't be rewritten: it is installed, or serves other apps too.
"""

from __future__ import annotations

import ast
import re
from collections.abc import Iterator
from dataclasses import dataclass, replace

from migration.core.changes import Finding
from migration.core.references import Reference
from migration.django import class_body
from migration.django.companions import Maker, calls_for, maker_of, pinned
from migration.django.model_classes import PLACEHOLDER, assignments, classes, meta_value, string
from migration.django.model_moves import ModelMoves
from migration.django.registry import ModelInfo, Named, Registry
from migration.python.quotes import beside
from migration.python.source_file import SourceFile

KIND = "table"


@dataclass(frozen=True, slots=True)
class Needed:
    """What a moved class must say itself, and does not.

    :param fields: statements of its body.
    :param meta: statements of its Meta.
    :param items: indexes and constraints for a list that its Meta writes out: (the list, their calls).
    :param imports: what the statements need.
    :param unwritten: what can't be written down: (name, what it is).
    """

    model: ModelInfo
    node: ast.ClassDef
    fields: tuple[str, ...] = ()
    meta: tuple[str, ...] = ()
    items: tuple[tuple[ast.List | ast.Tuple, tuple[str, ...]], ...] = ()
    imports: tuple[str, ...] = ()
    unwritten: tuple[str, ...] = ()

    def __bool__(self) -> bool:
        return bool(self.fields or self.meta or self.items or self.unwritten)


def find(source: SourceFile, models: ModelMoves) -> list[Reference]:
    """The places where a moved class must name what its label would give another name.

    :param source: the file's text as it is now; ``module`` is its name before the move.
    :raises UnreadableSource: if the file can't be parsed.
    """
    if models.is_frozen(source.path):
        return []
    found: list[Reference] = []
    imports: dict[str, None] = {}
    for needed in _needed(source, models):
        edits = class_body.inserted(source, needed.node, needed.fields, needed.meta, needed.model.meta_base)
        if edits is None:
            continue
        edits += [class_body.appended(source, display, items) for display, items in needed.items]
        model = needed.model
        found += [Reference(KIND, start, end, model.name, model.table, text, adds=True) for start, end, text in edits]
        imports |= dict.fromkeys(needed.imports)
    for companion in _companions(source, models):
        for call in companion.calls if len(companion.calls) == 1 else ():
            argument = companion.maker.pin(companion.table)
            start, end, text = class_body.argument_given(source, call, companion.maker.option, argument)
            found.append(Reference(KIND, start, end, companion.name, companion.table, text, adds=True))
    statement = class_body.imported(source, imports) if imports else None
    if statement is not None:
        start, end, text = statement
        found.append(Reference(KIND, start, end, "", text.strip(), text, adds=True))
    return sorted(found, key=lambda reference: reference.start)


def problems(source: SourceFile, models: ModelMoves) -> list[Finding]:
    """What the moved classes of a file do not say (after the rewrite: nothing)."""
    found = []
    plan = models.plan
    for needed in _needed(source, models):
        path, name = plan.new_path(source.path), needed.model.name
        for statement in needed.meta:
            message = f"{name} has no {statement.partition(' ')[0]} in a Meta of its own"
            remedy = f"give it a `class Meta:` with `{statement}`"
            found.append(Finding(path, needed.node.lineno, message, remedy))
        for statement in needed.fields:
            message = f"{name}: the names of {statement.partition(' ')[0]} would change with the label"
            found.append(Finding(path, needed.node.lineno, message, f"write `{statement}` into the class"))
        for display, items in needed.items:
            message = f"{name}: a name in its Meta would change with the label"
            found += [Finding(path, display.lineno, message, f"put `{item}` into this list") for item in items]
        for what in needed.unwritten:
            message = f"{name}: {what} holds the label {plan.app.old_label}, and would change with it"
            remedy = "declare it in this class, with the name it has now"
            found.append(Finding(path, needed.node.lineno, message, remedy))
    for companion in _companions(source, models):
        message = f"{companion.name} is made at run time, and its table would change with the label"
        remedy = f"write {companion.maker.calls[0]}({companion.maker.pin(companion.table)}) where it is made"
        line = companion.calls[0].lineno if companion.calls else 1
        found.append(Finding(plan.new_path(source.path), line, message, remedy))
    return found


@dataclass(frozen=True, slots=True)
class _Companion:
    """A model that a package makes beside one that moves, whose table nothing names yet.

    :param calls: what may have made it.
    """

    name: str
    table: str
    maker: Maker
    calls: tuple[ast.Call, ...]


def _companions(source: SourceFile, models: ModelMoves) -> Iterator[_Companion]:
    app, registry = models.plan.app, models.registry
    for model in app.models if app.relabels else ():
        info = registry.by_label.get(f"{app.old_label}.{model.name}".lower())
        maker = maker_of(info) if info is not None else None
        if info is None or maker is None or info.explicit_table:
            continue
        owner = registry.by_label.get(info.made_for.lower())
        if owner is None or owner.module != source.module:
            continue
        calls = tuple(calls_for(source, info, registry, maker))
        if not calls or not all(pinned(call, maker) for call in calls):
            yield _Companion(model.name, model.table, maker, calls)


def _needed(source: SourceFile, models: ModelMoves) -> Iterator[Needed]:
    app, registry = models.plan.app, models.registry
    if not app.relabels:
        return
    wanted = {}
    for model in app.models:
        info = registry.by_label.get(f"{app.old_label}.{model.name}".lower())
        if model.module == source.module and info is not None:
            wanted[info.path] = replace(info, table=model.table)  # the plan decides
    for path, node in classes(source) if wanted else ():
        if path in wanted and (needed := _of_class(node, wanted[path], app.old_label, registry)):
            yield needed


def _of_class(node: ast.ClassDef, info: ModelInfo, label: str, registry: Registry) -> Needed:
    meta: list[str] = []
    imports: list[str] = []
    unwritten: list[str] = []
    lists: list[tuple[ast.List | ast.Tuple, tuple[str, ...]]] = []
    if not info.proxy and meta_value(node, "db_table") is None:
        meta.append(f"db_table = {beside(b'', info.table)}")
    template, base, file = info.default_related_name or ("", "", "")
    own = meta_value(node, "default_related_name")
    if base and own is None and not is_rewritten(base, file, label, registry):
        meta.append(f"default_related_name = {beside(b'', template.replace(PLACEHOLDER, label.lower()))}")
    for kind, every in (("constraints", info.constraints), ("indexes", info.indexes)):
        items, display = _of_list(node, kind, every, label, registry)
        imports += [statement for item in items for statement in item.imports]
        if bad := [item.name for item in items if not item.code]:
            unwritten += [f"the name {name} ({kind})" for name in bad]
        elif items and display is None:
            meta.append(f"{kind} = [{', '.join(item.code for item in items)}]")
        elif items and display is not None:
            lists.append((display, tuple(item.code for item in items)))
    declared = {name for name, _ in assignments(node.body)}
    fields = [
        field for field in info.fields
        if field.pin and field.name not in declared and field.declared_in != info.path
        and not is_rewritten(field.declared_in, field.declared_file, label, registry)
    ]
    imports += [statement for field in fields for statement in field.pin_imports]
    return Needed(
        info, node, tuple(f"{field.name} = {field.pin}" for field in fields), tuple(meta), tuple(lists),
        tuple(imports), tuple(unwritten),
    )


def is_rewritten(base: str, file: str, label: str, registry: Registry) -> bool:
    """Whether the label is written out in an abstract base itself: it lies in the repo, and serves this app alone."""
    return bool(file) and {owner.app_label for owner in registry.by_path.get(base, ())} <= {label}


def _of_list(
    node: ast.ClassDef, kind: str, every: tuple[Named, ...], label: str, registry: Registry
) -> tuple[list[Named], ast.List | ast.Tuple | None]:
    """The indexes or constraints that a Meta must list, and the list to which they are added (None: a new one)."""
    from_base = [
        item for item in every
        if item.origin == "label" and not is_rewritten(item.declared_in, item.declared_file, label, registry)
    ]
    start = f"{label}_".lower()
    made = [item for item in every if not item.origin and item.name.lower().startswith(start)]
    own = meta_value(node, kind)
    if own is None:
        return (list(every) if from_base or made else []), None
    if not isinstance(own, (ast.List, ast.Tuple)):
        return [], None  # whether its names hold the label, Django says afterwards
    names = [_name_of(element) for element in own.elts]
    if None in names:
        return [], None
    words = {PLACEHOLDER: label.lower(), "%(class)s": node.name.lower()}
    given = {re.sub("|".join(map(re.escape, words)), lambda match: words[match[0]], name or "") for name in names}
    return [item for item in made if item.name not in given], own


def _name_of(element: ast.expr) -> str | None:
    """The name that an index or constraint in a list is given; empty where Django gives it one, None for anything."""
    if not isinstance(element, ast.Call):
        return None
    value = next((keyword.value for keyword in element.keywords if keyword.arg == "name"), None)
    return "" if value is None else string(value)

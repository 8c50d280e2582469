"""validate_django: the moved code in the monolith's own Django, compared with the code before.

What Django says after the move must be what it said before, but for what the plan changes: the labels
of the models that move, and the names of the modules they live in. ``manage.py check`` may complain
about nothing that it did not complain about before.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, replace

from migration.core.changes import Finding
from migration.core.errors import PhaseError
from migration.core.names import is_within
from migration.core.phase import PhaseResult
from migration.django.model_classes import new_label
from migration.django.registry import Message, ModelInfo, Named, Registry
from migration.engine.monolith import Monolith
from migration.phases.context import Context, Needs, without_django
from migration.plan.plan import Plan

# Check ids -> the likely cause and what to do about it.
_CAUSES: tuple[tuple[tuple[str, ...], str, str], ...] = (
    (
        ("fields.E300", "fields.E307", "fields.E331", "signals.E001"),
        "unresolved relation: a model is named by a label that no installed app has",
        "write the label out, e.g. ForeignKey('app.Model'), with the app that owns the model now",
    ),
    (
        ("models.E028", "models.E026", "models.E030", "models.E032"),
        "one model is loaded twice, from the old module and from the new one",
        "look for an import of the old module that is left",
    ),
    (
        ("fields.E302", "fields.E303", "fields.E304", "fields.E305"),
        "two relations get one reverse name, often because it was built from the app label",
        "give the field the related_name that it had before",
    ),
)
_RECEIVER = "is no longer connected to its signals as before:"
_SILENT = (
    "nothing imports the module that connects it",
    "import that module in ready() of the AppConfig, as was done before, then run the same command again",
)
_ELSE = ("something that depends on the app's label or place", "correct it, then run the same command again")


NEEDS = Needs("disk", registry=True)
does_not_apply = without_django


def run(context: Context) -> PhaseResult:
    """Boot the moved code once, and compare what Django says.

    :raises DjangoError: if the moved code does not start, in the monolith's own words.
    :raises PhaseError: if Django sees something else than before.
    """
    assert context.registry is not None
    answer = Monolith(context.project, context.options, context.workspace).django().ask("registry", "check")
    found = validate(context.registry, answer.registry, context.plan)
    notes = tuple(Finding("Django", 0, note) for note in found.notes)
    return PhaseResult(counts=found.counts, findings=notes)


@dataclass(frozen=True, slots=True)
class Validated:
    """What was found to be right.

    :param counts: figures for the summary line.
    :param notes: what is no failure but worth knowing: new warnings, a database that did not answer.
    """

    counts: Mapping[str, int]
    notes: tuple[str, ...] = ()


def validate(before: Registry, after: Registry, plan: Plan) -> Validated:
    """Compare what Django says before and after the move.

    :param before: the registry of the code base before the move, with its checks if they are known.
    :param after: the registry with its checks, after prepare_models.
    :raises PhaseError: naming every model, field and check that differs.
    """
    assert after.checks is not None
    found = [*_apps(before, after, plan), *differences(before, after, plan), *_pending(before, after, plan)]
    found += [*_leaves(before, after, plan), *_silent(before, after, plan)]
    old = before.checks.messages if before.checks else ()
    new = list(new_messages(old, after.checks.messages, plan.app.moved_labels))
    serious = [message for message in new if message.serious]
    if found or serious:
        cause, remedy = _explain(serious) if serious else _SILENT if all(_RECEIVER in line for line in found) else _ELSE
        raise PhaseError(
            "Django sees something else than before the move",
            remedy,
            [*found, *(describe(message, after) for message in serious), f"likely cause: {cause}"],
        )
    notes = [describe(message, after) for message in new]
    if after.checks.database:
        notes.append(f"migrate --plan is the one for an empty database: {after.checks.database}")
    counts = {
        "models compared": len(after.models),
        "moved": len(plan.app.models),
        "check messages": len(after.checks.messages),
        "migrations to apply": len(after.checks.plan),
    }
    return Validated(counts, tuple(notes))


def _apps(before: Registry, after: Registry, plan: Plan) -> Iterator[str]:
    """The app of the move is installed under its label and at its new place; the others are as before."""
    app = plan.app
    gone = {info.label for info in before.apps} - {info.label for info in after.apps}
    for label in sorted(gone - ({app.old_label} if app.kind == "app" and app.relabels else set())):
        yield f"the app {label} is not installed any more"
    if app.kind == "package":
        return
    found = after.app(app.label)
    if found is None:
        if app.label not in gone:
            yield f"no app with the label {app.label} is installed: add {app.config} to INSTALLED_APPS"
        return
    if not is_within(found.name, plan.package):
        yield f"the app {app.label} is {found.name}, not {plan.package}"
    if found.config != app.config:
        yield f"the app {app.label} is configured by {found.config}, not {app.config}"
    if app.default_auto_field and found.default_auto_field != app.default_auto_field:
        had = app.default_auto_field
        yield f"the app {app.label} has the default_auto_field {found.default_auto_field}, not {had}"


def _leaves(before: Registry, after: Registry, plan: Plan) -> Iterator[str]:
    """The last migrations of each app that is there before and after, those of the move itself aside."""
    for app in before.apps:
        label = plan.app.label if plan.app.kind == "app" and app.label == plan.app.old_label else app.label
        now = after.app(label)
        own = now is not None and plan.app.relabels and len(now.leaves) == len(app.leaves)
        if now is not None and now.leaves != app.leaves and not own:
            yield f"the last migration of {label} is {_show(now.leaves)}, was {_show(app.leaves)}"


def _silent(before: Registry, after: Registry, plan: Plan) -> Iterator[str]:
    """Receivers that hear no signal any more; nothing else would ever say so."""
    connected = Counter(entry.partition(": ")[2] for entry in after.receivers)
    heard: dict[str, list[str]] = {}
    for entry in before.receivers:
        signal, _, receiver = entry.partition(": ")
        heard.setdefault(plan.new_name(receiver), []).append(plan.new_name(signal))
    for receiver, names in heard.items():  # a signal may go by another name: what counts is how many there are
        if connected[receiver] < len(names):
            yield f"the receiver {receiver} {_RECEIVER} {' and '.join(names)}"


def differences(before: Registry, after: Registry, plan: Plan) -> Iterator[str]:
    """Every model and field that is not what the plan says it is; one readable line each."""
    moved = plan.app.moved_labels
    expected = {new_label(model.label, moved).lower(): model for model in before.models}
    for label, model in expected.items():
        now = after.by_label.get(label)
        if now is None:
            yield f"{new_label(model.label, moved)} is missing" + _instead(model, after)
        else:
            yield from _model(model, now, plan, moved)
    for label in sorted(set(after.by_label) - set(expected)):
        model = after.by_label[label]
        yield f"{model.label} (in {model.module}) was not there before"


def _instead(model: ModelInfo, after: Registry) -> str:
    same = [now.label for now in after.models if now.name == model.name]
    return f"; there is {', '.join(same)}" if same else f" (before: {model.label} in {model.module})"


def _model(old: ModelInfo, now: ModelInfo, plan: Plan, moved: Mapping[str, str]) -> Iterator[str]:
    wanted: dict[str, tuple[object, object]] = {
        "table": (old.table, now.table),
        "managed": (old.managed, now.managed),
        "proxy for": (new_label(old.proxy_for, moved), now.proxy_for),
        "swappable": (old.swappable, now.swappable),
        "swapped": (new_label(old.swapped, moved), now.swapped),
        "parents": (sorted(new_label(label, moved) for label in old.parents), sorted(now.parents)),
        "constraints": (_names(old.constraints), _names(now.constraints)),
        "indexes": (_names(old.indexes), _names(now.indexes)),
        "unique_together": (old.unique_together, now.unique_together),
        "permissions": (old.permissions, now.permissions),
        "default_permissions": (old.default_permissions, now.default_permissions),
        "bases": (sorted(_new_base(base, plan, moved) for base in old.bases), sorted(now.bases)),
        "managers in migrations": (sorted(_new_manager(item, plan) for item in old.managers), sorted(now.managers)),
        "fields": (sorted(field.name for field in old.fields), sorted(field.name for field in now.fields)),
    }
    current = {field.name: field for field in now.fields}
    for field in old.fields:
        found = current.get(field.name)
        if found is None:
            continue
        through = "" if field.through_auto else new_label(field.through, moved)
        wanted |= {
            f"{field.name}: column": (field.column, found.column),
            f"{field.name}: class": (plan.new_name(field.cls), found.cls),
            f"{field.name}: related model": (new_label(field.target, moved), found.target),
            f"{field.name}: through": (through, "" if found.through_auto else found.through),
            f"{field.name}: table": (field.table, found.table),
            f"{field.name}: reverse name": (field.accessor, found.accessor),
            # what an earlier version of the tool has kept knows none
            f"{field.name}: name in queries": (field.query_name or found.query_name, found.query_name),
        }
    for what, (was, is_now) in wanted.items():
        if was != is_now:
            yield f"{now.label} ({now.module}): {what} is {_show(is_now)}, was {_show(was)}"


def _names(items: Iterable[Named]) -> list[str]:
    return [item.name for item in items]


def _new_base(base: str, plan: Plan, moved: Mapping[str, str]) -> str:
    """A base after the move: labels stand in lower case there."""
    return moved[base.lower()].lower() if base.lower() in moved else plan.new_name(base)


def _new_manager(item: str, plan: Plan) -> str:
    name, _, path = item.partition(": ")
    return f"{name}: {plan.new_name(path)}"


def _show(value: object) -> str:
    if isinstance(value, (tuple, list)):
        return "[" + ", ".join(map(str, value)) + "]"
    return str(value) or "nothing"


def _pending(before: Registry, after: Registry, plan: Plan) -> Iterator[str]:
    """An app that moves, or a package, needs no migrations; an extraction gets its own later."""
    app = plan.app
    if app.kind == "extraction":
        return
    known = (replace(item, app=app.label) if item.app == app.old_label else item for item in before.pending)
    more = Counter(after.pending) - Counter(known)
    for item in sorted(more.elements(), key=lambda item: (item.app, item.operation)):
        yield f"makemigrations would now write for {item.app}: {item.operation}"


def new_messages(before: Iterable[Message], after: Iterable[Message], moved: Mapping[str, str]) -> Iterator[Message]:
    """Messages that were not there before, where a moved model counts under its new label."""
    known = Counter((message.level, message.id, _new_object(message.obj, moved)) for message in before)
    for message in after:
        key = (message.level, message.id, message.obj)
        known[key] -= 1
        if known[key] < 0:
            yield message


def _new_object(obj: str, moved: Mapping[str, str]) -> str:
    """What a message is about, after the move: ``core.Table.team`` -> ``data_warehouse.Table.team``."""
    label, name, rest = (*obj.split(".", 2), "", "")[:3]
    new = moved.get(f"{label}.{name}".lower())
    return obj if new is None else f"{new}.{rest}" if rest else new


def describe(message: Message, registry: Registry) -> str:
    """One line for a message, with the module of the model that it is about."""
    label = ".".join(message.obj.split(".")[:2]).lower()
    model = registry.by_label.get(label)
    place = f" (in {model.module})" if model else ""
    about = f"{message.obj}{place}: " if message.obj else ""
    return f"{about}{message.id} {message.text}".replace("\n", " ") + (f" HINT: {message.hint}" if message.hint else "")


def _explain(messages: list[Message]) -> tuple[str, str]:
    ids = {message.id for message in messages}
    return next(((cause, remedy) for known, cause, remedy in _CAUSES if ids & set(known)), _ELSE)

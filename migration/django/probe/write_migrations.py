"""The part of the probe that writes an extraction's migrations (runs in the monolith's interpreter).

The migration history says what the database holds, so everything is derived from the state it ends
in, in three steps: the moved models are added under their new label, then every relation is pointed
at them, then the old ones are taken away. Django's own autodetector turns each step into operations
and Django's own writer into text. As the steps start from the history and not from the models, what
``makemigrations`` would have written before the move stays out of it.

All operations change the state only. The order, and why it holds in one run, in separate runs and on
an empty database:

1. the new app's first migration stands on the old app's last one, so that the tables exist, and on
   the last ones of the apps its relations need;
2. every other app with a relation to a moved model is pointed at the new one;
3. the old app comes last: it stands on all of these and on every app whose migrations ever named a
   moved model, which would otherwise look for one that is gone.

Before anything is written the result is proved: the generated text is executed, the graph built with
it, the state after each migration rendered, and compared with the models.

Nothing is written to disk. Kept to the syntax of Python 3.8; imports nothing of ours.
"""

from __future__ import annotations

import os
import re
import sys
import types
from typing import Any, Callable, Dict, Iterator, List, Tuple  # noqa: UP035  Python 3.8

Key = Tuple[str, str]  # noqa: UP006
Plain = Dict[str, Any]  # noqa: UP006
Operations = Dict[str, List[Any]]  # noqa: UP006


class Refused(Exception):
    """The migrations can't be written; the message says why."""


class Move:
    """What moves.

    :param kind: ``extraction``, or ``app`` where an app changes its label.
    :param old: label before the move.
    :param new: label afterwards.
    :param tables: class name of each model in lower case -> its real table.
    :param parts: the module ``label_states``.
    :param bases: the module ``state_bases``.
    :param rolling: whether old code still runs while the migrations are applied.
    """

    def __init__(self, request: Plain, parts: Any, bases: Any) -> None:
        self.parts = parts
        self.bases = bases
        self.kind: str = request["kind"]
        self.old: str = request["old"]
        self.new: str = request["new"]
        self.tables: dict[str, str] = request["tables"]
        self.rolling: bool = request.get("rolling", False)

    def __contains__(self, key: object) -> bool:
        return isinstance(key, tuple) and key[0] == self.old and key[1] in self.tables


def answer(request: Plain, in_repo: Callable[[str], str], parts: Any, asked: Any, bases: Any) -> Plain:
    """The answer to ``migrations``: files, what is left to makemigrations, or why it is refused.

    :param parts: the module ``label_states``.
    :param asked: the module ``pending_migrations``.
    :param bases: the module ``state_bases``.
    """
    from django.apps import apps
    from django.db.migrations.loader import MigrationLoader
    from django.db.migrations.state import ProjectState

    move = Move(request, parts, bases)
    actual = ProjectState.from_apps(apps)
    loader = MigrationLoader(None, ignore_no_migrations=True)
    try:
        leave_out(loader, request["ignore"])
        before = parts.with_tuples(loader.project_state())
        if move.kind == "app":
            found = relabelled(move, loader, before, parts.reason(move, loader, before))
        else:
            found = [] if moved_already(move, before) else compose(move, loader, before, actual)
        files = [{**item, "path": migrations_path(loader, item["app"], in_repo)} for item in found]
        prove(loader, found)
        left = asked.pending(loader)
        if found and (item := of_packages(move, loader, left, request["known"])):
            files.append({**item, "path": migrations_path(loader, item["app"], in_repo)})
            prove(loader, [item])
            left = asked.pending(loader)
        return {"files": files, "left": describe(left), "refused": ""}
    except Refused as error:
        return {"files": [], "left": [], "refused": str(error)}


def of_packages(move: Move, loader: Any, left: Operations, known: list[str]) -> Any:
    """A migration of what a package's own autodetector still wants for the moved models; None for nothing.

    A trigger that is named by its model's label gets another name, say. These are done to the database, too.

    :param known: what ``makemigrations`` would have written before the move.
    """
    wanted, before = [], list(known)
    for operation in left.get(move.new, []):
        if operation.describe() in before:
            before.remove(operation.describe())
        else:
            wanted.append(operation)
    if not wanted or any(type(operation).__module__.partition(".")[0] == "django" for operation in wanted):
        return None
    name = next_name(loader, move.new, "follow_the_label")
    return migration(loader, move.new, name, wanted, [], state_only=False)


def leave_out(loader: Any, ignored: list[list[str]]) -> None:
    """Take migrations that an earlier run generated out of the graph."""
    keys = {(label, name) for label, name in ignored} & set(loader.disk_migrations)
    for key, migration in loader.disk_migrations.items():
        if key not in keys and keys & set(migration.dependencies):
            raise Refused(f"{'.'.join(key)} stands on a migration that was generated for this move")
    for key in keys:
        del loader.disk_migrations[key]
    rebuild(loader)


def rebuild(loader: Any) -> None:
    """Build the graph from the migrations in memory (``build_graph`` would read the disk again)."""
    loader.load_disk = lambda: None
    loader.build_graph()


def moved_already(move: Move, state: Any) -> bool:
    """Whether the history has the models under their new label."""
    old = [name for name in move.tables if (move.old, name) in state.models]
    new = [name for name in move.tables if (move.new, name) in state.models]
    if new and not old and len(new) == len(move.tables):
        return True
    unknown = sorted(set(move.tables) - set(old))
    if unknown:
        raise Refused(f"no migration of {move.old} creates: {', '.join(unknown)}")
    if new:
        raise Refused(f"the migrations of {move.new} already create: {', '.join(sorted(new))}")
    return False


def compose(move: Move, loader: Any, before: Any, actual: Any) -> list[Plain]:
    """The migrations of the move in the order in which they are applied: app, name and text."""
    from django.db.migrations import DeleteModel

    check_apps(move, loader)
    created = with_new_models(move, before, actual)
    pointed = with_relations(move, created, actual)
    rebased, rebase = with_bases(move, pointed)
    removed = rebased.clone()
    for name in move.tables:
        del removed.models[move.old, name]
    create = changes(loader, before, created, move.new)
    point = changes(loader, created, pointed)
    for label, operations in rebase.items():
        point.setdefault(label, []).extend(operations)
    remove = changes(loader, rebased, removed)
    unexpected = {*create, *point, *remove} - {move.new, move.old} - set(point)
    if unexpected or set(create) != {move.new} or set(remove) != {move.old}:
        raise Refused(f"the move would change the history of {', '.join(sorted(unexpected)) or 'nothing'}")
    third = sorted(set(point) - {move.old})

    first = next_name(loader, move.new, f"models_from_{move.old}")
    found = [migration(loader, move.new, first, create[move.new], needs(move, loader, created))]
    start = [(move.new, first)]
    for label in third:
        name = next_name(loader, label, f"relations_to_{move.new}")
        found.append(migration(loader, label, name, point[label], start))
    after = [(item["app"], item["name"]) for item in found]
    after += [leaf(loader, label) for label in named_in(move, loader) if label not in third]
    last = next_name(loader, move.old, f"move_models_to_{move.new}")
    # Fields need not be taken out first when no database is touched, and some can't be: what
    # order_with_respect_to names must be there as long as the model is.
    deleted = [operation for operation in remove[move.old] if isinstance(operation, DeleteModel)]
    operations = point.get(move.old, []) + deleted
    content_types = [label for label in ("contenttypes", "auth") if label in loader.migrated_apps]
    after += [leaf(loader, label) for label in content_types]
    item = migration(loader, move.old, last, operations, after)
    if "contenttypes" not in content_types:
        return [*found, item]
    item["text"] = with_content_types(move, item["text"])
    return [*found, item, *([merge_again(move, last)] if move.rolling else [])]


def relabelled(move: Move, loader: Any, before: Any, reason: str) -> list[Plain]:
    """The one migration of an app whose history has the new label already: its content types follow.

    :param reason: why the label can't change; empty where it can.
    """
    if reason:
        raise Refused(reason)
    what = f"content_types_from_{move.old}"
    done = any(key[0] == move.new and key[1].endswith("_" + what) for key in loader.disk_migrations)
    if done or not move.tables or "contenttypes" not in loader.migrated_apps:
        return []
    needed = [leaf(loader, label) for label in ("contenttypes", "auth") if label in loader.migrated_apps]
    item = migration(loader, move.new, next_name(loader, move.new, what), [], needed)
    item["text"] = with_content_types(move, item["text"])
    return [item]


def check_apps(move: Move, loader: Any) -> None:
    """Refuse what can't be numbered or has no migrations."""
    for label in (move.old, move.new):
        if label not in loader.migrated_apps:
            raise Refused(f"the app {label} has no migrations package")
    for label, names in sorted(loader.detect_conflicts().items()):
        raise Refused(f"{label} has several last migrations ({', '.join(names)}): merge them first")


def with_new_models(move: Move, before: Any, actual: Any) -> Any:
    """The state with the moved models under their new label too."""
    state = before.clone()
    for name, table in move.tables.items():
        model = state.models[move.old, name].clone()
        model.app_label = move.new
        if not model.options.get("proxy"):
            model.options.setdefault("db_table", table)
        model.bases = tuple(new_base(move, base) for base in model.bases)
        model.fields = {
            field_name: pointed_at_new(move, before, (move.old, name), field) or field.clone()
            for field_name, field in model.fields.items()
        }
        move.parts.follow_code(move, model, actual.models.get((move.new, name)))
        state.models[move.new, name] = model
    return state


def with_relations(move: Move, created: Any, actual: Any) -> Any:
    """The state in which every model that stays refers to the new models."""
    state = created.clone()
    for key, model in state.models.items():
        if key in move or key[0] == move.new:
            continue
        for name, field in list(model.fields.items()):
            if not links(move, model, field):  # these go with the bases
                model.fields[name] = pointed_at_new(move, created, key, field) or field
        move.parts.follow_code(move, model, actual.models.get(key), key[0] == move.old)
    return state


def with_bases(move: Move, pointed: Any) -> tuple[Any, Operations]:
    """The state in which models that stay inherit from the new ones, and the operations that do it, by app."""
    operations: Operations = {}
    state = pointed.clone()
    for key, model in state.models.items():
        bases = tuple(new_base(move, base) for base in model.bases)
        if key in move or key[0] == move.new or bases == tuple(model.bases):
            continue
        own = [(name, field) for name, field in model.fields.items() if links(move, model, field)]
        fields = [(name, pointed_at_new(move, pointed, key, field)) for name, field in own]
        model.bases = bases
        model.fields.update(fields)
        operation = move.bases.ChangeBases(key[1], bases, fields) if fields else move.bases.ChangeBases(key[1], bases)
        operations.setdefault(key[0], []).append(operation)
    return state, operations


def links(move: Move, model: Any, field: Any) -> bool:
    """Whether a field links a model to the table of a parent that moves."""
    parent = getattr(field.remote_field, "parent_link", False) and field.remote_field.model
    label = parent if isinstance(parent, str) else parent._meta.label if parent else ""
    return any(new_base(move, base) != base and base.lower() == label.lower() for base in model.bases)


def new_base(move: Move, base: Any) -> Any:
    """A base class of a model state after the move."""
    if isinstance(base, str) and tuple(base.lower().split(".")) in move:
        return f"{move.new}.{base.split('.')[1]}"
    return base


def pointed_at_new(move: Move, state: Any, key: Key, field: Any) -> Any:
    """A copy of a relation field that refers to the new models; None where it refers to no moved one."""
    from django.db.migrations.utils import resolve_relation

    remote = field.remote_field
    if not remote:
        return None
    copy = None
    for attribute in ("model", "through"):
        end = getattr(remote, attribute, None)
        target = resolve_relation(end, *key) if end else None
        if target in move:
            copy = copy or field.clone()
            setattr(copy.remote_field, attribute, f"{move.new}.{state.models[target].name}")
    return copy


def changes(loader: Any, before: Any, after: Any, initial: str = "") -> Operations:
    """What Django's autodetector makes of two states: operations by app.

    That of a package compares the history with the code, and knows nothing of two histories.
    """
    from django.db.migrations.autodetector import MigrationAutodetector
    from django.db.migrations.questioner import MigrationQuestioner

    # Clones, because the autodetector takes options out of the states it is given.
    asked = MigrationQuestioner(specified_apps={initial}, dry_run=True)
    found = MigrationAutodetector(before.clone(), after.clone(), asked).changes(graph=loader.graph)
    return {
        label: [operation for migration in migrations for operation in migration.operations]
        for label, migrations in found.items()
    }


def describe(found: Operations) -> list[list[str]]:
    """Operations as ``[app, what it does]``, sorted by app."""
    return [[label, operation.describe()] for label in sorted(found) for operation in found[label]]


def leaf(loader: Any, label: str) -> Key:
    """The last migration of an app, or what stands for it where it has none."""
    nodes = loader.graph.leaf_nodes(label)
    return nodes[0] if nodes else (label, "__first__")


def next_name(loader: Any, label: str, what: str) -> str:
    """The name of an app's next migration, numbered as Django does."""
    from django.db.migrations.autodetector import MigrationAutodetector

    nodes = loader.graph.leaf_nodes(label)
    if not nodes:
        return "0001_initial"
    number = MigrationAutodetector.parse_number(nodes[0][1]) or 0
    return f"{number + 1:04}_{what}"


def needs(move: Move, loader: Any, created: Any) -> list[Key]:
    """What the new app's first migration stands on: the old app, and the apps its relations need."""
    from django.db.migrations.utils import resolve_relation

    found = {leaf(loader, move.old)}
    for name in move.tables:
        model = created.models[move.new, name]
        for field in model.fields.values():
            remote = field.remote_field
            ends = [getattr(remote, "model", None), getattr(remote, "through", None)] if remote else []
            setting = getattr(field.deconstruct()[3].get("to"), "setting_name", None)
            if setting:
                found.add(("__setting__", setting))
                ends = ends[1:]
            labels = {resolve_relation(end, move.new, name)[0] for end in ends if end}
            found |= {leaf(loader, label) for label in labels - {move.new, move.old}}
        labels = {base.split(".")[0] for base in model.bases if isinstance(base, str)}
        found |= {leaf(loader, label) for label in labels - {move.new, move.old}}
    return sorted(found)


def named_in(move: Move, loader: Any) -> Iterator[str]:
    """Apps whose migrations stand on the old app and name a moved model (also in a past relation)."""
    names = "|".join(map(re.escape, sorted(move.tables)))
    words = re.compile(rf"\b({names})\b", re.IGNORECASE)
    for label in sorted(loader.migrated_apps - {move.old, move.new}):
        own = [key for key in loader.graph.nodes if key[0] == label]
        texts = (source_of(loader.disk_migrations[key]) for key in own)
        if not any(words.search(text) for text in texts):
            continue
        plan = [key for node in loader.graph.leaf_nodes(label) for key in loader.graph.forwards_plan(node)]
        if any(key[0] == move.old for key in plan):
            yield label


def source_of(migration: Any) -> str:
    """The text of a migration's file."""
    path = getattr(sys.modules.get(type(migration).__module__), "__file__", None)
    if not path or not path.endswith(".py"):
        return ""
    with open(path, encoding="utf-8") as stream:
        return stream.read()


def migration(
    loader: Any, label: str, name: str, operations: list[Any], needed: list[Key], *, state_only: bool = True
) -> Plain:
    """One migration as Django's writer writes it; of state operations, where nothing else is said."""
    from django.db import migrations
    from django.db.migrations.writer import MigrationWriter

    instance = migrations.Migration(name, label)
    own = loader.graph.leaf_nodes(label)
    instance.initial = not own
    instance.dependencies = sorted({*own, *needed})
    instance.operations = operations
    if operations and state_only:
        instance.operations = [migrations.SeparateDatabaseAndState(state_operations=operations)]
    text = MigrationWriter(instance, include_header=False).as_string()
    return {"app": label, "name": name, "text": with_operation(text)}


def with_operation(text: str) -> str:
    """A migration with the class of the operation for bases, where it needs one."""
    named = re.compile(r"\b_phased_state_bases\.(?=ChangeBases\()")
    if not named.search(text):
        return text
    source = own_source("state_bases.py")
    cls = source[source.index("\n\n\nclass ") :].rstrip("\n")
    cls = re.sub(r": Any(?=[,)])| -> \w+(?=:\n)|  # type: ignore.*", "", cls)
    cls = cls.replace(": Any = ", "=")
    text = re.sub(r"^import _phased_state_bases\n", "", named.sub("", text), flags=re.MULTILINE)
    imports = "from django.db.migrations.operations.base import Operation\n"
    text = re.sub(r"^(from django\.db import .*\n)", rf"\1{imports}", text, count=1, flags=re.MULTILINE)
    head, mark, body = text.partition("\n\nclass Migration(")
    return head.rstrip("\n") + cls + "\n" + mark + body


def own_source(name: str) -> str:
    """The text of a part of the probe that is copied into migrations."""
    with open(os.path.join(os.path.dirname(os.path.abspath(__file__)), name), encoding="utf-8") as stream:
        return stream.read()


def migrations_path(loader: Any, label: str, in_repo: Callable[[str], str]) -> str:
    """The directory of an app's migrations, relative to the repo."""
    module = loader.migrations_module(label)[0]
    path = in_repo(next(iter(sys.modules[module].__path__)))
    if not path:
        raise Refused(f"{label} has a relation to a moved model, but its migrations ({module}) lie outside the repo")
    return path


def prove(loader: Any, found: list[Plain]) -> None:
    """Execute the generated text, put it into the graph, and render the state after each migration."""
    keys = []
    for item in found:
        module = types.ModuleType("{}.{}".format(loader.migrations_module(item["app"])[0], item["name"]))
        exec(compile(item["text"], "{}/{}.py".format(item["app"], item["name"]), "exec"), module.__dict__)
        keys.append((item["app"], item["name"]))
        loader.disk_migrations[keys[-1]] = module.Migration(item["name"], item["app"])
    if not keys:
        return
    state = loader.project_state()
    state.clone().apps  # noqa: B018  rendering is the test
    rebuild(loader)
    for key in keys:
        state = loader.graph.nodes[key].mutate_state(state, preserve=False)
        state.clone().apps  # noqa: B018  as a run does that starts here


AGAIN = """\
# Deploy this one on its own, when no code from before {last} runs any more.
# Until then old code makes content types with the old label again; here they are merged.
# It may be run again at any time: going back over it changes nothing.
"""


def merge_again(move: Move, last: str) -> Plain:
    """The content type step once more, as a migration of its own that undoes nothing."""
    from django.db import migrations
    from django.db.migrations.autodetector import MigrationAutodetector
    from django.db.migrations.writer import MigrationWriter

    name = f"{(MigrationAutodetector.parse_number(last) or 0) + 1:04}_merge_content_types_again"
    instance = migrations.Migration(name, move.old)
    instance.dependencies = [(move.old, last)]
    text = with_content_types(move, MigrationWriter(instance, include_header=False).as_string())
    text = re.sub(r"\n\n\ndef return_content_types\(.*?(?=\n\n\ndef )", "", text, count=1, flags=re.DOTALL)
    text = text.replace(", return_content_types)", ", migrations.RunPython.noop)")
    return {"app": move.old, "name": name, "text": AGAIN.format(last=last) + text}


def with_content_types(move: Move, text: str) -> str:
    """A migration of the old app with the step that gives the content types their new label."""
    source = own_source("content_types_step.py")
    functions = source[source.index("\n\ndef ") :].rstrip("\n")
    functions = re.sub(r": (?:Any|str)(?=[,)])| -> [\w\[\]]+(?=:\n)", "", functions)
    names = "".join(f'    "{name}",\n' for name in sorted(move.tables))
    constants = f'\nOLD_LABEL = "{move.old}"\nNEW_LABEL = "{move.new}"\nMODELS = [\n{names}]\n'
    imports = r"from django.db import connections, \1, router"
    text = re.sub(r"^from django\.db import (.*)$", imports, text, count=1, flags=re.MULTILINE)
    at = next(text.index(name) for name in ("\n\n\nclass ChangeBases(", "\n\nclass Migration(") if name in text)
    head, body = text[:at].rstrip("\n") + "\n", text[at:].lstrip("\n")
    end = "    ]\n"
    assert body.endswith(end)
    step = "        migrations.RunPython(move_content_types, return_content_types),\n"
    return head + constants + functions + "\n\n\n" + body[: -len(end)] + step + end

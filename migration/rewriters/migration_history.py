"""The migrations of an app that moves under a new label, and what other apps' migrations say of it.

In an extraction the history is left alone: it speaks of models that were there under the old label.
When a whole app changes its label, no state has the old label any more, so its history is rewritten as
if it had always had the new one, and every table is pinned as it was:

- each of its own migrations ``replaces`` the one of the same name under the old label. Django counts
  it as applied where that one is, and on an empty database runs it
  (https://docs.djangoproject.com/en/stable/topics/migrations/#migration-squashing);
- ``CreateModel`` names the table that Django made from the old label, ``AlterModelTable(None)`` and
  ``RenameModel``, which would make one from the new label, name theirs too (foreign keys are then not made
  anew, so on an empty database they keep the name that Django gave them before; it looks them up by column);
- relations, bases, ``get_model`` and dependencies name the new label, in every app's migrations.
"""

from __future__ import annotations

import ast
import graphlib
import re
from collections.abc import Iterator, Mapping, Sequence

from migration.core.changes import Finding
from migration.core.names import is_under
from migration.core.references import Reference
from migration.django.model_classes import (
    PLACEHOLDER,
    argument,
    assignments,
    call_name,
    literal,
    newline,
    parents_of,
    placeholders,
    string,
)
from migration.django.model_moves import ModelMoves, Past
from migration.django.registry import Registry
from migration.plan.plan import Plan
from migration.python.quotes import usual
from migration.python.source_file import SourceFile

KIND = "history"

_LOOKUPS = frozenset(("get_model", "get_registered_model", "get_app_config"))
_STEM = re.compile(r"(?:.*/)?([^/]+)\.py")
_LISTED = "a migration that names the old label, which no state has any more; see whether it means an app or a row"


def is_own(path: str, models: ModelMoves) -> bool:
    """Whether a file (path before the move) is a migration of the app that changes its label."""
    plan = models.plan
    app = models.registry.app(plan.app.old_label)
    named = not path.endswith("/__init__.py") and path.endswith(".py")
    return plan.app.rewrites_history and app is not None and bool(app.migrations_path) and named and is_under(
        path, app.migrations_path
    )


def is_looked_into(path: str, models: ModelMoves) -> bool:
    """Whether a file (path before the move) is a migration that may name the old label: one of any app."""
    return models.plan.app.rewrites_history and path.endswith(".py") and models.is_frozen(path)


def past_of(sources: Sequence[SourceFile], plan: Plan) -> Past:
    """What the app's own migrations say together.

    :param sources: all of them, at their paths before the move.
    :raises UnreadableSource: if one can't be parsed.
    """
    files = {_stem(source.path): source for source in sources}
    needs = {name: _own_needs(source, plan) & files.keys() for name, source in files.items()}
    models = {label.partition(".")[2] for label in plan.app.moved_labels}
    by_name: dict[str, bool] = {}  # whether the table of a model follows its name
    renames: set[tuple[str, str]] = set()
    try:
        order = tuple(graphlib.TopologicalSorter(dict(sorted(needs.items()))).static_order())
    except graphlib.CycleError:
        order = tuple(sorted(files))  # Django says so itself
    for name in order:
        for call in _operations(files[name].tree):
            kind, model = call_name(call), (string(argument(call, 0, "name")) or "").lower()
            if kind == "CreateModel":
                models.add(model)
                by_name[model] = "db_table" not in _options(call)
            elif kind == "AlterModelTable":
                by_name[model] = string(argument(call, 1, "table")) is None
            elif kind == "RenameModel":
                old, new = _renamed(call)
                models.add(new.lower())
                by_name[new.lower()] = by_name.pop(old.lower(), False)
                renames |= {(old, new)} if by_name[new.lower()] else set()
    return Past(frozenset(files), frozenset(models), frozenset(renames))


def find(source: SourceFile, models: ModelMoves) -> list[Reference]:
    """What changes in one migration, of whatever app.

    :param source: the file's text as it is now; ``path`` is the one before the move.
    :raises UnreadableSource: if the file can't be parsed.
    """
    plan = models.plan
    if not is_looked_into(source.path, models):
        return []
    found = list(_labels(source, plan, models.past))
    if is_own(source.path, models):
        found += _tables(source, models)
        found += _replaces(source, plan)
        for node, text in _placeholders(source.tree):
            new = text.replace(PLACEHOLDER, plan.app.old_label)
            found.append(_reference(source, node, text, new, literal(source, node, new)))
    return found


def problems(source: SourceFile, models: ModelMoves) -> Iterator[Finding]:
    """What can't work: migrations that are squashed but still there, tables that can't be pinned."""
    if not is_own(source.path, models):
        return
    plan, past = models.plan, models.past
    path, stem = plan.new_path(source.path), _stem(source.path)
    for node, name in _assigned_pairs(source.tree, "replaces", plan.app.old_label):
        if name in past.names and name != stem:
            yield Finding(
                path,
                node.lineno,
                f"{stem} squashes {name}, which is still there; Django can't replace one migration twice",
                "finish the squash first: where every database has it, delete the squashed migrations and replaces",
            )
    for call in _operations(source.tree):
        options = argument(call, 2, "options")
        if call_name(call) == "CreateModel" and options is not None and not isinstance(options, ast.Dict):
            yield Finding(path, call.lineno, "the options of this model are computed", "write them as a dict")
    if not any(_migration_classes(source.tree)):
        return
    if not any(name == "replaces" for node in _migration_classes(source.tree) for name, _ in assignments(node.body)):
        yield Finding(path, 1, "replaces can't be put in", "write the body of class Migration on lines of its own")


def _labels(source: SourceFile, plan: Plan, past: Past) -> Iterator[Reference]:
    """Every string that is the old label, or the label of a model that the app has or had."""
    old, new = plan.app.old_label, plan.app.label
    parents = parents_of(source)
    for node in ast.walk(source.tree):
        text = string(node) if isinstance(node, ast.Constant) else None
        if text is None or not isinstance(node, ast.Constant) or not (text == old or text.startswith(f"{old}.")):
            continue
        name = text.partition(".")[2]
        if "." in text:
            if name.lower() not in past.models:
                continue
            decided = _is_relation(node, parents)
        else:
            pair = _dependency(node, parents)
            if pair is not None:
                attribute, name = pair
                if attribute == "replaces" or not (name in past.names or name.startswith("__")):
                    continue  # what is replaced stays what it was
            decided = pair is not None or _is_lookup(node, parents) or _is_limit(node, parents)
        after = f"{new}.{name}" if "." in text else new
        reason = "" if decided else _LISTED
        yield _reference(source, node, text, after, literal(source, node, after) if decided else None, reason)


def _is_relation(node: ast.Constant, parents: Mapping[ast.AST, ast.AST]) -> bool:
    """Whether a label names the other end of a relation, a base, or what ``get_model`` looks up."""
    above = parents[node]
    if isinstance(above, (ast.Tuple, ast.List)):
        above = parents[above]
        return (isinstance(above, ast.keyword) and above.arg == "bases") or (
            isinstance(above, ast.Call) and call_name(above) == "CreateModel"
        )
    if isinstance(above, ast.keyword):
        return above.arg in ("to", "through", "model_name")
    return isinstance(above, ast.Call) and above.args[:1] == [node] and call_name(above) not in ("print", "RunSQL")


def _is_lookup(node: ast.Constant, parents: Mapping[ast.AST, ast.AST]) -> bool:
    """Whether a label stands where a registry of apps is asked: ``apps.get_model("old", …)``."""
    above = parents[node]
    if isinstance(above, ast.keyword):
        call = parents[above]
        return above.arg == "app_label" and isinstance(call, ast.Call) and call_name(call) in _LOOKUPS
    if isinstance(above, ast.Call):
        return above.args[:1] == [node] and call_name(above) in _LOOKUPS
    return isinstance(above, ast.Subscript) and ast.unparse(above.value).endswith((".all_models", ".app_configs"))


def _is_limit(node: ast.AST, parents: Mapping[ast.AST, ast.AST]) -> bool:
    """Whether a label limits the choices of a relation to content types, as it does in the model's code."""
    while node in parents and not isinstance(node, ast.stmt):
        node = parents[node]
        if isinstance(node, ast.keyword) and node.arg == "limit_choices_to":
            return True
    return False


def _dependency(node: ast.Constant, parents: Mapping[ast.AST, ast.AST]) -> tuple[str, str] | None:
    """Attribute and name where a label is the first half of ``("old", "0001_initial")``."""
    above = parents[node]
    if not isinstance(above, (ast.Tuple, ast.List)) or len(above.elts) != 2 or above.elts[0] is not node:
        return None
    name = string(above.elts[1])
    current: ast.AST = above
    while current in parents and not isinstance(current, ast.stmt):
        current = parents[current]
    targets = current.targets if isinstance(current, ast.Assign) else [getattr(current, "target", None)]
    for target in targets:
        if name and isinstance(target, ast.Name) and target.id in ("dependencies", "run_before", "replaces"):
            return target.id, name
    return None


def _tables(source: SourceFile, models: ModelMoves) -> Iterator[Reference]:
    """Tables named where Django would make them from the label."""
    plan, registry, past = models.plan, models.registry, models.past
    for call in _operations(source.tree):
        kind, model = call_name(call), string(argument(call, 0, "name")) or ""
        table = _table(model, plan, registry)
        if kind == "CreateModel" and not _options(call).keys() & {"db_table", "proxy"}:
            yield from _created(source, call, model, table)
        elif kind == "AlterModelTable":
            value = argument(call, 1, "table")
            if isinstance(value, ast.Constant) and value.value is None:
                yield _reference(source, value, "None", table, usual(source.data, table))
        elif kind == "RenameModel" and _renamed(call) in past.renames:
            yield from _before_rename(source, call, plan, registry)


def _table(model: str, plan: Plan, registry: Registry) -> str:
    """The table that Django made from the old label and a model's name."""
    usual = f"{plan.app.old_label}_{model.lower()}"
    info = registry.by_label.get(f"{plan.app.old_label}.{model}".lower())
    # a long name is cut; what the database has is what counts
    return info.table if info is not None and not info.explicit_table and not info.proxy else usual


def _created(source: SourceFile, call: ast.Call, model: str, table: str) -> Iterator[Reference]:
    entry = f"{usual(source.data, 'db_table')}: {usual(source.data, table)}"
    options, fields = argument(call, 2, "options"), argument(call, 1, "fields")
    if isinstance(options, ast.Dict):
        start = source.span(options)[0] + 1
        gap = re.compile(rb"[ \t]*(\r\n|\n|\r)[ \t]*(?=[^\s}])").match(source.data, start)
        lead = gap[0].decode() if gap else ""
        tail = "," if gap else ", " if options.keys else ""
        yield _addition(start, model, table, f"{lead}{entry}{tail}")
    elif options is None and fields is not None:
        at = source.span(fields)[1]
        keyword = next((k for k in call.keywords if k.value is fields), None)
        line = source.data[source.line_starts[(keyword or fields).lineno - 1] :]
        indent = re.compile(rb"[ \t]*").match(line)
        own_line = keyword is not None and indent is not None and len(indent[0]) == keyword.col_offset
        lead = f",{_break(source, call)}{indent[0].decode()}" if own_line and indent else ", "
        yield _addition(at, model, table, f"{lead}options={{{entry}}}")


def _before_rename(source: SourceFile, call: ast.Call, plan: Plan, registry: Registry) -> Iterator[Reference]:
    """The table gets the name that the model's new name would have given it, before the model is renamed."""
    old, new = _renamed(call)
    table = _table(new, plan, registry)
    start = source.span(call)[0]
    operation = ast.unparse(call.func).replace("RenameModel", "AlterModelTable")
    text = f"{operation}(name={usual(source.data, old.lower())}, table={usual(source.data, table)}),"
    if source.data[:start].rstrip().endswith(text.encode()):
        return  # an earlier run put it there
    indent = source.data[source.line_starts[source.line_of(start) - 1] : start]
    gap = f"{_break(source, call)}{indent.decode()}" if not indent.strip() else " "
    yield _addition(start, new, table, text + gap)


def _replaces(source: SourceFile, plan: Plan) -> Iterator[Reference]:
    """``replaces`` at the head of a migration that has none."""
    for node in _migration_classes(source.tree):
        if any(name == "replaces" for name, _ in assignments(node.body)):
            continue
        first = node.body[0]
        if ast.get_docstring(node, clean=False) is not None and len(node.body) > 1:
            first = node.body[1]
        start = source.offset(first.lineno, first.col_offset)
        indent = source.data[source.line_starts[first.lineno - 1] : start].decode()
        if indent.strip():
            continue
        name, line = _stem(source.path), newline(source, node)
        pair = f"({usual(source.data, plan.app.old_label)}, {usual(source.data, name)})"
        text = f"replaces = [{pair}]{line}{line}{indent}"
        yield _addition(start, f"{plan.app.old_label}.{name}", f"{plan.app.label}.{name}", text)


def _placeholders(tree: ast.Module) -> Iterator[tuple[ast.expr, str]]:
    """Names with ``%(app_label)s`` in the fields and options of operations."""
    for node in _migration_classes(tree):
        yield from placeholders(node)
    for call in _operations(tree):
        value = _options(call).get("default_related_name")
        text = string(value)
        if value is not None and text is not None and PLACEHOLDER in text:
            yield value, text


def _operations(tree: ast.Module) -> list[ast.Call]:
    """The calls of operations that create, rename or re-table a model, in the order of the text."""
    names = ("CreateModel", "RenameModel", "AlterModelTable")
    calls = [node for node in ast.walk(tree) if isinstance(node, ast.Call) and call_name(node) in names]
    return sorted(calls, key=lambda call: (call.lineno, call.col_offset))


def _options(call: ast.Call) -> dict[str, ast.expr]:
    """The options of a ``CreateModel`` that are written out."""
    options = argument(call, 2, "options")
    if call_name(call) != "CreateModel" or not isinstance(options, ast.Dict):
        return {}
    pairs = zip(options.keys, options.values, strict=True)
    return {
        text: value for key, value in pairs
        if (text := string(key)) is not None and not (text == "proxy" and getattr(value, "value", True) is False)
    }


def _renamed(call: ast.Call) -> tuple[str, str]:
    return string(argument(call, 0, "old_name")) or "", string(argument(call, 1, "new_name")) or ""


def _own_needs(source: SourceFile, plan: Plan) -> set[str]:
    return {name for _, name in _assigned_pairs(source.tree, "dependencies", plan.app.old_label)}


def _assigned_pairs(tree: ast.Module, attribute: str, label: str) -> Iterator[tuple[ast.expr, str]]:
    """The names in the pairs ``(label, name)`` that a migration's class assigns to an attribute."""
    for node in _migration_classes(tree):
        for name, value in assignments(node.body):
            for pair in ast.walk(value) if name == attribute else ():
                if isinstance(pair, (ast.Tuple, ast.List)) and len(pair.elts) == 2 and string(pair.elts[0]) == label:
                    yield pair, string(pair.elts[1]) or ""


def _migration_classes(tree: ast.Module) -> Iterator[ast.ClassDef]:
    return (node for node in tree.body if isinstance(node, ast.ClassDef) and node.name == "Migration")


def _stem(path: str) -> str:
    match = _STEM.fullmatch(path)
    return match[1] if match else path


def _break(source: SourceFile, node: ast.expr) -> str:
    match = re.compile(rb"\r\n|\n|\r").search(source.data, source.span(node)[0])
    return match[0].decode() if match else "\n"


def _reference(source: SourceFile, node: ast.expr, old: str, new: str, text: str | None, reason: str = "") -> Reference:
    return Reference(KIND, *source.span(node), old, new, text, reason)


def _addition(at: int, old: str, new: str, text: str) -> Reference:
    return Reference(KIND, at, at, old, new, text, adds=True)

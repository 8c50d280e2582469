"""The two halves of a label where they stand apart: ``app_label="posthog", model="table"``, and the first alone.

Content types and permissions are looked up so (``ContentType.objects.get``, ``get_by_natural_key``,
``limit_choices_to``), routers compare the first half. With the model beside it the pair is decided. The
app half alone means models that move and models that stay: it is listed, unless the old label is gone.
"""

from __future__ import annotations

import ast
from collections.abc import Iterator, Mapping

from migration.core.references import Reference
from migration.django.command_arguments import KEYWORDS, NAMES, is_argument
from migration.django.labels import Labels
from migration.django.model_classes import (
    argument,
    call_name,
    is_state_lookup,
    literal,
    parents_of,
    string,
    target_names,
)
from migration.django.model_moves import ModelMoves
from migration.python.source_file import SourceFile

KIND = "model"

_LOOKUPS = frozenset(("get_model", "get_registered_model"))
_SPLIT = "means models that move and models that stay: those that moved have the label {}"


def needles(models: ModelMoves) -> frozenset[bytes]:
    """Byte strings of which a file must hold one to name the app of a model that moves apart from the model."""
    old = models.labels.old
    words = {f'"{old}"', f"'{old}'", *_LOOKUPS} if old else set()
    return frozenset(word.encode() for word in words)


def find(source: SourceFile, models: ModelMoves) -> Iterator[Reference]:
    """The app labels in one file that change, and those that can't be decided.

    :raises UnreadableSource: if the file can't be parsed.
    """
    if not models.may_name_label(source):
        return
    labels = models.labels
    parents = parents_of(source)
    for node in ast.walk(source.tree):
        if not isinstance(node, ast.Constant) or node.value != labels.old:
            continue
        decided = _decide(node, parents, labels)
        if decided is None:
            continue
        reason = "" if decided else _SPLIT.format(labels.new)
        start, end = source.span(node)
        text = literal(source, node, labels.new) if decided else None
        yield Reference(KIND, start, end, labels.old, labels.new, text, reason)


def _decide(node: ast.Constant, parents: Mapping[ast.AST, ast.AST], labels: Labels) -> bool | None:
    """Whether a string that is the old app label changes; False where a person must see, None if it stays."""
    above = parents[node]
    if isinstance(above, ast.keyword):
        return _keyword(node, above, parents, labels)
    if isinstance(above, ast.Dict):
        return _in_dict(node, above, parents, labels)
    if isinstance(above, ast.Call):
        return _call(node, above, parents, labels)
    if isinstance(above, ast.Subscript) and ast.unparse(above.value).endswith(".all_models"):
        outer = parents[above]
        model = string(outer.slice) if isinstance(outer, ast.Subscript) and outer.value is above else None
        return _pair(model, labels)
    if isinstance(above, ast.Subscript) and ast.unparse(above.value).endswith(".app_configs"):
        return labels.whole or None
    if _is_compared(node, parents):
        return labels.whole
    if isinstance(above, (ast.Tuple, ast.List)) and len(above.elts) == 2 and above.elts[0] is node:
        model = string(above.elts[1])
        return False if model is not None and labels.moves(labels.old, model) and model == model.lower() else None
    if isinstance(above, (ast.Assign, ast.AnnAssign)) and _is_named(above):
        return labels.whole
    return None


def _pair(model: str | None, labels: Labels) -> bool | None:
    """What becomes of an app label beside a model's name (None where that is not written out)."""
    if labels.whole:
        return True
    if model is None:
        return False
    return True if labels.moves(labels.old, model) else None


def _looked_up(call: ast.Call, parents: Mapping[ast.AST, ast.AST], labels: Labels) -> bool | None:
    """What becomes of the app in ``get_model``: a state of the past has the old label, unless it is gone."""
    if is_state_lookup(call, parents) and not labels.whole:
        return None
    return _pair(string(argument(call, 1, "model_name")), labels)


def _keyword(
    node: ast.Constant, keyword: ast.keyword, parents: Mapping[ast.AST, ast.AST], labels: Labels
) -> bool | None:
    call = parents[keyword]
    prefix = _prefix(keyword.arg)
    if not isinstance(call, ast.Call) or prefix is None:
        return None
    if call_name(call) in _LOOKUPS:
        return _looked_up(call, parents, labels)
    if call_name(call) == "call_command":
        return (labels.whole or None) if keyword.arg in KEYWORDS else None
    named = {other.arg: other.value for other in call.keywords if other.arg}
    return _beside(prefix, named, labels)


def _in_dict(node: ast.Constant, display: ast.Dict, parents: Mapping[ast.AST, ast.AST], labels: Labels) -> bool | None:
    named = {text: value for key, value in zip(display.keys, display.values, strict=True) if (text := string(key))}
    if node in display.keys:
        return (labels.whole or None) if "MIGRATION_MODULES" in target_names(parents[display]) else None
    key = next((text for text, value in named.items() if value is node), None)
    prefix = _prefix(key)
    return None if prefix is None else _beside(prefix, named, labels)


def _beside(prefix: str, named: Mapping[str, ast.expr], labels: Labels) -> bool | None:
    """An app label with the model's name under the same prefix: ``content_type__app_label`` and ``…__model``."""
    for ending in ("", "__iexact", "__exact"):
        if (value := named.get(f"{prefix}model{ending}")) is not None:
            return _pair(string(value), labels)
    several = named.get(f"{prefix}model__in")
    if isinstance(several, (ast.List, ast.Tuple, ast.Set)) and several.elts:
        found = {_pair(string(element), labels) for element in several.elts}
        return found.pop() if len(found) == 1 else False
    return labels.whole


def _call(node: ast.Constant, call: ast.Call, parents: Mapping[ast.AST, ast.AST], labels: Labels) -> bool | None:
    name = call_name(call)
    if node not in call.args:
        return None
    position = call.args.index(node)
    following = string(call.args[position + 1]) if position + 1 < len(call.args) else None
    if name == "get_by_natural_key":
        return _pair(following, labels) if position + 1 < len(call.args) else None
    if name in _LOOKUPS and position == 0:
        return _looked_up(call, parents, labels)
    if name == "get_app_config" and position == 0:
        above = parents[call]
        outer = parents[above] if isinstance(above, ast.Attribute) else None
        if isinstance(above, ast.Attribute) and above.attr == "get_model" and isinstance(outer, ast.Call):
            return _pair(string(argument(outer, 0, "model_name")), labels)
        return labels.whole or None
    if name == "call_command" and string(call.args[0]) in NAMES and is_argument(call, position, labels.commands):
        return True if labels.whole else False if string(call.args[0]) == "dumpdata" else None
    return None


def _is_compared(node: ast.Constant, parents: Mapping[ast.AST, ast.AST]) -> bool:
    """Whether a string, or the display it stands in, is compared with or assigned to an ``app_label``."""
    above = parents[node]
    if isinstance(above, (ast.List, ast.Tuple, ast.Set)):
        if _is_named(parents[above]):
            return True
        node, above = above, parents[above]  # type: ignore[assignment]
    if isinstance(above, ast.Compare):
        others = (other for other in (above.left, *above.comparators) if other is not node)
        return any(ast.unparse(other).endswith("app_label") for other in others)
    return False


def _is_named(statement: ast.AST) -> bool:
    """Whether a statement assigns to a name such as ``route_app_labels``."""
    return any("app_label" in name.lower() and name != "app_label" for name in target_names(statement))


def _prefix(name: str | None) -> str | None:
    """What stands before ``app_label`` in a lookup; None where the name is no such lookup."""
    for ending in ("app_label", "app_label__iexact", "app_label__exact"):
        if name is not None and (name == ending or name.endswith("__" + ending)):
            return name[: -len(ending)]
    return None

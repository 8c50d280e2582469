"""Strings that are the label of a model as a whole, where only their place says so.

Relation fields and ``get_model`` are another rewriter's; here are registries keyed by label, settings
such as ``FILER_IMAGE_MODEL``, senders of signals, factories, and what tests and scripts give to
``call_command``. A place that may as well hold something else (an event's name, a value that rows
hold) is listed. In lower case ``posthog.table`` is more often a module: it counts only where nothing
but a label can stand.
"""

from __future__ import annotations

import ast
from collections.abc import Iterator, Mapping

from migration.core.references import Reference
from migration.django.command_arguments import KEYWORDS, is_argument
from migration.django.labels import Labels
from migration.django.model_classes import (
    call_name,
    is_state_lookup,
    literal,
    parents_of,
    statement_of,
    string,
    target_names,
)
from migration.django.model_moves import ModelMoves
from migration.python.source_file import SourceFile

KIND = "model"

# Calls whose first argument may be a label, and nothing else that looks like one.
_FIRST = frozenset(
    ("get_model", "get_registered_model", "make", "prepare", "blend", "Recipe", "lazy_model_operation")
)
_LOOKED_UP = frozenset(("get", "pop", "setdefault"))
_KEYWORDS = frozenset(("sender", "model", "to", "through", "model_class"))
_STORED = frozenset(("default", "choices", "db_default"))
_UNSURE = "looks like the label of a model that moves; nothing says whether it is one"
_IN_ROWS = "the label of a model that moves, in a field's definition: rows may hold it, see what reads them"


def needles(models: ModelMoves) -> frozenset[bytes]:
    """Byte strings of which a file must hold one to name a model that moves by its label."""
    return models.labels.needles


def find(source: SourceFile, models: ModelMoves) -> Iterator[Reference]:
    """The labels in one file, those that can't be decided included.

    :raises UnreadableSource: if the file can't be parsed.
    """
    if not models.may_name_label(source):
        return
    labels = models.labels
    parents = parents_of(source)
    for node in ast.walk(source.tree):
        text = string(node) if isinstance(node, ast.Constant) else None
        if text is None or not isinstance(node, ast.Constant) or text.count(".") != 1:
            if text is not None and source.path in labels.settings:
                yield from _longer(source, node, text, labels)
            continue
        new = labels.after(text)
        if not new or isinstance(parents[node], (ast.JoinedStr, ast.Expr)):
            continue
        reason = _why_left(node, parents, source, labels)
        if reason is not None:
            start, end = source.span(node)
            yield Reference(KIND, start, end, text, new, None if reason else literal(source, node, new), reason)


def _why_left(node: ast.Constant, parents: Mapping[ast.AST, ast.AST], source: SourceFile, labels: Labels) -> str | None:
    """Why a string is left and listed; empty where it is a label for sure, None where it is none."""
    lower = node.value == str(node.value).lower()
    if _is_stored(node, parents):
        return _IN_ROWS if not lower else None
    above = parents[node]
    if isinstance(above, ast.Call) and is_state_lookup(above, parents) and not labels.whole:
        return None
    if _is_certain(node, parents, labels):
        return ""
    if not lower and source.path in labels.settings and _is_setting(node, parents):
        return ""
    if _is_display(node, parents, labels, lower) or (not lower and _is_key(node, parents)):
        return ""
    listed = isinstance(parents[node], (ast.List, ast.Tuple, ast.Set))
    in_settings = listed and source.path in labels.settings and _is_setting(node, parents)
    return None if lower and not (_is_key(node, parents) or in_settings) else _UNSURE


def _longer(source: SourceFile, node: ast.AST, text: str, labels: Labels) -> Iterator[Reference]:
    """A field of a model that moves, in the settings: ``THUMBNAIL_ALIASES = {"shop.Item.photo": …}``."""
    label, _, field = text.rpartition(".")
    if isinstance(node, ast.Constant) and field.isidentifier() and (new := labels.after(label)):
        yield Reference(KIND, *source.span(node), text, f"{new}.{field}", None, _UNSURE)


def _is_certain(node: ast.Constant, parents: Mapping[ast.AST, ast.AST], labels: Labels) -> bool:
    """Whether nothing but a label can stand here."""
    above = parents[node]
    if isinstance(above, ast.keyword):
        return above.arg in _KEYWORDS
    if isinstance(above, ast.Call):
        name, position = call_name(above), above.args.index(node) if node in above.args else -1
        if name == "getattr" and position == 2:
            return ast.unparse(above.args[0]).endswith("settings") or _is_model_setting(string(above.args[1]))
        return (name in _FIRST and position == 0) or (
            name == "call_command" and is_argument(above, position, labels.commands)
        )
    if isinstance(above, ast.Compare):
        return any("label" in ast.unparse(other) for other in (above.left, *above.comparators) if other is not node)
    if isinstance(above, (ast.Assign, ast.AnnAssign)):
        return any(name == "model" or _is_model_setting(name) for name in target_names(above))
    if isinstance(above, ast.arguments):
        return _default_of(node, above) in _KEYWORDS
    return False


def _is_setting(node: ast.Constant, parents: Mapping[ast.AST, ast.AST]) -> bool:
    """Whether a string is the value of a setting, or the default of one that the environment gives."""
    return any(name.isupper() for name in target_names(statement_of(node, parents)))


def _is_display(node: ast.Constant, parents: Mapping[ast.AST, ast.AST], labels: Labels, lower: bool) -> bool:
    """Whether a string stands among labels: the keys of a dict, or the elements of a list, a tuple or a set."""
    above = parents[node]
    if isinstance(above, ast.Dict):
        others = [string(key) for key in above.keys] if node in above.keys else []
    elif isinstance(above, (ast.List, ast.Tuple, ast.Set)):
        others = [string(element) for element in above.elts]
        if _is_list_of_models(above, parents, lower):
            return True
    else:
        return False
    return len(others) > 1 and all(other is not None and other.lower() in labels.known for other in others)


def _is_list_of_models(display: ast.AST, parents: Mapping[ast.AST, ast.AST], lower: bool) -> bool:
    """Whether a display is compared with a label, or has a name that ends with ``models`` or ``labels``."""
    above = parents[display]
    if isinstance(above, ast.Call) and call_name(above) in ("frozenset", "set", "tuple", "list"):
        above = parents[above]
    if isinstance(above, ast.Compare):
        return "label" in ast.unparse(above.left)
    if isinstance(above, ast.keyword) and above.arg in KEYWORDS and _is_command(parents[above]):
        return True
    names = target_names(above)
    names += [above.arg] if isinstance(above, ast.keyword) and above.arg else []
    return not lower and any(name.lower().endswith(("models", "labels")) for name in names)


def _is_command(call: ast.AST) -> bool:
    return isinstance(call, ast.Call) and call_name(call) == "call_command"


def _is_key(node: ast.Constant, parents: Mapping[ast.AST, ast.AST]) -> bool:
    """Whether a string is a key: in a dict, between brackets, or looked up with ``get``."""
    above = parents[node]
    if isinstance(above, ast.Dict):
        return node in above.keys
    if isinstance(above, ast.Call):
        return isinstance(above.func, ast.Attribute) and above.func.attr in _LOOKED_UP and above.args[:1] == [node]
    return isinstance(above, ast.Subscript) and above.slice is node


def _is_stored(node: ast.Constant, parents: Mapping[ast.AST, ast.AST]) -> bool:
    """Whether a string is a field's default or one of its choices, so that rows may hold it."""
    current: ast.AST = node
    while current in parents and not isinstance(current, ast.stmt):
        if isinstance(current, ast.keyword) and current.arg in _STORED:
            return True
        current = parents[current]
    above = parents.get(current)
    if not isinstance(above, ast.ClassDef):
        return False
    choices = any("Choices" in ast.unparse(base) or ast.unparse(base).endswith("Enum") for base in above.bases)
    return choices or any(name.lower().endswith("choices") for name in target_names(current))


def _default_of(node: ast.Constant, arguments: ast.arguments) -> str:
    """The parameter whose default a string is."""
    positional = [*arguments.posonlyargs, *arguments.args]
    pairs = list(zip(reversed(positional), reversed(arguments.defaults), strict=False))
    pairs += [(one, value) for one, value in zip(arguments.kwonlyargs, arguments.kw_defaults, strict=True) if value]
    return next((parameter.arg for parameter, value in pairs if value is node), "")


def _is_model_setting(name: str | None) -> bool:
    return name is not None and name.isupper() and name.endswith("_MODEL")

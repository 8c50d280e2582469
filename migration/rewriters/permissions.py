"""Permissions that models define themselves, and names of permissions, models and pages put together from parts.

The four permissions that every model has are known by their form, and followed with the imports. Here
are those of ``Meta.permissions``, which only Django's registry can tell apart, and f-strings such as
``f"posthog.{action}_table"``: decided where the model stands at the end, listed where it doesn't.
https://docs.djangoproject.com/en/stable/topics/auth/customizing/#custom-permissions
"""

from __future__ import annotations

import ast
import re
from collections.abc import Iterator, Mapping

from migration.core.references import Reference, TextFile
from migration.django.labels import Labels
from migration.django.model_classes import call_name, is_state_lookup, literal, parents_of, string, target_names
from migration.django.model_moves import ModelMoves
from migration.python.source_file import SourceFile
from migration.python.string_literals import pieces

KIND = "permission"

_CALLS = frozenset(
    ("has_perm", "has_perms", "permission_required", "has_permission", "with_perm", "user_has_perm", "get_perm")
)
_UNSURE = "a permission that a moved model defines; nothing says whether this is one"
_PARTS = "put together from parts: where it means a model that moves, its label is {} now"
_OPEN = re.compile(rb"\{[%{]")


def needles(models: ModelMoves) -> frozenset[bytes]:
    """Byte strings of which a file must hold one to name a permission of a model that moves."""
    labels = models.labels
    words = {f":{labels.old}_", f"perms.{labels.old}", "has_perm", "permission_required"} if labels else set()
    return frozenset(word.encode() for word in words | {*labels.permissions})


def find(source: SourceFile, models: ModelMoves) -> Iterator[Reference]:
    """The permissions in one Python file, those that can't be decided included.

    :raises UnreadableSource: if the file can't be parsed.
    """
    if not models.may_name_label(source):
        return
    labels = models.labels
    parents = parents_of(source)
    for node in ast.walk(source.tree):
        above = parents.get(node)
        if isinstance(node, ast.JoinedStr):
            yield from _parts(source, node, parents, labels)
        elif isinstance(node, ast.Constant) and not isinstance(above, (ast.JoinedStr, ast.Expr)):
            text = string(node)
            if text is None or not (text.startswith(f"{labels.old}.") or f":{labels.old}_" in text):
                continue
            if text in labels.permissions:
                sure = _is_permission(node, parents)
                new = labels.permissions[text]
                start, end = source.span(node)
                after, reason = (literal(source, node, new), "") if sure else (None, _UNSURE)
                yield Reference(KIND, start, end, text, new, after, reason)
            elif "%" in text or "{" in text:
                yield from _parts(source, node, parents, labels)


def find_in_text(text: TextFile, models: ModelMoves) -> Iterator[Reference]:
    """The permissions in the tags of a template: ``perms.posthog.ban``, ``"posthog.ban" in perms``."""
    labels = models.labels
    if not labels or b"perms" not in text.raw or _OPEN.search(text.raw) is None:
        return
    codes = "|".join(re.escape(code) for code in sorted(labels.permissions, key=len, reverse=True)) or "(?!)"
    form = rf"(?<![\w.])perms\.(?P<a>{codes})(?![\w])|(?P<q>[\"'])(?P<b>{codes})(?P=q)(?=\s+in\s+perms\b)"
    for match in re.finditer(form.encode(), text.raw):
        start, end = match.span("a") if match["a"] else match.span("b")
        old = text.raw[start:end].decode()
        yield Reference(KIND, start, end, old, labels.permissions[old], labels.permissions[old])
    for match in re.finditer(rf"(?<![\w.])perms\.(?P<name>{re.escape(labels.old)})(?![\w.])".encode(), text.raw):
        new = labels.new if labels.whole else None
        reason = "" if labels.whole else _PARTS.format(labels.new)
        yield Reference(KIND, *match.span("name"), labels.old, labels.new, new, reason)


def _parts(
    source: SourceFile, node: ast.JoinedStr | ast.Constant, parents: Mapping[ast.AST, ast.AST], labels: Labels
) -> Iterator[Reference]:
    """The label at the head of a string with holes in it."""
    found = pieces(source, node)
    if len(found) != 1:
        return
    piece, head = found[0], f"{labels.old}.".encode()
    value = source.data[piece.inner : piece.inner_end]
    url = re.match(rb"[\w-]+:(?=%s_)" % re.escape(labels.old.encode()), value)
    at = url.end() if url else 0
    if not (url or value.startswith(head)) or not re.search(rb"[%{]", value[at + len(labels.old) :]):
        return
    if not (url or _is_permission(node, parents) or _is_get_model(node, parents, labels)):
        return
    model = "" if url else _model_at_end(value.decode(errors="replace"))
    if not labels.whole and model and f"{labels.old}.{model}".lower() in labels.known - labels.models.keys():
        return
    decided = labels.whole or (bool(model) and labels.moves(labels.old, model))
    start = piece.inner + at
    reason = "" if decided else _PARTS.format(labels.new)
    yield Reference(
        KIND, start, start + len(labels.old), labels.old, labels.new, labels.new if decided else None, reason
    )


def _model_at_end(value: str) -> str:
    """The model that ``posthog.{action}_table`` names; empty where it is put together, too."""
    tail = re.fullmatch(r"[^%{}]*(?:\{[^{}]*\}|%s|%\(\w+\)s)_(\w+)", value)
    return tail[1] if tail else ""


def _is_permission(node: ast.AST, parents: Mapping[ast.AST, ast.AST]) -> bool:
    """Whether a string is given to a check of permissions, or has a name that speaks of them."""
    current = node
    while current in parents and not isinstance(current, ast.stmt):
        current = parents[current]
        if isinstance(current, ast.Call) and call_name(current) in _CALLS:
            return True
        if isinstance(current, ast.keyword) and current.arg and "perm" in current.arg.lower():
            return True
    return any("perm" in name.lower() for name in target_names(current))


def _is_get_model(node: ast.AST, parents: Mapping[ast.AST, ast.AST], labels: Labels) -> bool:
    """Whether a string is what ``get_model`` looks up, in the code of today."""
    above = parents[node]
    if isinstance(above, ast.BinOp):
        node, above = above, parents[above]
    if not isinstance(above, ast.Call) or above.args[:1] != [node]:
        return False
    past = is_state_lookup(above, parents) and not labels.whole
    return call_name(above) in ("get_model", "get_registered_model") and not past

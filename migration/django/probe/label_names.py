"""The part of the probe that says which names hold the label of an app, and the code that keeps them.

``%(app_label)s`` in the names of relations, constraints and indexes is expanded with the label of whatever class
inherits them, and metaclasses of installed packages name indexes by it. Where a model gets another label these names
change; what is written in the class itself does not. The code is what Django's migrations write for the same thing.
https://docs.djangoproject.com/en/stable/topics/db/models/#be-careful-with-related-name-and-related-query-name

Kept to the syntax of Python 3.8; imports nothing of ours.
"""

from __future__ import annotations

import re
from typing import Any, Callable, Dict, List, Tuple  # noqa: UP035  Python 3.8

PLACEHOLDER = "%(app_label)s"
Plain = Dict[str, Any]  # noqa: UP006


def field_pin(model: Any, field: Any) -> Tuple[str, List[str]]:  # noqa: UP006
    """The call that makes the same field with the label written out in its names, and what it imports.

    :returns: nothing where no name of the field depends on the label.
    """
    if not getattr(field, "remote_field", None):
        return "", []
    templates = {
        "related_name": getattr(field, "_related_name", None),
        "related_query_name": getattr(field, "_related_query_name", None),
    }
    label = model._meta.app_label
    frozen = {
        name: str(value).replace(PLACEHOLDER, label.lower()) for name, value in templates.items()
        if PLACEHOLDER in str(value or "")
    }
    if not frozen:
        return "", []
    try:
        _, _, arguments, keywords = field.deconstruct()
        pinned = type(field)(*arguments, **{**keywords, **frozen})
        return written(pinned)
    except (ValueError, TypeError, AttributeError):  # no migration could write it either
        return "", []


def named(
    model: Any, state: Any, kind: str, path_of: Callable[[type], str], file_of: Callable[[type], str]
) -> List[Plain]:  # noqa: UP006
    """The indexes or constraints of a model as ``migration.django.registry.Named`` has them, sorted by name.

    :param state: the model as migrations see it: what a metaclass adds behind their back is in no database.
    :param kind: ``indexes`` or ``constraints``.
    """
    items = state.options.get(kind, ())
    return sorted((describe(model, kind, item, path_of, file_of) for item in items), key=name_of)


def name_of(item: Plain) -> str:
    return str(item["name"])


def describe(model: Any, kind: str, item: Any, path_of: Callable[[type], str], file_of: Callable[[type], str]) -> Plain:
    """One index or constraint."""
    try:
        code, imports = written(item)
    except (ValueError, TypeError, AttributeError):  # it can't be written
        code, imports = "", []
    base, template = base_of(model, kind, item.name)
    labelled = PLACEHOLDER in template
    origin = "label" if labelled else "base" if base else "table" if is_automatic(model, item) else ""
    return {
        "name": item.name,
        "code": code,
        "imports": imports,
        "origin": origin,
        "declared_in": path_of(base) if labelled else "",
        "declared_file": file_of(base) if labelled else "",
    }


def base_of(model: Any, kind: str, name: str) -> Tuple[Any, str]:  # noqa: UP006
    """The abstract base whose Meta gives an index or constraint this name, and how it writes it; nothing for none."""
    label, own = model._meta.app_label.lower(), model.__name__.lower()
    for cls in model.__mro__[1:]:
        meta = getattr(cls, "_meta", None)
        for item in getattr(meta, kind, ()) if meta is not None and meta.abstract else ():
            template = item.name or ""
            if template.replace(PLACEHOLDER, label).replace("%(class)s", own) == name:
                return cls, template
    return None, ""


def related_name_of(model: Any, path_of: Callable[[type], str], file_of: Callable[[type], str]) -> List[str]:  # noqa: UP006
    """``default_related_name`` where it holds the label: as it is written, and the abstract base it comes from."""
    written_as = model._meta.original_attrs.get("default_related_name") or ""
    if PLACEHOLDER not in str(written_as):
        return []
    for cls in model.__mro__[1:]:
        meta = getattr(cls, "_meta", None)
        if meta is not None and meta.abstract and meta.default_related_name == written_as:
            return [written_as, path_of(cls), file_of(cls)]
    return [written_as, "", ""]


def is_automatic(model: Any, item: Any) -> bool:
    """Whether Django has named an index from its table, which stays."""
    if not hasattr(item, "set_name_with_model"):
        return False
    other = item.clone()
    other.name = ""
    try:
        other.set_name_with_model(model)
    except Exception:  # an index of the project's own may want more
        return False
    return bool(other.name == item.name)


def written(value: Any) -> Tuple[str, List[str]]:  # noqa: UP006
    """A value as a migration writes it, and its imports, sorted."""
    from django.db.migrations.serializer import serializer_factory

    code, imports = serializer_factory(value).serialize()
    code = re.sub(r"\bdjango\.db\.models\.deletion\.(?=[A-Z])", "models.", code)
    needed = {line for line in imports if not line.startswith("import django.db.models.deletion")}
    return code, sorted(needed)

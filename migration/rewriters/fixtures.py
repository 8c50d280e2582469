"""Fixtures: the models of their objects, and the natural keys of content types and permissions.

JSON, JSON lines, YAML and XML, as ``dumpdata`` writes them and as people do
(https://docs.djangoproject.com/en/stable/topics/serialization/#serialization-formats). Only the label's
own bytes change. Values of other columns that hold a label are listed: what reads them decides.
"""

from __future__ import annotations

import re
from collections.abc import Iterator

from migration.core.references import Reference, TextFile
from migration.django.labels import Labels
from migration.django.model_moves import ModelMoves

KIND = "fixture"
ENDINGS = (".json", ".jsonl", ".yaml", ".yml", ".xml")

_VALUE = "a label in a column of a fixture: see what reads the column"
_JSON_OBJECT = re.compile(rb"\"model\"\s*:\s*\"(?P<label>\w+\.\w+)\"")
_JSON_FIELDS = re.compile(rb"\"fields\"\s*:\s*\{")
_YAML_OBJECT = re.compile(rb"^[ \t]*(?:-[ \t]+|\{[ \t]*)?model[ \t]*:[ \t]*(?P<q>[\"']?)(?P<label>\w+\.\w+)(?P=q)(?=[ \t]*(?:[,}#\r\n]|\Z))", re.M)  # noqa: E501  # fmt: skip
_YAML_FIELDS = re.compile(rb"(?:^|[{,])[ \t]*[\"']?fields[\"']?[ \t]*:", re.M)
_XML_OBJECT = re.compile(rb"<(?:object|field)\b[^>]*?\s(?:model|to)=(?P<q>[\"'])(?P<label>\w+\.\w+)(?P=q)")
_XML_ROOT = re.compile(rb"<django-objects\b")


def is_fixture(text: TextFile) -> bool:
    """Whether a file holds objects of models."""
    raw = text.raw
    if text.path.endswith(".xml"):
        return _XML_ROOT.search(raw) is not None
    if text.path.endswith((".json", ".jsonl")):
        return _JSON_OBJECT.search(raw) is not None and _JSON_FIELDS.search(raw) is not None
    return text.path.endswith(ENDINGS) and _YAML_OBJECT.search(raw) is not None and bool(_YAML_FIELDS.search(raw))


def needles(models: ModelMoves) -> frozenset[bytes]:
    """Byte strings of which a file must hold one to name a model that moves in a fixture."""
    old = models.labels.old
    forms = (f'"{old}"', f"'{old}'", f">{old}<", f"[{old}", f"- {old}") if old else ()
    return models.labels.needles | {form.encode() for form in forms}


def find_in_text(text: TextFile, models: ModelMoves) -> Iterator[Reference]:
    """The labels in one fixture; nothing in any other file."""
    labels = models.labels
    if not labels or labels.old.encode() not in text.raw or not is_fixture(text):
        return
    found: dict[int, Reference] = {}
    kind = text.path.rpartition(".")[2]
    objects = {"xml": _XML_OBJECT, "json": _JSON_OBJECT, "jsonl": _JSON_OBJECT}.get(kind, _YAML_OBJECT)
    for match in objects.finditer(text.raw):
        label = match["label"].decode(errors="replace")
        app_label, _, model = label.partition(".")
        if labels.moves(app_label, model):
            start = match.start("label")
            _add(found, start, labels.old, labels.new, label)
    forms = {"xml": _xml_keys, "json": _json_keys, "jsonl": _json_keys}.get(kind, _yaml_keys)
    for match in re.finditer(forms(labels), text.raw, re.M):
        name = next(name for name in ("a", "b", "c", "d", "e") if match.groupdict().get(name) is not None)
        model = next(value for key, value in match.groupdict().items() if key.startswith("m_") and value is not None)
        _add(found, match.start(name), labels.old, labels.new, f"{labels.old}.{model.decode()}")
    _stored(text, labels, found)
    yield from sorted(found.values(), key=lambda reference: reference.start)


def _add(found: dict[int, Reference], start: int, old: str, new: str, label: str) -> None:
    reference = Reference(KIND, start, start + len(old), label, f"{new}.{label.partition('.')[2]}", new)
    found.setdefault(start, reference)


def _stored(text: TextFile, labels: Labels, found: dict[int, Reference]) -> None:
    """Labels that are the whole of another value, with the class name as it is written."""
    form = rf"(?<![\w.]){re.escape(labels.old)}\.(\w+)(?![\w.])".encode()
    for match in re.finditer(form, text.raw):
        label = match[0].decode()
        if match.start() not in found and labels.after(label) and label != label.lower():
            found[match.start()] = Reference(KIND, *match.span(), label, labels.after(label), None, _VALUE)


def _names(labels: Labels) -> tuple[str, str]:
    """The old label, and the names of the moved models in any case, as parts of a pattern."""
    models = "|".join(re.escape(label.partition(".")[2]) for label in sorted(labels.models)) or "(?!)"
    return re.escape(labels.old), f"(?i:{models})"


def _json_keys(labels: Labels) -> bytes:
    """``["old", "table"]``, with a permission's codename before it or not, and content types as objects."""
    old, models = _names(labels)
    key = rf'\[\s*(?:"\w+"\s*,\s*)?"(?P<a>{old})"\s*,\s*"(?P<m_a>{models})"\s*\]'
    one = rf'"app_label"\s*:\s*"(?P<b>{old})"\s*,\s*"model"\s*:\s*"(?P<m_b>{models})"'
    two = rf'"model"\s*:\s*"(?P<m_c>{models})"\s*,\s*"app_label"\s*:\s*"(?P<c>{old})"'
    return f"{key}|{one}|{two}".encode()


def _yaml_keys(labels: Labels) -> bytes:
    """The same in flow style and as a block list."""
    old, models = _names(labels)
    q = "[\"']?"
    flow = rf"\[\s*(?:{q}\w+{q}\s*,\s*)?{q}(?P<a>{old}){q}\s*,\s*{q}(?P<m_a>{models}){q}\s*\]"
    block = rf"^[ \t]*(?:- )*-[ \t]+{q}(?P<b>{old}){q}[ \t]*\r?\n[ \t]*-[ \t]+{q}(?P<m_b>{models}){q}[ \t\r]*$"
    key = rf"[\"']?app_label[\"']?[ \t]*:[ \t]*{q}"
    gap = r"[ \t]*(?:,[ \t]*|\r?\n[ \t]*)"
    model = rf"[\"']?model[\"']?[ \t]*:[ \t]*{q}"
    one = rf"{key}(?P<c>{old}){q}{gap}{model}(?P<m_c>{models})\b"
    two = rf"{model}(?P<m_d>{models}){q}{gap}{key}(?P<d>{old})\b"
    return f"{flow}|{block}|{one}|{two}".encode()


def _xml_keys(labels: Labels) -> bytes:
    """``<natural>old</natural><natural>table</natural>``, and the fields of content types."""
    old, models = _names(labels)
    natural = rf"<natural>\s*(?P<a>{old})\s*</natural>\s*<natural>\s*(?P<m_a>{models})\s*</natural>"
    app = r"<field\b[^>]*\bname=[\"']app_label[\"'][^>]*>"
    model = r"<field\b[^>]*\bname=[\"']model[\"'][^>]*>"
    one = rf"{app}(?P<b>{old})</field>\s*{model}(?P<m_b>{models})</field>"
    two = rf"{model}(?P<m_c>{models})</field>\s*{app}(?P<c>{old})</field>"
    return f"{natural}|{one}|{two}".encode()

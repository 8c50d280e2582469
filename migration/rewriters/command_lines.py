"""Labels on the command lines of scripts, Makefiles, workflows and documents: ``manage.py dumpdata posthog.Table``.

Also settings that an environment file gives (``FILER_IMAGE_MODEL=posthog.Image``). The label of an app
alone means all its models: after an extraction ``dumpdata posthog`` leaves those out that moved, which
is listed; ``migrate posthog`` means what it meant.
https://docs.djangoproject.com/en/stable/ref/django-admin/
"""

from __future__ import annotations

import re
from collections.abc import Iterator

from migration.core.references import Reference, TextFile
from migration.django.command_arguments import NAMES, labels_among
from migration.django.model_moves import ModelMoves

KIND = "command"

# A command with its words, up to the end of the line (a backslash continues it) or of the command.
_CALL = re.compile(
    rb"(?:manage\.py|django-admin(?:\.py)?|-m[\"',\s]+django)[\"',\s\\]+(?P<command>%s)\b"
    rb"(?P<words>(?:\\\r?\n|[^\r\n;|&#`])*)" % "|".join(NAMES).encode()
)
_WORD = re.compile(rb"[^\s\"',\[\]\\()]+")
_ALL = "means all models of the app: those that moved have the label {}"


def needles(models: ModelMoves) -> frozenset[bytes]:
    """Byte strings of which a file must hold one to name a label on a command line or in its environment."""
    words = {b"dumpdata"} if models.labels else set()
    return models.labels.needles | words | ({b"manage.py", b"django-admin"} if models.labels.whole else set())


def find_in_text(text: TextFile, models: ModelMoves) -> Iterator[Reference]:
    """The labels on the command lines of one file."""
    labels = models.labels
    if not labels or labels.old.encode() not in text.raw:
        return
    old = re.escape(labels.old)
    form = re.compile(rf"{old}(?:\.(?P<model>\w+))?")
    for call in _CALL.finditer(text.raw):
        words = _words(text.raw, *call.span("words"))
        command = call["command"].decode()
        for at, offset in labels_among([word for _, word in words], labels.commands.get(command), command):
            named = form.fullmatch(words[at][1][offset:])
            if named is None:
                continue
            start = words[at][0] + offset
            end, model = start + len(labels.old), named["model"] or ""
            if model and labels.moves(labels.old, model):
                label = f"{labels.old}.{model}"
                yield Reference(KIND, start, end, label, labels.after(label), labels.new)
            elif not model and labels.whole:
                yield Reference(KIND, start, end, labels.old, labels.new, labels.new)
            elif not model and call["command"] == b"dumpdata":
                yield Reference(KIND, start, end, labels.old, labels.new, None, _ALL.format(labels.new))
    name = r"^[^\S\r\n]*(?:export |-[^\S\r\n]+)?[\"']?[A-Z][A-Z0-9_]*_MODEL[\"']?"
    setting = rf"{name}\s*[=:]\s*[\"']?(?P<label>{old}\.\w+)[\"']?,?\s*$"
    for match in re.finditer(setting.encode(), text.raw, re.M):
        label = match["label"].decode(errors="replace")
        if labels.after(label):
            yield Reference(KIND, *match.span("label"), label, labels.after(label), labels.after(label))


def _words(raw: bytes, start: int, end: int) -> list[tuple[int, str]]:
    """The words of a command line with their offsets, quotes and the commas of a list left out; up to a redirection."""
    found = []
    for match in _WORD.finditer(raw, start, end):
        if match[0].startswith((b">", b"<")) or match[0][1:2] == b">":
            break
        found.append((match.start(), match[0].decode("latin-1")))  # one character per byte
    return found

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
from migration.django.model_moves import ModelMoves

KIND = "command"

_COMMANDS = (
    "dumpdata", "loaddata", "migrate", "makemigrations", "sqlmigrate", "showmigrations", "squashmigrations",
    "optimizemigration", "sqlsequencereset", "check", "graph_models",
)  # fmt: skip
# A command with its words, up to the end of the line (a backslash continues it) or of the command.
_CALL = re.compile(
    rb"(?:manage\.py|django-admin(?:\.py)?|-m[\"',\s]+django)[\"',\s\\]+(?P<command>%s)\b"
    rb"(?P<words>(?:\\\r?\n|[^\r\n;|&#`])*)" % "|".join(_COMMANDS).encode()
)
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
    word = re.compile(rf"(?<![\w./%$@-]){old}(?:\.(?P<model>\w+))?(?![\w./-])".encode())
    for call in _CALL.finditer(text.raw):
        for match in word.finditer(text.raw, *call.span("words")):
            start, end = match.start(), match.start() + len(labels.old)
            model = match["model"].decode(errors="replace") if match["model"] is not None else ""
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

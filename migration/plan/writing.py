"""``moves.yml``: written the same way every time, and changed without touching what a person has written.

The first line of a file that the scanner wrote holds a digest of the rest. Where it no longer
fits, a person has edited the file, and from then on it is theirs: it is kept.
"""

from __future__ import annotations

import hashlib
import re
from collections.abc import Collection, Iterable, Mapping
from typing import Any

import yaml

from migration.core.errors import PlanError
from migration.plan.plan import Model, Plan
from migration.plan.reading import compose, no_collection

_HEADER = "# Written by scan_moves ({digest}). Review and edit it: an edited plan is kept as it is.\n"
# Editors that know YAML complete and check by it (https://github.com/redhat-developer/yaml-language-server).
_MODELINE = "# yaml-language-server: $schema=../../migration/moves.schema.json\n"
_HEADER_LINE = re.compile(r"# Written by scan_moves \(([0-9a-f]{16})\)[^\n]*\n")
_APP_TEXTS = ("old_label", "label", "config", "entry", "default_auto_field")
_WIDE = 2**30  # PyYAML folds longer lines at blanks
_Dumper = getattr(yaml, "CSafeDumper", yaml.SafeDumper)


def render(plan: Plan) -> str:
    """The text of ``moves.yml`` for a plan, as the scanner writes it: same plan, same bytes."""
    content: dict[str, Any] = {
        "product": plan.product,
        "source": plan.source,
        "target": plan.target,
        "roots": list(plan.roots),
        "django": "auto" if plan.django else "no",
    }
    if plan.app.kind != "package":
        content["app"] = {
            "kind": plan.app.kind,
            **{key: value for key in _APP_TEXTS if (value := getattr(plan.app, key))},
            "models": {m.name: {"module": m.module, "table": m.table} for m in plan.app.models},
        }
    content["module_moves"] = dict(plan.module_moves)
    content["file_moves"] = [{"from": old, "to": new} for old, new in plan.file_moves.items()]
    content["symbol_remap"] = {package: dict(symbols) for package, symbols in plan.symbol_remap.items()}
    content["exclude"] = list(plan.exclude)
    content["include"] = list(plan.include)
    content["keep"] = list(plan.keep)
    content["prose"] = "yes" if plan.prose else "no"
    content["tasks"] = plan.tasks
    content["format"] = plan.format
    content["imports"] = plan.imports
    content["deploy"] = plan.deploy
    content["trial"] = {"allow": list(plan.trial.allow), "programs": list(plan.trial.programs)}
    everywhere = plan.cover.get("*") if len(plan.cover) == 1 else None
    content["cover"] = everywhere if isinstance(everywhere, str) else _plain(plan.cover) or "ask"
    text = dump(content)
    return _HEADER.format(digest=_digest(text)) + text


def dump(content: Mapping[str, Any]) -> str:
    """Plain values as the text of a ``moves.yml`` that nobody has said to have written."""
    with no_collection():
        text: str = yaml.dump(
            content, Dumper=_Dumper, sort_keys=False, allow_unicode=True, width=_WIDE, default_flow_style=False
        )
    return _MODELINE + text


def _plain(cover: Mapping[str, str | Mapping[str, str]]) -> dict[str, Any]:
    return {path: said if isinstance(said, str) else dict(said) for path, said in cover.items()}


def written_by_scanner(text: str) -> bool:
    """Whether the scanner wrote ``moves.yml`` and nobody has changed it since."""
    match = _HEADER_LINE.match(text)
    return match is not None and match[1] == _digest(text[match.end() :])


def add_file_moves(text: str, moves: Mapping[str, str]) -> str:
    """The text of an edited plan with more ``file_moves`` behind the last one; all else stays.

    :raises PlanError: if ``file_moves`` is not written as a block list.
    """
    lines = yaml.dump(
        [{"from": old, "to": new} for old, new in moves.items()],
        Dumper=_Dumper,
        sort_keys=False,
        allow_unicode=True,
        width=_WIDE,
    )
    value = _value(text, "file_moves")
    if isinstance(value, yaml.SequenceNode) and not value.flow_style and value.value:
        last = value.value[-1].start_mark.index
        dash = text.rfind("-", 0, last + (text[last] == "-"))
        indent = text[text.rfind("\n", 0, dash) + 1 : dash]
        if not indent.strip(" "):  # else the list begins in the middle of a line
            return _with_block(text, last, indent, lines)
    raise PlanError(
        "moves.yml: file_moves is not a block list, so new files can't be added to it",
        "add these entries by hand, or delete moves.yml and run scan_moves for a fresh one",
        [f"- {{from: {old}, to: {new}}}" for old, new in moves.items()],
    )


def drop_file_moves(text: str, gone: Collection[str]) -> str:
    """The text of an edited plan without the ``file_moves`` of some files; all else stays."""
    value = _value(text, "file_moves")
    items = value.value if isinstance(value, yaml.SequenceNode) and not value.flow_style else []
    for item in reversed(items):
        entry = {key.value: node.value for key, node in item.value} if isinstance(item, yaml.MappingNode) else {}
        if entry.get("from") in gone:
            dash = text.rfind("-", 0, item.start_mark.index)
            start = text.rfind("\n", 0, dash) + 1
            if not text[start:dash].strip(" "):
                text = text[:start] + text[_end_of_block(text, item.start_mark.index, dash - start) :]
    return text


def add_models(text: str, models: Iterable[Model]) -> str:
    """The text of an edited plan with more models behind the last one of ``app``; all else stays.

    :raises PlanError: if ``app.models`` is not written as a block.
    """
    new = {model.name: {"module": model.module, "table": model.table} for model in models}
    value = _value(text, "app", "models")
    if isinstance(value, yaml.MappingNode) and not value.flow_style and value.value:
        key = value.value[-1][0].start_mark
        lines = yaml.dump(new, Dumper=_Dumper, sort_keys=False, allow_unicode=True, width=_WIDE)
        return _with_block(text, key.index, " " * key.column, lines)
    raise PlanError(
        "moves.yml: app.models is not a block, so new models can't be added to it",
        "add these entries by hand, or delete moves.yml and run scan_moves for a fresh one",
        [f"{name}: {{module: {item['module']}, table: {item['table']}}}" for name, item in new.items()],
    )


def _value(text: str, *keys: str) -> yaml.Node | None:
    with no_collection():
        node = compose(text, "moves.yml")
    for wanted in keys:
        items = node.value if isinstance(node, yaml.MappingNode) else []
        node = next((value for key, value in items if key.value == wanted), None)
    return node


def _with_block(text: str, last: int, indent: str, lines: str) -> str:
    """More lines behind the item that starts at ``last``."""
    at = _end_of_block(text, last, len(indent))
    block = "".join(indent + line for line in lines.splitlines(keepends=True))
    before = text[:at]
    return before + ("" if before.endswith("\n") else "\n") + block + text[at:]


def _end_of_block(text: str, start: int, indent: int) -> int:
    """Where the list item that starts at ``start`` ends: behind its last line that holds something."""
    position = end = text.find("\n", start) + 1 or len(text)
    while position < len(text):
        following = text.find("\n", position) + 1 or len(text)
        line = text[position:following]
        stripped = line.lstrip(" ")
        deeper = len(line) - len(stripped) > indent
        if stripped.strip() and deeper:
            end = following
        elif stripped.strip() and not stripped.startswith("#"):
            break
        position = following
    return end


def _digest(text: str) -> str:
    return hashlib.sha256(text.encode()).hexdigest()[:16]

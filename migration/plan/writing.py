"""``moves.yml``: read with every finding at once and its line, written the same way every time.

The first line of a file that the scanner wrote holds a digest of the rest. Where it no longer
fits, a person has edited the file, and from then on it is theirs: it is kept.
"""

from __future__ import annotations

import gc
import hashlib
import re
from collections.abc import Collection, Iterable, Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import yaml

from migration.core.errors import PlanError
from migration.plan.keys import PlanReader
from migration.plan.keys import path_problem as path_problem
from migration.plan.plan import Model, Plan

MAX_BYTES = 64 * 1024 * 1024
MAX_DEPTH = 50
_HEADER = "# Written by scan_moves ({digest}). Review and edit it: an edited plan is kept as it is.\n"
# Editors that know YAML complete and check by it (https://github.com/redhat-developer/yaml-language-server).
_MODELINE = "# yaml-language-server: $schema=../../migration/moves.schema.json\n"
_HEADER_LINE = re.compile(r"# Written by scan_moves \(([0-9a-f]{16})\)[^\n]*\n")
_APP_TEXTS = ("old_label", "label", "config", "entry", "default_auto_field")
_WIDE = 2**30  # PyYAML folds longer lines at blanks
_Loader = getattr(yaml, "CSafeLoader", yaml.SafeLoader)
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
    with _no_collection():
        text: str = yaml.dump(
            content, Dumper=_Dumper, sort_keys=False, allow_unicode=True, width=_WIDE, default_flow_style=False
        )
    text = _MODELINE + text
    return _HEADER.format(digest=_digest(text)) + text


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
    with _no_collection():
        node = _compose(text, "moves.yml")
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


def load(path: Path) -> Plan:
    """The plan in a file.

    :raises PlanError: listing everything that is wrong with it, each with its line.
    """
    try:
        if (size := path.stat().st_size) > MAX_BYTES:
            raise PlanError(f"{path} holds {size:,} bytes", f"a plan may hold {MAX_BYTES:,}; delete it and scan again")
        raw = path.read_bytes()
    except FileNotFoundError:
        raise PlanError(f"there is no {path}", "run the scan first: doit product=... scan_moves") from None
    except OSError as error:
        raise PlanError(f"{path} can't be read: {error.strerror}", "see to that, or scan again without it") from error
    try:
        text = raw.decode()
    except UnicodeDecodeError as error:
        raise PlanError(f"{path} is not UTF-8 ({error})", "save it as UTF-8") from error
    return loads(text, str(path))


def loads(text: str, name: str = "moves.yml") -> Plan:
    """The plan in a text; ``name`` stands for it in errors.

    :raises PlanError: listing everything that is wrong with it, each with its line.
    """
    reader = PlanReader(name)
    with _no_collection():
        plan = reader.plan(_compose(text, name))
    if reader.problems:
        raise PlanError(
            f"{name} can't be used, {len(reader.problems)} finding(s):",
            "correct it, or delete it and run scan_moves for a fresh one",
            reader.problems,
        )
    assert plan is not None
    return plan


@contextmanager
def _no_collection() -> Iterator[None]:
    """Leave out Python's search for cycles: on 100,000 entries it takes four fifths of the time."""
    enabled = gc.isenabled()
    gc.disable()
    try:
        yield
    finally:
        if enabled:
            gc.enable()


def _compose(text: str, name: str) -> yaml.Node | None:
    try:
        _check_depth(text, name)
        return yaml.compose(text, Loader=_Loader)
    except yaml.MarkedYAMLError as error:
        line = error.problem_mark.line + 1 if error.problem_mark else 1
        raise PlanError(
            f"{name}:{line}: not valid YAML: {error.problem}", "correct that line, or delete the file and scan again"
        ) from error
    except (yaml.YAMLError, RecursionError, ValueError) as error:
        raise PlanError(f"{name}: not valid YAML: {error}", "correct it, or delete the file and scan again") from error


def _check_depth(text: str, name: str) -> None:
    """Refuse deep nesting: libyaml's composer calls itself for each level, and the process would crash."""
    marks = max(len(line) - len(line.lstrip(" ")) + line.count("- ") + line.count("? ") for line in text.split("\n"))
    if marks + text.count("[") + text.count("{") <= MAX_DEPTH:
        return  # it can't be deep, and reading it twice takes time
    depth = 0
    for event in yaml.parse(text, Loader=_Loader):
        depth += isinstance(event, yaml.CollectionStartEvent) - isinstance(event, yaml.CollectionEndEvent)
        if depth > MAX_DEPTH:
            line = event.start_mark.line + 1 if event.start_mark else 1
            raise PlanError(f"{name}:{line}: nested too deeply", "delete the file and scan again")


def _digest(text: str) -> str:
    return hashlib.sha256(text.encode()).hexdigest()[:16]

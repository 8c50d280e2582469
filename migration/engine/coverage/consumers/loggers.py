"""Loggers: what is set for a package's logger holds for those of its modules, by the dots of their names.

https://docs.python.org/3/library/logging.config.html
"""

from __future__ import annotations

import ast
import re
from collections.abc import Callable, Iterator, Sequence

from migration.engine.coverage.documents import composed, options
from migration.engine.coverage.patterns import Modules, Place
from migration.engine.coverage.python_spots import spot_of
from migration.engine.coverage.spots import File, Spot, TextSpot
from migration.engine.coverage.values import Context, Entry, Group

_BY_NAME = re.compile(rb"getLogger\(\s*__name__|get_logger\(\s*(?:__name__|\))|loguru")
_SET = frozenset({"setLevel", "addHandler", "removeHandler", "addFilter"})


def groups(path: str, text: str, context: Context) -> Sequence[Group]:
    """The loggers that are set in one file.

    :raises ValueError: if the file can't be read as what it is.
    """
    if path.endswith(".py"):
        found = [*_of_python(path, text)]
    elif path.endswith((".ini", ".cfg", ".conf")):
        found = [*_of_ini(text)] if "[loggers]" in text else []
    elif path.endswith(".toml"):
        found = []
    else:
        found = [*_of_yaml(text)] if "loggers" in text and "handlers" in text else []

    def concerns(old: str) -> bool:
        return old.endswith(".py") and old in context.files and _BY_NAME.search(context.files.read(old)) is not None

    alone = tuple(name for name, said, _ in found if "propagate=False" in said)
    entries = tuple(
        Entry(path, name, spot, Modules(name, context.roots, but=tuple(
            other for other in alone if other.startswith(name + "."))), said or "set", said, hint=_hint(name, said))
        for name, said, spot in found
        if name and name != "root" and all(part.isidentifier() for part in name.split("."))
    )  # fmt: skip
    return [Group("logging: loggers", entries, "", concerns)]


def _hint(name: str, said: str) -> Callable[[Place], str]:
    return lambda place: f"give the package that holds {place[1]} a logger like {name} ({said})"


def _of_ini(text: str) -> Iterator[tuple[str, str, Spot]]:
    found = options(text)
    for (section, option), (start, end) in found.items():
        if section.startswith("logger_") and option == "qualname":
            rest = [
                f"{key}={' '.join(text[slice(*span)].split())}" for (name, key), span in sorted(found.items())
                if name == section and key not in ("", "qualname")
            ]  # fmt: skip
            said = " ".join(rest).replace("propagate=0", "propagate=False")
            yield text[start:end].strip(), said, TextSpot(text, start, end, "only")


def _of_yaml(text: str) -> Iterator[tuple[str, str, Spot]]:
    import yaml

    stack = [composed(text)]
    while stack:
        node = stack.pop()
        if isinstance(node, yaml.SequenceNode):
            stack += node.value
        if not isinstance(node, yaml.MappingNode):
            continue
        for key, item in node.value:
            stack.append(item)
            if key.value == "loggers" and isinstance(item, yaml.MappingNode):
                for name, table in item.value:
                    said = " ".join(text[table.start_mark.index : table.end_mark.index].split())
                    off = re.search(r"propagate\W+(?:false|no|False)\b", said)
                    start = name.start_mark.index + (text[name.start_mark.index] in "\"'")
                    spot = TextSpot(text, start, start + len(name.value), "only")
                    yield str(name.value), said + (" propagate=False" if off else ""), spot


def _of_python(path: str, text: str) -> Iterator[tuple[str, str, Spot]]:
    tree = ast.parse(text)
    for node in ast.walk(tree):
        if isinstance(node, ast.Dict):
            for key, item in zip(node.keys, node.values, strict=True):
                if isinstance(key, ast.Constant) and key.value == "loggers" and isinstance(item, ast.Dict):
                    yield from _of_dict(text, item)
        elif isinstance(node, ast.Call) and isinstance(node.func, ast.Attribute) and node.func.attr in _SET:
            call = node.func.value
            name = call.args[0] if isinstance(call, ast.Call) and len(call.args) == 1 else None
            is_logger = isinstance(call, ast.Call) and ast.unparse(call.func).endswith("getLogger")
            if is_logger and isinstance(name, ast.Constant) and isinstance(name.value, str):
                said = f"{node.func.attr}({', '.join(map(ast.unparse, node.args))})"
                yield name.value, said, _statement(text, name, node)


def _of_dict(text: str, loggers: ast.Dict) -> Iterator[tuple[str, str, Spot]]:
    for key, item in zip(loggers.keys, loggers.values, strict=True):
        if isinstance(key, ast.Constant) and isinstance(key.value, str):
            said = ast.unparse(item)
            off = re.search(r"propagate\W+False", said)
            yield key.value, said + (" propagate=False" if off else ""), spot_of(text, key, item)


def _statement(text: str, name: ast.Constant, call: ast.Call) -> Spot:
    """The place of a name in a statement that has its line to itself, so that another can stand below it."""
    spot = spot_of(text, name)
    line = text.splitlines()[call.lineno - 1]
    whole = call.lineno == call.end_lineno and line.strip() == ast.get_source_segment(text, call)
    return TextSpot(text, spot.start, spot.end, "line") if whole and isinstance(spot, TextSpot) else File(spot.line)

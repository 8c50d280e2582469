"""The rule that keeps the old path from coming back, written into whatever the repo uses.

ruff's banned-api (https://docs.astral.sh/ruff/rules/banned-api/) flags an import of the old name in
the editor; tach and import-linter flag a module that is put there again and used. Each rule carries
the mark that keeps it from being rewritten, and is written once.
"""

from __future__ import annotations

import configparser
import io
import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any

import tomlkit
from tomlkit.exceptions import ParseError
from tomlkit.items import InlineTable

from migration.core.errors import PhaseError
from migration.core.names import is_within, module_of, parent, prefixes
from migration.plan.plan import Plan
from migration.repo.tree.project import Project, module_index
from migration.repo.tree.tree import Tree
from migration.text.keep_marks import MARK

_WHY = f"keeps the old path from coming back ({MARK})"


@dataclass(frozen=True, slots=True)
class Rule:
    """A rule to be written.

    :param tool: whose rule it is.
    :param path: the file, relative to the repo; :param raw: its content with the rule.
    :param lines: what is added, for people.
    """

    tool: str
    path: str
    raw: bytes
    lines: tuple[str, ...]


def banned(plan: Plan, project: Project, tree: Tree) -> dict[str, str]:
    """Dotted names of packages and modules that are gone for good -> where they are now.

    :param tree: the files after the move.
    """
    there = module_index(tree, project.roots)
    found: dict[str, str] = {}
    for old, new in sorted(plan.module_moves.items()):
        if not any(is_within(module, old) for module in there) and not found.keys() & set(prefixes(old)):
            found[old] = new
    for old_path, new_path in plan.file_moves.items():
        old_name, new_name = module_of(old_path, plan.roots), module_of(new_path, plan.roots)
        if old_name and new_name and old_name not in there and not found.keys() & {old_name, *prefixes(old_name)}:
            found[old_name] = new_name
    return found


def rules(tree: Tree, moved: Mapping[str, str], product: str) -> list[Rule]:
    """The rules that are not there yet, one per tool that the repo has configured.

    Where a file serves several tools, each rule's content has those before it, too.

    :param tree: the files after the move.
    :param moved: old dotted name -> new one.
    :raises PhaseError: if a configuration file can't be parsed.
    """
    found: list[Rule] = []
    for tool, paths, write in _TOOLS:
        for path in paths:
            if path in tree and tree.is_regular(path):
                raw = next((rule.raw for rule in reversed(found) if rule.path == path), tree.read(path))
                done = _written(write, path, raw, moved, product)
                if done is None:
                    continue  # the file holds nothing of the tool's
                text, lines = done
                if lines:
                    found.append(Rule(tool, path, _line_ends(raw, text), tuple(lines)))
                break
    return found


def is_configured(tree: Tree) -> bool:
    """Whether the repo uses any of the tools."""
    for _, paths, write in _TOOLS:
        for path in paths:
            if path in tree and tree.is_regular(path) and _written(write, path, tree.read(path), {}, "x") is not None:
                return True
    return False


Written = tuple[str, list[str]] | None
Writer = Callable[[str, str, Mapping[str, str], str], Written]


def _written(write: Writer, path: str, raw: bytes, moved: Mapping[str, str], product: str) -> Written:
    try:
        return write(path, raw.decode(), moved, product)
    except (ParseError, UnicodeDecodeError, configparser.Error, RecursionError, _Mistyped) as error:
        raise PhaseError(f"{path}: can't be read: {error}", "correct it, then run guard again") from error


class _Mistyped(Exception):
    """A value is none of the kind that its tool reads."""


def _mapping(container: Mapping[str, Any], *names: str) -> Any:
    """The table at some place, None where there is none."""
    value: Any = container
    for number, name in enumerate(names, 1):
        value = value.get(name)
        if value is None:
            return None
        if not isinstance(value, Mapping):
            raise _Mistyped(f"{'.'.join(names[:number])} is no table")
    return value


def _list(table: Mapping[str, Any], name: str, kind: type) -> list[Any]:
    """The list at some place, empty where there is none."""
    value = table.get(name, [])
    if not isinstance(value, list) or not all(isinstance(item, kind) for item in value):
        raise _Mistyped(f"{name} is no list of {'tables' if kind is Mapping else 'texts'}")
    return value


def _ruff(path: str, text: str, moved: Mapping[str, str], product: str) -> Written:
    document = tomlkit.parse(text)
    table: Any = document
    if path == "pyproject.toml":
        table = _mapping(document, "tool", "ruff")
        if table is None:
            return None
    head = "tool.ruff." if path == "pyproject.toml" else ""
    # Old configurations have the linter's settings at the top; ruff wants them together.
    old_style = "lint" not in table and any(key in table for key in ("select", "extend-select", "ignore"))
    lint = table if old_style else _table(table, "lint")
    where = head if old_style else f"{head}lint."
    names = _table(_table(lint, "flake8-tidy-imports"), "banned-api")
    lines = []
    for old, new in moved.items():
        if old not in names:
            entry = tomlkit.inline_table()
            entry.append("msg", f"moved to {new}")
            (lint if isinstance(names, InlineTable) else entry).comment(_WHY)  # none fits inside of one line
            names.append(old, entry)
            lines.append(f'[{where}flake8-tidy-imports.banned-api] "{old}" = {{msg = "moved to {new}"}}')
    selected = [str(one) for key in ("select", "extend-select") for one in _list(lint, key, str)]
    if lines and not any(one == "ALL" or (one and "TID251".startswith(one)) for one in selected):
        if "extend-select" not in lint:
            lint.append("extend-select", [])
        lint["extend-select"].append("TID251")
        lines.append(f'[{where.rstrip(".")}] extend-select: "TID251"')
    return tomlkit.dumps(document), lines


def _tach(path: str, text: str, moved: Mapping[str, str], product: str) -> Written:
    document = tomlkit.parse(text)
    modules: Any = _list(document, "modules", Mapping)
    if "modules" not in document:
        modules = tomlkit.aot()
        document.append("modules", modules)
    known = {str(path) for entry in modules for path in (entry.get("path"), *_list(entry, "paths", str)) if path}
    lines = []
    for old in moved:
        if old not in known:
            entry = tomlkit.table()
            entry.append("path", _commented(old, _WHY))
            entry.append("depends_on", [])
            entry.append("visibility", [])
            modules.append(entry)
            lines.append(f'[[modules]] path = "{old}", visibility = []')
    return tomlkit.dumps(document), lines


def _linter_toml(path: str, text: str, moved: Mapping[str, str], product: str) -> Written:
    document = tomlkit.parse(text)
    table: Any = _mapping(document, "tool", "importlinter")
    if table is None:
        return None
    roots = [str(one) for one in _list(table, "root_packages", str) or [table.get("root_package", "")]]
    contract = _contract(roots, moved)
    contracts: Any = _list(table, "contracts", Mapping) if "contracts" in table else None
    identity = f"moved_{product}"
    if not contract or any(entry.get("id") == identity for entry in contracts or ()):
        return text, []
    if contracts is None:
        contracts = tomlkit.aot()
        table.append("contracts", contracts)
    entry = tomlkit.table()
    entry.append("id", identity)
    entry.append("name", f"What has moved into {product} stays there")
    entry.append("type", "forbidden")
    entry.append("source_modules", contract["source_modules"])
    entry.append("forbidden_modules", _commented(contract["forbidden_modules"], _WHY))
    entry.append("allow_indirect_imports", True)
    contracts.append(entry)
    return tomlkit.dumps(document), [_shown(contract)]


def _linter_ini(path: str, text: str, moved: Mapping[str, str], product: str) -> Written:
    parser = configparser.ConfigParser(interpolation=None, strict=False)
    parser.read_file(io.StringIO(text))
    if "importlinter" not in parser:
        return None
    table = parser["importlinter"]
    roots = (table.get("root_packages") or table.get("root_package") or "").split()
    contract, section = _contract(roots, moved), f"importlinter:contract:moved_{product}"
    if not contract or section in parser:
        return text, []
    body = [f"[{section}]", f"name = What has moved into {product} stays there", "type = forbidden"]
    body += ["source_modules =", *(f"    {name}" for name in contract["source_modules"]), "forbidden_modules ="]
    for name in contract["forbidden_modules"]:
        body += [f"    # {_WHY}", f"    {name}"]
    body.append("allow_indirect_imports = True")
    separator = "" if not text or text.endswith("\n\n") else "\n" if text.endswith("\n") else "\n\n"
    return text + separator + "\n".join(body) + "\n", [_shown(contract)]


def _contract(roots: list[str], moved: Mapping[str, str]) -> dict[str, list[str]]:
    """What a contract says of packages that are gone; import-linter can't name a module that isn't there."""
    sources: dict[str, None] = {}
    for root in roots:
        sources[f"{root}.*" if any(is_within(old, root) for old in moved) else root] = None
    for old in moved:
        for above in prefixes(parent(old)):
            if any(is_within(above, root) for root in roots):
                sources[f"{above}.*"] = None
    inside = [f"{old}.**" for old in moved if any(is_within(old, root) and old != root for root in roots)]
    return {"source_modules": list(sources), "forbidden_modules": inside} if inside else {}


def _shown(contract: Mapping[str, list[str]]) -> str:
    return f"forbidden contract: {', '.join(contract['source_modules'])} may not import " + ", ".join(
        contract["forbidden_modules"]
    )


def _table(parent_table: Any, name: str) -> Any:
    if name not in parent_table:
        inline = isinstance(parent_table, InlineTable)
        parent_table.append(name, tomlkit.inline_table() if inline else tomlkit.table(name != "banned-api"))
    return _mapping(parent_table, name)


def _commented(value: Any, comment: str) -> Any:
    item = tomlkit.item(value)
    item.comment(comment)
    return item


def _line_ends(raw: bytes, text: str) -> bytes:
    data = text.encode()
    return re.sub(rb"(?<!\r)\n", b"\r\n", data) if b"\r\n" in raw else data


_TOOLS: tuple[tuple[str, tuple[str, ...], Writer], ...] = (
    ("ruff", (".ruff.toml", "ruff.toml", "pyproject.toml"), _ruff),
    ("tach", ("tach.toml",), _tach),
    ("import-linter", (".importlinter", "setup.cfg"), _linter_ini),
    ("import-linter", ("pyproject.toml",), _linter_toml),
)

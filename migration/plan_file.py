"""``moves.yml``: read with every finding at once and its line, written the same way every time.

The first line of a file that the scanner wrote holds a digest of the rest. Where it no longer
fits, a person has edited the file, and from then on it is theirs: it is kept.
"""

from __future__ import annotations

import hashlib
import re
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any

import yaml

from migration.errors import PlanError
from migration.names import name_problem
from migration.plan import App, Model, Plan

MAX_BYTES = 64 * 1024 * 1024
_HEADER = "# Written by scan_moves ({digest}). Review and edit it: an edited plan is kept as it is.\n"
_HEADER_LINE = re.compile(r"# Written by scan_moves \(([0-9a-f]{16})\)[^\n]*\n")
_MAP, _SEQ, _STR = (f"tag:yaml.org,2002:{kind}" for kind in ("map", "seq", "str"))
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
    content["keep"] = list(plan.keep)
    text: str = yaml.dump(
        content, Dumper=_Dumper, sort_keys=False, allow_unicode=True, width=_WIDE, default_flow_style=False
    )
    return _HEADER.format(digest=_digest(text)) + text


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
    node = _compose(text, "moves.yml")
    for key, value in node.value if isinstance(node, yaml.MappingNode) else ():
        if key.value == "file_moves" and isinstance(value, yaml.SequenceNode) and not value.flow_style and value.value:
            last = value.value[-1].start_mark.index
            dash = text.rfind("-", 0, last + (text[last] == "-"))
            indent = text[text.rfind("\n", 0, dash) + 1 : dash]
            if indent.strip(" "):
                break  # the list begins in the middle of a line
            at = _end_of_block(text, last, len(indent))
            block = "".join(indent + line for line in lines.splitlines(keepends=True))
            before = text[:at]
            return before + ("" if before.endswith("\n") else "\n") + block + text[at:]
    raise PlanError(
        "moves.yml: file_moves is not a block list, so new files can't be added to it",
        "add these entries by hand, or delete moves.yml and run scan_moves for a fresh one",
        [f"- {{from: {old}, to: {new}}}" for old, new in moves.items()],
    )


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
        raise PlanError(f"{path} can't be read: {error.strerror}", "see to that, or move it away and scan again") from error
    try:
        text = raw.decode()
    except UnicodeDecodeError as error:
        raise PlanError(f"{path} is not UTF-8 ({error})", "save it as UTF-8") from error
    return loads(text, str(path))


def loads(text: str, name: str = "moves.yml") -> Plan:
    """The plan in a text; ``name`` stands for it in errors.

    :raises PlanError: listing everything that is wrong with it, each with its line.
    """
    reader = _Reader(name)
    plan = reader.plan(_compose(text, name))
    if reader.problems:
        raise PlanError(
            f"{name} can't be used, {len(reader.problems)} finding(s):",
            "correct it, or delete it and run scan_moves for a fresh one",
            reader.problems,
        )
    assert plan is not None
    return plan


def _compose(text: str, name: str) -> yaml.Node | None:
    try:
        return yaml.compose(text, Loader=_Loader)
    except yaml.MarkedYAMLError as error:
        line = error.problem_mark.line + 1 if error.problem_mark else 1
        raise PlanError(
            f"{name}:{line}: not valid YAML: {error.problem}", "correct that line, or delete the file and scan again"
        ) from error
    except (yaml.YAMLError, RecursionError, ValueError) as error:
        raise PlanError(f"{name}: not valid YAML: {error}", "correct it, or delete the file and scan again") from error


def _digest(text: str) -> str:
    return hashlib.sha256(text.encode()).hexdigest()[:16]


class _Reader:
    """Turns YAML nodes into a Plan and collects what is wrong."""

    def __init__(self, name: str) -> None:
        self.name = name
        self.problems: list[str] = []
        self.seen: set[int] = set()

    def problem(self, node: yaml.Node, message: str) -> None:
        self.problems.append(f"{self.name}:{node.start_mark.line + 1}: {message}")

    def plan(self, root: yaml.Node | None) -> Plan | None:
        if not isinstance(root, yaml.MappingNode):
            self.problems.append(f"{self.name}:1: expected a mapping with product, source, target, file_moves, …")
            return None
        readers: dict[str, Callable[[yaml.Node, str], Any]] = {
            "product": self.identifier,
            "source": self.dotted,
            "target": self.dotted,
            "file_moves": self.file_moves,
            "module_moves": lambda node, key: self.mapping(node, key, self.dotted, self.dotted),
            "symbol_remap": lambda node, key: self.mapping(node, key, self.dotted, self.symbols),
            "roots": lambda node, key: tuple(self.sequence(node, key, self.path, empty=False)),
            "django": self.django,
            "app": self.app,
            "exclude": lambda node, key: tuple(self.sequence(node, key, self.text)),
            "keep": lambda node, key: tuple(self.sequence(node, key, self.text)),
        }
        values = self.fields(root, "", readers, required=("product", "source", "target", "file_moves", "module_moves"))
        if self.problems:
            return None
        return Plan(**values)

    def fields(
        self,
        node: yaml.Node,
        where: str,
        readers: Mapping[str, Callable[[yaml.Node, str], Any]],
        required: tuple[str, ...] = (),
    ) -> dict[str, Any]:
        found: dict[str, Any] = {}
        if not isinstance(node, yaml.MappingNode) or node.tag != _MAP:
            self.problem(node, f"{where}: expected a mapping, got {_kind(node)}")
            return found
        self.once(node, where)
        for key_node, value in node.value:
            if not isinstance(key_node, yaml.ScalarNode):
                self.problem(key_node, f"{where or 'moves.yml'}: {_kind(key_node)} can't be a key")
                continue
            key = str(key_node.value)
            full = f"{where}.{key}" if where else key
            if key not in readers:
                self.problem(key_node, f"{full}: unknown key; known are {', '.join(readers)}")
            elif key in found:
                self.problem(key_node, f"{full}: stands here twice")
            else:
                found[key] = readers[key](value, full)
        for key in required:
            if key not in found:
                self.problem(node, f"{f'{where}.' if where else ''}{key}: is missing")
        return found

    def text(self, node: yaml.Node, key: str) -> str:
        if not isinstance(node, yaml.ScalarNode) or node.tag != _STR:
            quotes = " (put it in quotes)" if isinstance(node, yaml.ScalarNode) and node.value else ""
            self.problem(node, f"{key}: expected a text, got {_kind(node)}{quotes}")
            return ""
        if not node.value:
            self.problem(node, f"{key}: is empty")
        return str(node.value)

    def dotted(self, node: yaml.Node, key: str) -> str:
        value = self.text(node, key)
        if value and (reason := name_problem(value)):
            self.problem(node, f"{key}: {value!r} is no dotted module name: {reason}")
        return value

    def identifier(self, node: yaml.Node, key: str) -> str:
        value = self.text(node, key)
        if value and (not value.isidentifier() or name_problem(value)):
            self.problem(node, f"{key}: {value!r} is no Python identifier")
        return value

    def path(self, node: yaml.Node, key: str) -> str:
        value = self.text(node, key)
        if value and (reason := path_problem(value)):
            self.problem(node, f"{key}: {value!r} {reason}")
        return value

    def file(self, node: yaml.Node, key: str) -> str:
        value = self.path(node, key)
        if value == ".":
            self.problem(node, f"{key}: '.' is the repo itself, not a file")
        return value

    def django(self, node: yaml.Node, key: str) -> bool:
        # YAML 1.1 reads a bare ``no`` as a boolean.
        value = str(node.value).lower() if isinstance(node, yaml.ScalarNode) else ""
        if value not in ("auto", "no", "false"):
            self.problem(node, f"{key}: expected auto or no, got {_kind(node)}")
        return value == "auto"

    def sequence(
        self, node: yaml.Node, key: str, item: Callable[[yaml.Node, str], Any], *, empty: bool = True
    ) -> list[Any]:
        if not isinstance(node, yaml.SequenceNode) or node.tag != _SEQ:
            self.problem(node, f"{key}: expected a list, got {_kind(node)}")
            return []
        if not (node.value or empty):
            self.problem(node, f"{key}: is empty; leave it out to have it found")
        self.once(node, key)
        return [item(value, f"{key}[{number}]") for number, value in enumerate(node.value)]

    def mapping(
        self,
        node: yaml.Node,
        key: str,
        read_key: Callable[[yaml.Node, str], str],
        read_value: Callable[[yaml.Node, str], Any],
    ) -> dict[str, Any]:
        found: dict[str, Any] = {}
        if not isinstance(node, yaml.MappingNode) or node.tag != _MAP:
            self.problem(node, f"{key}: expected a mapping, got {_kind(node)}")
            return found
        self.once(node, key)
        for name_node, value in node.value:
            name = read_key(name_node, key)
            if name and name in found:
                self.problem(name_node, f"{key}: {name} stands here twice")
            found[name] = read_value(value, f"{key}.{name}")
        return found

    def once(self, node: yaml.Node, key: str) -> None:
        """YAML aliases can make a small file explode; a plan needs none."""
        if id(node) in self.seen:
            self.problem(node, f"{key}: YAML aliases (*name) are not allowed")
        self.seen.add(id(node))

    def symbols(self, node: yaml.Node, key: str) -> dict[str, str]:
        return self.mapping(node, key, self.identifier, self.dotted)

    def file_moves(self, node: yaml.Node, key: str) -> dict[str, str]:
        moves: dict[str, str] = {}
        targets: dict[str, str] = {}
        readers = {"from": self.file, "to": self.file}
        items = self.sequence(node, key, lambda item, where: (item, where, self.fields(item, where, readers, tuple(readers))))
        for item, where, entry in items:
            old, new = entry.get("from"), entry.get("to")
            if not old or not new:
                continue
            if old in moves:
                self.problem(item, f"{where}: {old} is moved twice")
            if new in targets:
                self.problem(item, f"{where}: {targets[new]} and {old} both move to {new}")
            if old == new:
                self.problem(item, f"{where}: {old} moves to itself; leave the entry out if it stays")
            moves[old], targets[new] = new, old
        for item, where, entry in items:
            new = entry.get("to") or ""
            for end in (at for at, character in enumerate(new) if character == "/"):
                if new[:end] in targets:
                    self.problem(item, f"{where}: {new} lies in {new[:end]}, which is a file")
        for cycle in _cycles(moves):
            self.problem(node, f"{key}: these files move in a circle: {' -> '.join(cycle)}")
        return moves

    def app(self, node: yaml.Node, key: str) -> App:
        def kind(value: yaml.Node, where: str) -> str:
            text = self.text(value, where)
            if text not in ("extraction", "app", "package"):
                self.problem(value, f"{where}: expected extraction, app or package, got {text!r}")
            return text

        def models(value: yaml.Node, where: str) -> tuple[Model, ...]:
            readers = {"module": self.dotted, "table": self.text}
            found = self.mapping(
                value, where, self.identifier, lambda item, name: self.fields(item, name, readers, ("module", "table"))
            )
            return tuple(Model(name, f.get("module", ""), f.get("table", "")) for name, f in found.items())

        readers: dict[str, Callable[[yaml.Node, str], Any]] = {
            "kind": kind,
            "old_label": self.identifier,
            "label": self.identifier,
            "config": self.dotted,
            "entry": self.dotted,
            "default_auto_field": self.dotted,
            "models": models,
        }
        values = self.fields(node, key, readers, required=("kind",))
        needed = {"extraction": ("old_label", "label", "config"), "app": ("old_label", "label", "entry")}
        for name in needed.get(values.get("kind", ""), ()):
            if name not in values:
                self.problem(node, f"{key}.{name}: is missing (kind is {values['kind']})")
        return App(**values) if "kind" in values else App("package")


def path_problem(value: str) -> str | None:
    """Why ``value`` is no path inside the repo, or None if it is one."""
    if not value:
        return "is empty"
    if value.startswith("/") or re.match(r"[A-Za-z]:[\\/]", value):
        return "is absolute; paths are relative to the repo"
    parts = value.split("/")
    if ".." in parts:
        return "leaves the repo or goes through ..; write the plain path"
    if ".git" in (part.lower() for part in parts):
        return "lies in a git directory"
    if value != "." and any(part in ("", ".") for part in parts):
        return "has an empty or . part; write the plain path"
    if "\0" in value:
        return "holds a NUL byte"
    return None


def _kind(node: yaml.Node) -> str:
    if node.tag not in (_MAP, _SEQ) and not isinstance(node, yaml.ScalarNode):
        return f"something tagged {node.tag}"
    if isinstance(node, yaml.MappingNode):
        return "a mapping"
    if isinstance(node, yaml.SequenceNode):
        return "a list"
    return repr(node.value) if node.value else "nothing"


def _cycles(moves: Mapping[str, str]) -> list[list[str]]:
    cycles: list[list[str]] = []
    done: set[str] = set()
    for start in moves:
        chain: dict[str, None] = {}
        current = start
        while current in moves and current not in done:
            done.add(current)
            chain[current] = None
            current = moves[current]
        if current in chain and moves[current] != current:  # one that moves to itself has a finding of its own
            round_trip = list(chain)
            cycles.append([*round_trip[round_trip.index(current) :], current])
    return cycles

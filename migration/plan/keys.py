"""From the YAML nodes of ``moves.yml`` to a plan, with every finding and its line (pure)."""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from typing import Any

import yaml

from migration.core.names import name_problem, path_problem
from migration.plan.plan import App, Model, Plan, Trial

_MAP, _SEQ, _STR = (f"tag:yaml.org,2002:{kind}" for kind in ("map", "seq", "str"))
_ADDRESS = re.compile(r"(?:[\w.-]+|\[[0-9A-Fa-f:.]+\]):(?P<port>[1-9][0-9]{0,4})")


class PlanReader:
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
            "include": lambda node, key: tuple(self.sequence(node, key, self.text)),
            "keep": lambda node, key: tuple(self.sequence(node, key, self.text)),
            "prose": self.yes_or_no,
            "tasks": lambda node, key: self.one_of(node, key, ("keep", "rename")),
            "format": lambda node, key: self.one_of(node, key, ("keep", "repo")),
            "imports": lambda node, key: self.one_of(node, key, ("package", "concrete")),
            "deploy": lambda node, key: self.one_of(node, key, ("single", "rolling")),
            "trial": self.trial,
            "cover": self.cover,
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

    def yes_or_no(self, node: yaml.Node, key: str) -> bool:
        return self.one_of(node, key, ("yes", "no", "true", "false")) in ("yes", "true")

    def cover(self, node: yaml.Node, key: str) -> dict[str, Any]:
        """One word for all files; or for each file one, or one for each of its entries."""
        if not isinstance(node, yaml.MappingNode):
            word = self.decision(node, key)
            return {} if word == "ask" else {"*": word}
        return self.mapping(
            node, key, self.text, lambda value, name: self.mapping(value, name, self.text, self.decision)
            if isinstance(value, yaml.MappingNode) else self.decision(value, name)
        )

    def decision(self, node: yaml.Node, key: str) -> str:
        value = str(node.value) if isinstance(node, yaml.ScalarNode) else ""
        if value not in ("add", "leave", "ask"):
            self.problem(node, f"{key}: expected add, leave or ask, got {_kind(node)}")
            return "ask"
        return value

    def one_of(self, node: yaml.Node, key: str, values: tuple[str, ...]) -> str:
        value = str(node.value).lower() if isinstance(node, yaml.ScalarNode) else ""
        if value not in values:
            self.problem(node, f"{key}: expected {' or '.join(values[:2])}, got {_kind(node)}")
        return value

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

    def address(self, node: yaml.Node, key: str) -> str:
        value = self.text(node, key)
        if value and not value.startswith("/") and not is_address(value):
            expected = "host:port (api.example.com:443, [::1]:8000) or the absolute path of a socket"
            self.problem(node, f"{key}: expected {expected}, got {value!r}")
        return value

    def trial(self, node: yaml.Node, key: str) -> Trial:
        readers: dict[str, Callable[[yaml.Node, str], Any]] = {
            "allow": lambda value, where: tuple(self.sequence(value, where, self.address)),
            "programs": lambda value, where: tuple(self.sequence(value, where, self.text)),
        }
        return Trial(**self.fields(node, key, readers))

    def symbols(self, node: yaml.Node, key: str) -> dict[str, str]:
        return self.mapping(node, key, self.identifier, self.dotted)

    def file_moves(self, node: yaml.Node, key: str) -> dict[str, str]:
        moves: dict[str, str] = {}
        targets: dict[str, str] = {}
        readers = {"from": self.file, "to": self.file}
        items = self.sequence(
            node, key, lambda item, where: (item, where, self.fields(item, where, readers, ("from", "to")))
        )
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


def is_address(value: str) -> bool:
    """Whether ``value`` is ``host:port``, with a host that may be a name or an address (IPv6 in brackets)."""
    match = _ADDRESS.fullmatch(value)
    return match is not None and int(match["port"]) < 65536


def _kind(node: yaml.Node) -> str:
    if node.tag not in (_MAP, _SEQ) and not isinstance(node, yaml.ScalarNode):
        return f"something tagged {node.tag}"
    if isinstance(node, yaml.MappingNode):
        return "a mapping"
    if isinstance(node, yaml.SequenceNode):
        return "a list"
    return repr(node.value) if node.value else "nothing"

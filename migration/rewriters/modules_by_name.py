"""Modules that code asks for by name: ``getattr(posthog, "warehouse")``, ``sys.modules["posthog"].warehouse``.

What ``__import__("posthog.warehouse.util")`` gives is ``posthog``, and the names behind it lead on from
there: they follow. Elsewhere the object that is asked stays where it is while what it is asked for moves
away, so that there is nothing to write in the name's place: listed.
https://docs.python.org/3/library/functions.html#import__
"""

from __future__ import annotations

import ast
import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from functools import cached_property

from migration.core.moves import Moves
from migration.core.names import is_within, last_part
from migration.core.references import Reference
from migration.python.attribute_chains import dotted_name
from migration.python.mentions import first_line, mentions
from migration.python.name_meanings import Imported, imported, meanings
from migration.python.source_file import SourceFile
from migration.python.string_literals import plain_text

KIND = "string"

_MODULES = re.compile(rb"sys\s*\.\s*modules")
_PLAIN = re.compile(rb"(?:\s*\.\s*\w+)+")
_BORDER = re.compile(r"[^\W\d]\w*(?:\.\w+)*")


def find(source: SourceFile, moves: Moves) -> Iterator[Reference]:
    """The places of a file that ask a module by name for one that moves away from it.

    :raises UnreadableSource: if the file can't be parsed.
    """
    data = source.data
    quoted = (quote + name for name in moves.needles for quote in (b'"', b"'"))
    if not (_asks(data) or any(word in data for word in quoted)):
        return
    where = mentions(source, [needle.decode() for needle in moves.needles])
    asked = _Asked(source, moves)
    listed: set[int] = set()  # attrgetter("x")(y) is a call in a call
    pending: list[tuple[ast.AST, bool]] = [(source.tree, True)]
    while pending:
        node, outermost = pending.pop()
        if isinstance(node, (ast.stmt, ast.expr)) and not where.within(first_line(node), node.end_lineno or 0):
            continue
        if isinstance(node, ast.Attribute) and outermost:
            yield from asked.led_to(node)
        elif isinstance(node, ast.Call):
            found = [reference for reference in asked.in_call(node) if reference.start not in listed]
            listed.update(reference.start for reference in found)
            yield from found
        if not isinstance(node, ast.JoinedStr):
            inside = isinstance(node, ast.Attribute)
            pending += [(child, not inside) for child in ast.iter_child_nodes(node)]


def _asks(data: bytes) -> bool:
    """Whether something in a file may give a module by its name."""
    # A pattern of all three is tried at every byte; these are found ten times faster.
    return b"__import__" in data or b"import_module" in data or _MODULES.search(data) is not None


def _assigned(source: SourceFile) -> dict[str, frozenset[str]]:
    """Names that are given a module by such an expression, in whatever scope -> the module."""
    found: dict[str, frozenset[str]] = {}
    for node in ast.walk(source.tree):
        if isinstance(node, (ast.Assign, ast.NamedExpr)) and (module := _given(node.value)):
            targets = node.targets if isinstance(node, ast.Assign) else [node.target]
            for name in filter(None, map(dotted_name, targets)):
                found[name] = found.get(name, frozenset()) | {module}
    return found


def _given(node: ast.expr) -> str:
    """The module that an expression gives by its name; empty for any other."""
    if isinstance(node, ast.Subscript):
        return plain_text(node.slice) if dotted_name(node.value) in ("sys.modules", "modules") else ""
    if not isinstance(node, ast.Call) or not node.args:
        return ""
    name, first = dotted_name(node.func), plain_text(node.args[0])
    if first.startswith("."):
        return ""
    if name == "__import__":
        whole = len(node.args) > 3 or any(keyword.arg in ("fromlist", None) for keyword in node.keywords)
        return first if whole else first.partition(".")[0]
    return first if last_part(name) == "import_module" or name in ("sys.modules.get", "modules.get") else ""


@dataclass(frozen=True)
class _Asked:
    """What is asked in one file."""

    source: SourceFile
    moves: Moves

    @cached_property
    def names(self) -> Imported:
        """What imports bind."""
        return imported(self.source)

    @cached_property
    def assigned(self) -> Mapping[str, frozenset[str]]:
        """What names are given by a module's name."""
        return _assigned(self.source) if _asks(self.source.data) else {}

    def led_to(self, node: ast.Attribute) -> Iterator[Reference]:
        """``__import__("a.b.c").b.c`` and ``module.b``, where ``module`` was got by its name."""
        attributes: list[ast.Attribute] = []
        root: ast.expr = node
        while isinstance(root, ast.Attribute):
            attributes.insert(0, root)
            root = root.value
            if modules := self.assigned.get(dotted_name(root)):
                break
        else:
            modules = frozenset(filter(None, [_given(root)]))
        for base in sorted(modules):
            name = ".".join([base, *(attribute.attr for attribute in attributes)])
            module, rest = self.moves.split(name)
            new = self.moves.new_module(module)
            count = len(attributes) - (rest.count(".") + 1 if rest else 0)
            if count < 1 or new == f"{self._becomes(root, base)}.{'.'.join(a.attr for a in attributes[:count])}":
                continue
            yield self._leads_on(root, attributes[count - 1], module, self._becomes(root, base))

    def _becomes(self, root: ast.expr, base: str) -> str:
        """What an expression gives after the move."""
        if isinstance(root, ast.Call) and dotted_name(root.func) == "__import__" and base == _given(root):
            whole = plain_text(root.args[0])
            return self.moves.new_name(whole).partition(".")[0] if "." not in base else self.moves.new_name(base)
        return self.moves.new_name(base)

    def _leads_on(self, root: ast.expr, last: ast.Attribute, module: str, base: str) -> Reference:
        new = self.moves.new_module(module)
        start, end = self.source.span(root)[1], self.source.span(last)[1]
        written = _PLAIN.fullmatch(self.source.data, start, end)
        sure = isinstance(root, ast.Call) and dotted_name(root.func) == "__import__" and written
        if sure and is_within(new, base) and new != base:
            return Reference("use", start, end, module, new, new[len(base) :])
        return Reference(
            "use", end - len(last.attr.encode()), end, module, new, None,
            f"reached through a module that is asked for by name: ask for {new}",
        )

    def in_call(self, call: ast.Call) -> Iterator[Reference]:
        """``getattr(posthog, "warehouse")``, ``attrgetter("warehouse.x")(posthog)`` and the like."""
        arguments = [*call.args, *(keyword.value for keyword in call.keywords)]
        if not any(isinstance(node, ast.Constant) for argument in arguments for node in ast.walk(argument)):
            return
        if dotted_name(call.func) == "__import__" and call.args:
            fromlist = [k.value for k in call.keywords if k.arg == "fromlist"] + call.args[3:4]
            for value in fromlist:
                for name in value.elts if isinstance(value, (ast.List, ast.Tuple)) else ():
                    yield from self._asks("__import__", frozenset({plain_text(call.args[0])}), name)
            return
        function = last_part(dotted_name(call.func)) or "a call"
        modules = frozenset[str]().union(*map(self._modules, arguments))
        if isinstance(call.func, ast.Call) and last_part(dotted_name(call.func.func)) == "attrgetter":
            function, arguments = "attrgetter", call.func.args
        elif function == "attrgetter" and not modules:
            modules = frozenset[str]().union(*self.names.values())
        for argument in arguments if modules else ():
            method = argument.func if isinstance(argument, ast.Call) else None
            if isinstance(method, ast.Attribute) and method.attr == "split":
                argument = method.value
            yield from self._asks(function, modules, argument)

    def _modules(self, node: ast.expr) -> frozenset[str]:
        """The modules that an argument may be."""
        if given := _given(node):
            return frozenset({given})
        written = dotted_name(node)
        if written in self.assigned:
            return self.assigned[written]
        return meanings(node, self.names) if written.partition(".")[0] in self.names else frozenset()

    def _asks(self, function: str, modules: frozenset[str], node: ast.expr) -> Iterator[Reference]:
        """A string that names what moves away from one of the modules."""
        text = plain_text(node)
        if not _BORDER.fullmatch(text):
            return
        first, moves = text.partition(".")[0], self.moves
        for base in sorted(modules):
            name = f"{base}.{first}"
            if name not in moves.modules or first in moves.bindings.get(base, ()):
                continue
            full = f"{base}.{text}"
            if moves.new_name(full) != f"{moves.new_name(base)}.{text}":
                start = self.source.span(node)[0]
                reason = f"{function}: names in a string a module that moves away from {base}"
                yield Reference(KIND, start, start + 1, full, moves.new_name(full), None, reason)
                return

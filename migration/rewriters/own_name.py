"""What a file works out from its own name: ``__name__.split(".")[0]``, ``__package__.rpartition(".")[2]``.

A module that moves has another name afterwards, so its pieces are others, too. Each expression is worked out
with the name before and after the move, and listed where the two don't mean the same thing: what is put
behind the name (``__name__ + ".tasks"``) may go along, and a name that is only handed on (to a logger, say)
is the module's own business. Nothing is rewritten: what the pieces are for, only a person can tell.
https://docs.python.org/3/reference/datamodel.html#import-related-attributes-on-module-objects
"""

from __future__ import annotations

import ast
import re
from collections.abc import Callable, Container, Iterator, Mapping
from dataclasses import dataclass, field
from functools import cached_property
from typing import Any

from migration.core.moves import Moves
from migration.core.names import package_of
from migration.core.references import Reference
from migration.python.attribute_chains import dotted_name
from migration.python.single_assignments import single_assignments
from migration.python.source_file import SourceFile

KIND = "own name"

_SIGNS = (b"__name__", b"__package__", b"__module__", b"__spec__")
_NAMES = frozenset({"__name__", "__spec__.name"})
_PACKAGES = frozenset({"__package__", "__spec__.parent"})
_OWN_CLASS = frozenset({"cls", "self.__class__", "type(self)"})
# Methods of str and bytes that give the same each time, and don't look at anything else.
_METHODS = frozenset({
    "capitalize", "casefold", "count", "endswith", "find", "format", "index", "isidentifier", "join", "lower",
    "lstrip", "partition", "removeprefix", "removesuffix", "replace", "rfind", "rindex", "rpartition", "rsplit",
    "rstrip", "split", "startswith", "strip", "swapcase", "title", "upper",
})  # fmt: skip
_BUILTINS: dict[str, Callable[[Any], Any]] = {"len": len, "list": list, "reversed": reversed, "sorted": sorted}
_PATTERNS = frozenset({"findall", "fullmatch", "match", "search", "split", "sub", "subn"})
_LONGEST = 60  # of what is shown of a value, in characters


class _Unknown(Exception):
    """An expression whose value can't be told."""


def may_work_out(source: SourceFile, moves: Moves) -> bool:
    """Whether a file moves and its bytes speak of its own name; never wrong about a "no"."""
    return source.path in moves.files and any(sign in source.data for sign in _SIGNS)


def find(source: SourceFile, moves: Moves) -> Iterator[Reference]:
    """The places in a file that moves where pieces of its own name would be others.

    :raises UnreadableSource: if the file can't be parsed.
    """
    old = source.module
    if old is None or not may_work_out(source, moves) or moves.new_module(old) == old:
        return
    new, new_path = moves.new_module(old), moves.new_path(source.path)
    names = single_assignments(source.tree)
    before = _Values(old, package_of(source.path, old), names, str)
    after = _Values(
        new, package_of(new_path, new), names, lambda text: moves.new_name(text) if text in moves.modules else text
    )
    pending: list[ast.AST] = [source.tree]
    while pending:
        node = pending.pop()
        if isinstance(node, ast.expr) and (origin := before.origin(node)) is not None:
            was, now = before.of(node), after.of(node)
            if was is None or now is None:
                if _takes_apart(node):
                    yield _listed(source, origin, before.of(origin), after.of(origin))
                    continue
            elif isinstance(origin, ast.Name) and origin.id in names and _differs(moves, before, after, origin):
                continue  # listed where the name gets its value
            elif not isinstance(node, (ast.Name, ast.Attribute)):
                if _differs(moves, before, after, node):
                    yield _listed(source, origin, was, now)
                continue
        pending += ast.iter_child_nodes(node)


def _listed(source: SourceFile, node: ast.expr, was: object, now: object) -> Reference:
    reason = f"worked out from the module's own name; it was {_shown(was)}, and would be {_shown(now)}"
    return Reference(KIND, *source.span(node), str(was), str(now), None, reason)


def _shown(value: object) -> str:
    text = repr(value)
    return text if len(text) <= _LONGEST else text[: _LONGEST - 1] + "…"


def _takes_apart(node: ast.expr) -> bool:
    """Whether a pattern is tried on the name: what comes out is not worked out here."""
    return isinstance(node, ast.Call) and dotted_name(node.func).removeprefix("re.") in _PATTERNS


def _differs(moves: Moves, before: _Values, after: _Values, node: ast.expr) -> bool:
    """Whether an expression means something else after the move than what it meant before it."""
    was, now = before.of(node), after.of(node)
    if isinstance(was, str) and isinstance(now, str):
        whole = was.replace(before.module, after.module)  # the name itself, with something around it
        return now not in (was, moves.new_name(was), moves.new_path(was)) and not (
            now == whole and before.module in was and not _names_another(moves, was, before.module)
        )
    return was != now


def _names_another(moves: Moves, text: str, module: str) -> bool:
    """Whether a text that starts with a module's name goes on to one of the tree that does not go along."""
    return re.fullmatch(r"[\w.]+", text) is not None and moves.split(text)[0] not in ("", module)


@dataclass
class _Values:
    """What expressions are worth in a module.

    :param module: its dotted name.
    :param package: the package that it is, or lies in.
    :param names: what it assigns once.
    :param meant: what a string of the file is: another one after the move, where it names what moves.
    :param known: the value of each expression that was asked for, by its identity; None where it can't be told.
    """

    module: str
    package: str
    names: Mapping[str, ast.expr]
    meant: Callable[[str], str]
    known: dict[int, object] = field(default_factory=dict)
    busy: set[str] = field(default_factory=set)

    def of(self, node: ast.expr) -> object:
        """The value of an expression; None where it can't be told."""
        if id(node) not in self.known:
            try:
                self.known[id(node)] = self._value(node)
            except (_Unknown, ValueError, IndexError, TypeError, KeyError, AttributeError, OverflowError):
                self.known[id(node)] = None
        return self.known[id(node)]

    def origin(self, node: ast.expr) -> ast.expr | None:
        """The first expression within another that gives the module's own name, or a name that was given it."""
        return self._first(node, self.derived)

    @cached_property
    def derived(self) -> frozenset[str]:
        """The names that are assigned something which comes from the module's own name."""
        found: set[str] = set()
        size = -1
        while len(found) > size:
            size = len(found)
            found |= {name for name, value in self.names.items() if name not in found and self._first(value, found)}
        return frozenset(found)

    def _first(self, node: ast.expr, derived: Container[str]) -> ast.expr | None:
        for inner in ast.walk(node):
            if isinstance(inner, ast.expr) and (
                self._own(inner) or (isinstance(inner, ast.Name) and inner.id in derived)
            ):
                return inner
        return None

    def _own(self, node: ast.expr) -> str:
        """The module's own name (or its package's), where an expression gives it; else empty."""
        written = dotted_name(node) if isinstance(node, (ast.Name, ast.Attribute)) else ""
        if written in _NAMES:
            return self.module
        if written in _PACKAGES:
            return self.package
        if not isinstance(node, ast.Attribute) or node.attr != "__module__":
            return ""
        return self.module if ast.unparse(node.value) in _OWN_CLASS else ""

    def _value(self, node: ast.expr) -> object:
        if own := self._own(node):
            return own
        if isinstance(node, ast.Constant):
            return self.meant(node.value) if isinstance(node.value, str) else node.value
        if isinstance(node, ast.Name):
            return self._named(node)
        if isinstance(node, (ast.Tuple, ast.List)):
            return [self._value(item) for item in node.elts]
        if isinstance(node, ast.UnaryOp) and isinstance(node.op, ast.USub):
            return -self._whole(node.operand)
        if isinstance(node, ast.BinOp):
            return self._operation(node)
        if isinstance(node, ast.JoinedStr):
            return "".join(str(self._piece(part)) for part in node.values)
        if isinstance(node, ast.Subscript):
            return self._item(node)
        if isinstance(node, ast.Compare) and len(node.ops) == 1:
            return self._compared(node)
        if isinstance(node, ast.Call):
            return self._called(node)
        raise _Unknown

    def _named(self, node: ast.Name) -> object:
        if node.id not in self.derived or node.id in self.busy:
            raise _Unknown
        self.busy.add(node.id)
        try:
            return self._value(self.names[node.id])
        finally:
            self.busy.discard(node.id)

    def _whole(self, node: ast.expr) -> int:
        value = self._value(node)
        if not isinstance(value, int):
            raise _Unknown
        return value

    def _operation(self, node: ast.BinOp) -> object:
        left, right = self._value(node.left), self._value(node.right)
        if isinstance(node.op, ast.Add) and isinstance(left, str) and isinstance(right, str):
            return left + right
        if isinstance(node.op, ast.Add) and isinstance(left, list) and isinstance(right, list):
            return left + right
        if isinstance(node.op, ast.Mod) and isinstance(left, str):
            return left % (tuple(right) if isinstance(right, list) else right)
        raise _Unknown

    def _piece(self, node: ast.expr) -> object:
        if not isinstance(node, ast.FormattedValue):
            return self._value(node)
        if node.format_spec is not None or node.conversion not in (-1, ord("s")):
            raise _Unknown
        return self._value(node.value)

    def _item(self, node: ast.Subscript) -> object:
        value = self._value(node.value)
        if not isinstance(value, (str, list, tuple)):
            raise _Unknown
        if isinstance(node.slice, ast.Slice):
            edges = (node.slice.lower, node.slice.upper, node.slice.step)
            return value[slice(*(None if edge is None else self._whole(edge) for edge in edges))]
        return value[self._whole(node.slice)]

    def _compared(self, node: ast.Compare) -> bool:
        left, right = self._value(node.left), self._value(node.comparators[0])
        operator = node.ops[0]
        if isinstance(operator, (ast.Eq, ast.NotEq)):
            return (left == right) is isinstance(operator, ast.Eq)
        if isinstance(operator, (ast.In, ast.NotIn)) and isinstance(right, (str, list, tuple)):
            return (left in right) is isinstance(operator, ast.In)
        raise _Unknown

    def _called(self, node: ast.Call) -> object:
        if node.keywords and not all(keyword.arg == "maxsplit" for keyword in node.keywords):
            raise _Unknown
        arguments = [self._value(argument) for argument in node.args]
        options = {keyword.arg or "": self._value(keyword.value) for keyword in node.keywords}
        if isinstance(node.func, ast.Name) and node.func.id in _BUILTINS and len(arguments) == 1:
            found = _BUILTINS[node.func.id](arguments[0])
            return list(found) if isinstance(found, type(reversed([]))) else found
        if isinstance(node.func, ast.Attribute) and node.func.attr in _METHODS:
            value = self._value(node.func.value)
            if isinstance(value, str):
                several = node.func.attr in ("startswith", "endswith")
                fixed = [tuple(item) if several and isinstance(item, list) else item for item in arguments]
                return getattr(value, node.func.attr)(*fixed, **options)
        raise _Unknown

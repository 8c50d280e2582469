"""Paths that a file works out from its own place: what ``Path(__file__).parent / "data"`` is, as far as it is known.

An expression is followed step by step; the value is a path relative to the repo.
https://docs.python.org/3/library/pathlib.html
"""

from __future__ import annotations

import ast
import posixpath
from collections.abc import Mapping
from dataclasses import dataclass, field
from functools import cached_property

from migration.core.names import last_part
from migration.python.attribute_chains import dotted_name, last_name
from migration.python.single_assignments import single_assignments
from migration.python.source_file import SourceFile

# Stands for the directories above the repo, so that going up further stays distinct.
_ABOVE = "/.." * 12
_NAMED = {"os.pardir": "..", "os.curdir": ".", "os.sep": "/", "os.path.sep": "/"}
_LAST_NAMES = frozenset(map(last_part, _NAMED))
_PATHS = frozenset({"Path", "PurePath", "PosixPath", "PurePosixPath"})
_SAME = frozenset({"resolve", "absolute", "abspath", "realpath", "normpath", "fspath", "str", "as_posix", "expanduser"})

@dataclass
class OwnPlace:
    """What path expressions mean where the file lies at ``path``.

    :param source: the file.
    :param path: where it lies, relative to the repo.
    :param busy: the names that are being followed, so that a circle of them comes to an end.
    """

    source: SourceFile
    path: str
    busy: set[str] = field(default_factory=set)

    @cached_property
    def names(self) -> Mapping[str, ast.expr]:
        """Names that are assigned just once in the file -> their value."""
        return single_assignments(self.source.tree)

    def value(self, node: ast.AST | None) -> str | None:
        """The path that an expression gives, as far as it is known; None if it is no path from ``__file__``."""
        if isinstance(node, ast.Name):
            return self._name(node.id)
        if isinstance(node, ast.Attribute) and node.attr == "parent":
            return self._up(self.value(node.value), 1)
        if isinstance(node, ast.Subscript) and isinstance(node.value, ast.Attribute) and node.value.attr == "parents":
            steps = node.slice.value if isinstance(node.slice, ast.Constant) else None
            return self._up(self.value(node.value.value), steps + 1) if isinstance(steps, int) else None
        if isinstance(node, ast.BinOp) and isinstance(node.op, (ast.Div, ast.Add)):
            text = text_of(node.right)
            base = self.value(node.left) if text is not None else None
            glue = "/" if isinstance(node.op, ast.Div) else ""
            return None if base is None else f"{base}{glue}{text}"
        if isinstance(node, ast.JoinedStr):
            return self._formatted(node)
        return self._call(node) if isinstance(node, ast.Call) else None

    def _name(self, name: str) -> str | None:
        if name == "__file__":
            return f"{_ABOVE}/{self.path}".replace("/..", "/^")
        if name in self.busy or name not in self.names:
            return None
        self.busy.add(name)
        value = self.value(self.names[name])
        self.busy.discard(name)
        return value

    def _up(self, path: str | None, steps: int) -> str | None:
        for _ in range(steps):
            if path is None or path == "/":
                break
            path = posixpath.dirname(path.rstrip("/")) or "/"
        return path

    def _formatted(self, node: ast.JoinedStr) -> str | None:
        first = node.values[0] if node.values else None
        path = self.value(first.value) if isinstance(first, ast.FormattedValue) else None
        for part in node.values[1:] if path is not None else ():
            text = text_of(part)
            if text is None:
                return posixpath.dirname(path or "")  # goes on in an expression
            path = f"{path}{text}"
        return path

    def _call(self, node: ast.Call) -> str | None:
        function, arguments = node.func, node.args
        name = last_name(function)
        receiver = self.value(function.value) if isinstance(function, ast.Attribute) else None
        if receiver is not None:
            if name in _SAME:
                return posixpath.normpath(receiver) if name == "resolve" else receiver
            if name == "with_name" and arguments:
                return _joined(posixpath.dirname(receiver), arguments)
            return _joined(receiver, arguments) if name == "joinpath" else None
        first = self.value(arguments[0]) if arguments else None
        if first is None:
            return None
        if name == "dirname":
            return posixpath.dirname(first)
        if name in _SAME:
            return posixpath.normpath(first)
        return _joined(first, arguments[1:]) if name == "join" or name in _PATHS else None


def _joined(base: str, arguments: list[ast.expr]) -> str:
    """A path with what follows it, up to the first part that is not written out."""
    for argument in arguments:
        text = text_of(argument)
        if text is None:
            break
        base = posixpath.join(base, text)
    return base


def text_of(node: ast.AST) -> str | None:
    """A part of a path that is written out, or a name that stands for one, like ``os.pardir``."""
    if isinstance(node, ast.Constant) and isinstance(node.value, str):
        return node.value
    return _NAMED.get(dotted_name(node)) if isinstance(node, ast.Attribute) and node.attr in _LAST_NAMES else None


def inside(path: str) -> str:
    """A worked-out path relative to the repo; ``..`` and on where it lies above."""
    return posixpath.relpath(path, _ABOVE.replace("/..", "/^"))

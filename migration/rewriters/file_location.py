"""Paths that a file works out from its own place: ``Path(__file__).parent.parent``.

A moved file finds something else where such a path leaves what moves with it. Each is followed step by
step, before and after the move, and listed where it would no longer lead to the same thing. Nothing is
rewritten: whether the repo or the directory next door is meant, only a person can tell.
https://docs.python.org/3/library/pathlib.html
"""

from __future__ import annotations

import ast
import posixpath
import re
from collections.abc import Iterator
from dataclasses import dataclass, field
from functools import cached_property

from migration.core.moves import Moves
from migration.core.references import Reference
from migration.python.attribute_chains import dotted_name, last_name
from migration.python.source_file import SourceFile

KIND = "location"

# Stands for the directories above the repo, so that going up further stays distinct.
_ABOVE = "/.." * 12
_PATHS = frozenset({"Path", "PurePath", "PosixPath", "PurePosixPath"})
_SAME = frozenset({"resolve", "absolute", "abspath", "realpath", "normpath", "fspath", "str", "as_posix", "expanduser"})
# Relative to the file's own directory and written in one piece: the rewriter of paths makes it right.
_IN_ONE_PIECE = re.compile(r"\.{1,2}/.*\w")


def find(source: SourceFile, moves: Moves) -> Iterator[Reference]:
    """The places in a file that moves where a path from ``__file__`` would lead to something else.

    :raises UnreadableSource: if the file can't be parsed.
    """
    new_path = moves.new_path(source.path)
    if new_path == source.path or b"__file__" not in source.data:
        return
    before, after = _Place(source, source.path), _Place(source, new_path)
    pending: list[ast.AST] = [source.tree]
    while pending:
        node = pending.pop()
        old = before.value(node) if isinstance(node, ast.expr) else None
        if old is None or not isinstance(node, ast.expr):
            pending += ast.iter_child_nodes(node)
            continue
        new = after.value(node)
        token = _origin(node, before)
        if token is None or new is None or _in_one_piece(node):
            continue
        if isinstance(token, ast.Name) and token.id != "__file__" and _astray(moves, *_ends(before, after, token)):
            continue  # listed where the name gets its value
        was, now = _inside(old), _inside(new)
        if _astray(moves, was, now):
            wanted = _goes_to(moves, was)
            moved = "" if wanted == was else f", which is now {_shown(wanted)}"
            reason = f"worked out from the file's own place; it was {_shown(was)}{moved}, and would be {_shown(now)}"
            yield Reference(KIND, *source.span(token), _shown(was), _shown(wanted), None, reason)


@dataclass
class _Place:
    """What path expressions mean where the file lies at ``path``."""

    source: SourceFile
    path: str
    busy: set[str] = field(default_factory=set)

    @cached_property
    def names(self) -> dict[str, ast.expr]:
        """Names that are assigned just once in the file -> their value."""
        found: dict[str, ast.expr | None] = {}
        for node in ast.walk(self.source.tree):
            targets = node.targets if isinstance(node, ast.Assign) else [getattr(node, "target", None)]
            for target in targets:
                if isinstance(target, ast.Name):
                    value = node.value if isinstance(node, (ast.Assign, ast.AnnAssign)) else None
                    found[target.id] = None if target.id in found else value
        return {name: value for name, value in found.items() if value is not None}

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
            text = _text(node.right)
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
            path = None if path is None else posixpath.dirname(path.rstrip("/"))
        return path

    def _formatted(self, node: ast.JoinedStr) -> str | None:
        first = node.values[0] if node.values else None
        path = self.value(first.value) if isinstance(first, ast.FormattedValue) else None
        for part in node.values[1:] if path is not None else ():
            text = _text(part)
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
        text = _text(argument)
        if text is None:
            break
        base = posixpath.join(base, text)
    return base


def _text(node: ast.AST) -> str | None:
    if isinstance(node, ast.Constant) and isinstance(node.value, str):
        return node.value
    return {"os.pardir": "..", "os.curdir": ".", "os.sep": "/", "os.path.sep": "/"}.get(dotted_name(node))


def _inside(path: str) -> str:
    """A worked-out path relative to the repo; ``..`` and on where it lies above."""
    return posixpath.relpath(path, _ABOVE.replace("/..", "/^"))


def _origin(node: ast.expr, place: _Place) -> ast.expr | None:
    """The name that a path starts from."""
    return next((n for n in ast.walk(node) if isinstance(n, ast.Name) and place.value(n) is not None), None)


def _ends(before: _Place, after: _Place, node: ast.expr) -> tuple[str, str]:
    return _inside(before.value(node) or ""), _inside(after.value(node) or "")


def _in_one_piece(node: ast.expr) -> bool:
    texts = (_text(part) for part in ast.walk(node))
    return any(text is not None and _IN_ONE_PIECE.match(text.lstrip("/")) for text in texts)


def _astray(moves: Moves, was: str, now: str) -> bool:
    """Whether a path no longer leads to what it led to."""
    return now != _goes_to(moves, was)


def _goes_to(moves: Moves, path: str) -> str:
    """Where a file or directory is after the move; a package is where its ``__init__`` is."""
    for name in ("__init__.py", "__init__.pyi"):
        inner = f"{path}/{name}"
        if inner in moves.files:
            return posixpath.dirname(moves.files[inner])
    return path if path.startswith("..") else moves.new_path(path)


def _shown(path: str) -> str:
    return "the repo" if path == "." else path

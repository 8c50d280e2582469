"""Paths that a file works out from its own place: ``Path(__file__).parent.parent``.

A moved file finds something else where such a path leaves what moves with it, and a file that stays finds nothing
where it leads to what has moved (``HERE / "stock"``). Each is followed step by step, before and after the move, and
listed where it would no longer lead to the same thing. Nothing is rewritten: whether the repo or the directory next
door is meant, only a person can tell.
https://docs.python.org/3/library/pathlib.html
"""

from __future__ import annotations

import ast
import posixpath
import re
from collections.abc import Iterator

from migration.core.moves import Moves
from migration.core.references import Reference
from migration.python.own_place import OwnPlace, inside, text_of
from migration.python.source_file import SourceFile

KIND = "location"

# Relative to the file's own directory and written in one piece: the rewriter of paths makes it right.
_IN_ONE_PIECE = re.compile(r"\.{1,2}/.*\w")


def find(source: SourceFile, moves: Moves) -> Iterator[Reference]:
    """The places in a file where a path from ``__file__`` would lead to something else after the move.

    :raises UnreadableSource: if the file can't be parsed.
    """
    new_path = moves.new_path(source.path)
    if b"__file__" not in source.data:
        return
    stays = new_path == source.path
    before, after = OwnPlace(source, source.path), OwnPlace(source, new_path)
    pending: list[ast.AST] = [source.tree]
    while pending:
        node = pending.pop()
        old = before.value(node) if isinstance(node, ast.expr) else None
        if old is None or not isinstance(node, ast.expr):
            pending += ast.iter_child_nodes(node)
            continue
        new = after.value(node)
        token = _origin(node, before)
        if token is None or new is None or _in_one_piece(node) or (stays and _from_the_repo(before, node)):
            continue
        if isinstance(token, ast.Name) and token.id != "__file__" and _astray(moves, *_ends(before, after, token)):
            continue  # listed where the name gets its value
        was, now = inside(old), inside(new)
        if _astray(moves, was, now):
            wanted = _goes_to(moves, was)
            moved = "" if wanted == was else f", which is now {_shown(wanted)}"
            reason = f"worked out from the file's own place; it was {_shown(was)}{moved}, and would be {_shown(now)}"
            yield Reference(KIND, *source.span(token), _shown(was), _shown(wanted), None, reason)


def _origin(node: ast.expr, place: OwnPlace) -> ast.expr | None:
    """The name that a path starts from."""
    return next((n for n in ast.walk(node) if isinstance(n, ast.Name) and place.value(n) is not None), None)


def _from_the_repo(place: OwnPlace, node: ast.expr) -> bool:
    """Whether a path starts at the repo: then it is written out from there, which the rewriter of paths reads."""
    values = (place.value(inner) for inner in ast.walk(node) if isinstance(inner, ast.expr))
    return any(value is not None and inside(value) == "." for value in values)


def _ends(before: OwnPlace, after: OwnPlace, node: ast.expr) -> tuple[str, str]:
    return inside(before.value(node) or ""), inside(after.value(node) or "")


def _in_one_piece(node: ast.expr) -> bool:
    texts = (text_of(part) for part in ast.walk(node))
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

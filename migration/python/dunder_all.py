"""What is put into a module's ``__all__``, as far as it is written out (pure).

See https://docs.python.org/3/reference/simple_stmts.html#the-import-statement.
"""

from __future__ import annotations

import ast
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Literal, TypeAlias

from migration.python.attribute_chains import dotted_name
from migration.python.module_getattr import assigned_table


@dataclass(frozen=True, slots=True)
class AllRef:
    """The ``__all__`` of another module inside an ``__all__``: the dotted expression before it."""

    expression: str


Parts: TypeAlias = list[str | AllRef] | None


@dataclass(frozen=True, slots=True)
class AllStep:
    """One statement about ``__all__``; ``parts`` is None where it is computed."""

    line: int
    how: Literal["set", "add", "remove"]
    parts: tuple[str | AllRef, ...] | None


def all_parts(value: ast.expr, values: Mapping[str, ast.expr], depth: int = 0) -> Parts:
    """The names in an expression for ``__all__``; None where it is computed.

    :param values: what the module's names were assigned so far.
    """
    again = depth + 1

    def inner(part: ast.expr) -> Parts:
        return all_parts(part, values, again)

    match value:
        case _ if depth > 20:
            return None
        case ast.List(elts=elements) | ast.Tuple(elts=elements) | ast.Set(elts=elements):
            return _together(inner(e.value) if isinstance(e, ast.Starred) else _one_name(e) for e in elements)
        case ast.BinOp(left=left, op=ast.Add() | ast.BitOr(), right=right):
            return _together(inner(part) for part in (left, right))
        case ast.Call(func=ast.Name(id="list" | "tuple" | "sorted" | "set" | "frozenset"), args=args):
            return _together(inner(part) for part in args[:1])
        case ast.Call(func=ast.Attribute(value=copied, attr="keys" | "copy"), args=[]):
            return inner(copied)
        case ast.ListComp(
            elt=ast.Attribute(value=ast.Name(id=item), attr="__name__"),
            generators=[ast.comprehension(target=ast.Name(id=target), iter=listed, ifs=[])],
        ) if item == target:  # [block.__name__ for block in BLOCKS]
            listed = values.get(listed.id, listed) if isinstance(listed, ast.Name) else listed
            if isinstance(listed, (ast.List, ast.Tuple)):
                return _together([e.id] if isinstance(e, ast.Name) else None for e in listed.elts)
            return None
        case ast.Attribute(value=module, attr="__all__"):
            dotted = dotted_name(module)
            return [AllRef(dotted)] if dotted else None
        case ast.Name(id="__all__"):
            return []  # __all__ = __all__ + […]: what was there stays
        case ast.Name(id=name):
            return inner(values[name]) if name in values else [AllRef(name)]  # import __all__ as x_all
        case _:
            table = assigned_table(value, values)
            return None if table is None else [key for key, _, _ in table]


def _together(parts: Iterable[Parts]) -> Parts:
    joined: list[str | AllRef] = []
    for part in parts:
        if part is None:
            return None
        joined += part
    return joined


def _one_name(element: ast.expr) -> Parts:
    if isinstance(element, ast.Constant) and isinstance(element.value, str):
        return [element.value]
    if (
        isinstance(element, ast.Attribute)
        and element.attr == "__name__"
        and isinstance(element.value, ast.Name)
    ):
        return [element.value.id]
    return None

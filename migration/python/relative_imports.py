"""Relative imports: what they mean, and how a name is written as one (pure)."""

from __future__ import annotations

import ast

from migration.python.source_file import SourceFile


def resolve_relative(package: str, level: int, name: str | None) -> str | None:
    """The absolute name of ``from <level dots><name>`` inside ``package``; None if it leaves the top.

    As in :func:`importlib.util.resolve_name`.
    """
    base = package.split(".") if package else []
    if level - 1 >= len(base):
        return None
    base = base[: len(base) - (level - 1)]
    return ".".join(base + ([name] if name else []))


def relative_form(package: str, target: str, max_level: int) -> str | None:
    """``target`` written relative to ``package`` with at most ``max_level`` dots, or None.

    The result is the text between ``from`` and ``import``: ``..models.table``, ``.``.
    """
    here = package.split(".") if package else []
    there = target.split(".")
    common = 0
    while common < min(len(here), len(there)) and here[common] == there[common]:
        common += 1
    if common == 0:
        return None
    level = len(here) - common + 1
    if level > max_level:
        return None
    return "." * level + ".".join(there[common:])


def absolute_base(source: SourceFile, statement: ast.ImportFrom) -> str | None:
    """The absolute name of the module that is imported from, at the old place; None if it has none."""
    if not statement.level:
        return statement.module
    if source.package is None:
        return None
    return resolve_relative(source.package, statement.level, statement.module) or None

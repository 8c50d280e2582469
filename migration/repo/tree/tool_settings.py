"""The line length that a repo keeps, as its own tools are told: ruff, Black, flake8, isort, pylint."""

from __future__ import annotations

from typing import Any

from migration.repo.tree.config_files import ini_of, table_of, toml_of
from migration.repo.tree.tree import Tree

_DEFAULT = 88  # of ruff and Black, where they are used and not told otherwise


def line_length_of(tree: Tree) -> int:
    """In characters; 0 where nothing at the top of the repo says how long a line may be."""
    for path in (".ruff.toml", "ruff.toml"):
        if path in tree:
            return _number(toml_of(tree, path).get("line-length")) or _DEFAULT
    tool = table_of(toml_of(tree, "pyproject.toml"), "tool")
    for name, key in (("ruff", "line-length"), ("black", "line-length")):
        if isinstance(tool.get(name), dict):
            return _number(tool[name].get(key)) or _DEFAULT
    for path in (".flake8", "setup.cfg", "tox.ini"):
        if found := _flake8(tree, path):
            return found
    formats = table_of(tool, "pylint", "format") or table_of(tool, "pylint", "FORMAT")
    for table, key in ((table_of(tool, "isort"), "line_length"), (formats, "max-line-length")):
        if found := _number(table.get(key)):
            return found
    return 0


def _flake8(tree: Tree, path: str) -> int:
    parser = ini_of(tree, path)
    for section in ("flake8", "pycodestyle"):
        for key in ("max-line-length", "max_line_length"):
            if found := _number(parser.get(section, key, fallback=None)):
                return found
    return 0


def _number(value: object) -> int:
    text = str(value).strip() if isinstance(value, int | str) and not isinstance(value, bool) else ""
    return int(text) if text.isascii() and text.isdecimal() else 0


def settings_of(tree: Tree) -> dict[str, Any]:
    """The repo's own ``[tool.phased-migration]`` table; empty where it has none."""
    return table_of(toml_of(tree, "pyproject.toml"), "tool", "phased-migration")

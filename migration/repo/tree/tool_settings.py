"""The line length that a repo keeps, as its own tools are told: ruff, Black, flake8, isort, pylint."""

from __future__ import annotations

import configparser
import tomllib
from typing import Any

from migration.repo.tree.tree import Tree

_DEFAULT = 88  # of ruff and Black, where they are used and not told otherwise


def line_length_of(tree: Tree) -> int:
    """In characters; 0 where nothing at the top of the repo says how long a line may be."""
    for path in (".ruff.toml", "ruff.toml"):
        if path in tree:
            return _number(_toml(tree, path).get("line-length")) or _DEFAULT
    tool = _toml(tree, "pyproject.toml").get("tool", {})
    tool = tool if isinstance(tool, dict) else {}
    for name, key in (("ruff", "line-length"), ("black", "line-length")):
        if isinstance(tool.get(name), dict):
            return _number(tool[name].get(key)) or _DEFAULT
    for path in (".flake8", "setup.cfg", "tox.ini"):
        if found := _flake8(tree, path):
            return found
    isort = tool.get("isort")
    pylint = tool.get("pylint")
    formats = pylint.get("format", pylint.get("FORMAT")) if isinstance(pylint, dict) else None
    for table, key in ((isort, "line_length"), (formats, "max-line-length")):
        if isinstance(table, dict) and (found := _number(table.get(key))):
            return found
    return 0


def _toml(tree: Tree, path: str) -> dict[str, Any]:
    if path not in tree or not tree.is_regular(path):
        return {}
    try:
        return tomllib.loads(tree.read(path).decode())
    except (tomllib.TOMLDecodeError, UnicodeDecodeError):
        return {}  # its own tools will complain


def _flake8(tree: Tree, path: str) -> int:
    if path not in tree or not tree.is_regular(path):
        return 0
    parser = configparser.ConfigParser(interpolation=None, strict=False)
    try:
        parser.read_string(tree.read(path).decode())
    except (configparser.Error, UnicodeDecodeError):
        return 0
    for section in ("flake8", "pycodestyle"):
        for key in ("max-line-length", "max_line_length"):
            if found := _number(parser.get(section, key, fallback=None)):
                return found
    return 0


def _number(value: object) -> int:
    text = str(value).strip() if isinstance(value, int | str) and not isinstance(value, bool) else ""
    return int(text) if text.isascii() and text.isdecimal() else 0


def _pyproject(tree: Tree) -> dict[str, Any]:
    if "pyproject.toml" not in tree:
        return {}
    try:
        return tomllib.loads(tree.read("pyproject.toml").decode())
    except (tomllib.TOMLDecodeError, UnicodeDecodeError):
        return {}  # other tools will complain; it can't tell us anything


def settings_of(tree: Tree) -> dict[str, Any]:
    """The repo's own ``[tool.phased-migration]`` table; empty where it has none."""
    tool = _pyproject(tree).get("tool")
    table = tool.get("phased-migration") if isinstance(tool, dict) else None
    return table if isinstance(table, dict) else {}

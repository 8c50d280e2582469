"""Configuration files as tools read them: TOML and INI. A broken one says nothing: its own tools complain."""

from __future__ import annotations

import configparser
import tomllib
from typing import Any

from migration.repo.tree.tree import Tree


def toml_of(tree: Tree, path: str) -> dict[str, Any]:
    """What a TOML file of a tree says; nothing where there is none that can be read."""
    try:
        return tomllib.loads(tree.read(path).decode()) if path in tree and tree.is_regular(path) else {}
    except (tomllib.TOMLDecodeError, UnicodeDecodeError, RecursionError):
        return {}


def table_of(config: dict[str, Any], *keys: str) -> dict[str, Any]:
    """A table within a table, and so on; an empty one where something else stands on the way."""
    for key in keys:
        inner = config.get(key)
        config = inner if isinstance(inner, dict) else {}
    return config


def ini_of(tree: Tree, path: str) -> configparser.ConfigParser:
    """What an INI file of a tree says; nothing where there is none that can be read."""
    return ini(tree.read(path).decode("utf-8", "replace") if path in tree and tree.is_regular(path) else "")


def ini(text: str) -> configparser.ConfigParser:
    """What the text of an INI file says, without interpolation; nothing where it is no such text."""
    parser = configparser.ConfigParser(interpolation=None, strict=False)
    try:
        parser.read_string(text)
    except configparser.Error:
        return configparser.ConfigParser(interpolation=None)
    return parser

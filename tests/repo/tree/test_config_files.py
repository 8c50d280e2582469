"""Configuration files are read as far as they can be, and never stop anybody."""

from __future__ import annotations

from pathlib import Path

import pytest

from migration.repo.tree.config_files import ini, ini_of, table_of, toml_of
from tests.tools import Content, Link, make_repo, workspace


@pytest.mark.parametrize("content", ["[a\n", b"\xff\n", "x = 1\nx = 2\n", Link("other.toml")])
def test_what_can_t_be_read_says_nothing(tmp_path: Path, content: Content) -> None:
    tree = workspace(make_repo(tmp_path, {"a.py": "", "a.toml": content, "a.ini": content})).baseline()
    assert toml_of(tree, "a.toml") == {} and toml_of(tree, "none.toml") == {}
    assert ini_of(tree, "a.ini").sections() == [] and ini_of(tree, "none.ini").sections() == []


def test_toml(tmp_path: Path) -> None:
    tree = workspace(make_repo(tmp_path, {"a.toml": "[tool.x]\ny = 1\n"})).baseline()
    assert toml_of(tree, "a.toml") == {"tool": {"x": {"y": 1}}}


def test_tables_within_tables() -> None:
    config = {"tool": {"x": {"y": 1}}, "z": [1]}
    assert table_of(config, "tool", "x") == {"y": 1} and table_of(config) == config
    assert table_of(config, "tool", "x", "y") == table_of(config, "z", "a") == table_of(config, "none") == {}


def test_ini(tmp_path: Path) -> None:
    text = "[a]\nx = %(y)s é\n[a]\nz = 1\n"
    tree = workspace(make_repo(tmp_path, {"a.ini": text.encode("latin-1")})).baseline()
    assert ini(text)["a"]["x"] == "%(y)s é" and dict(ini_of(tree, "a.ini")["a"]) == {"x": "%(y)s \ufffd", "z": "1"}
    assert ini("[a]\nx = 1\n nonsense\n[a").sections() == []

from __future__ import annotations

from pathlib import Path

import pytest

from migration.repo.tree.tool_settings import line_length_of
from tests.tools import Content, make_repo, workspace


@pytest.mark.parametrize(("files", "length"), [
    ({}, 0),
    ({"pyproject.toml": "[project]\nname = 'x'\n"}, 0),
    ({"pyproject.toml": "[tool.ruff\n"}, 0),
    ({"setup.cfg": "[flake8]\nignore = E501\n"}, 0),
    ({"tox.ini": b"\xff[flake8]\nmax-line-length = 100\n"}, 0),
    ({"pyproject.toml": "[tool.isort]\nline_length = true\n"}, 0),
    ({"pyproject.toml": "[tool.ruff]\nline-length = 120\n"}, 120),
    ({"pyproject.toml": "[tool.ruff.lint]\nselect = ['I']\n"}, 88),
    ({"pyproject.toml": "[tool.black]\n"}, 88),
    ({"pyproject.toml": "[tool.black]\nline-length = 100\n\n[tool.isort]\nline_length = 90\n"}, 100),
    ({"pyproject.toml": "[tool.isort]\nline_length = 90\n"}, 90),
    ({"pyproject.toml": "[tool.pylint.format]\nmax-line-length = '95'\n"}, 95),
    ({"ruff.toml": "line-length = 140\n", "pyproject.toml": "[tool.black]\nline-length = 100\n"}, 140),
    ({".flake8": "[flake8]\nmax-line-length = 110\n"}, 110),
    ({"setup.cfg": "[flake8]\nmax_line_length = 99\n"}, 99),
    ({"tox.ini": "[pycodestyle]\nmax-line-length = 79\n"}, 79),
    ({"sub/ruff.toml": "line-length = 140\n"}, 0),
])
def test_line_length(tmp_path: Path, files: dict[str, Content], length: int) -> None:
    assert line_length_of(workspace(make_repo(tmp_path, {"a.py": "", **files})).baseline()) == length

"""In settings of tools a directory may be named by its last part, from the place of the file or from a root."""

from __future__ import annotations

import re

import pytest

from migration.core.references import TextFile
from migration.engine.claims import may_hold
from migration.rewriters import OF_NAMES, paths
from tests.rewriters.text_tools import MOVES, TOP


def listed(path: str, text: str) -> list[str]:
    """The words that are listed; nothing else may be found."""
    file = TextFile(path, text.encode())
    found = sorted(paths.find_in_text(file, MOVES), key=lambda reference: reference.start)
    assert not found or may_hold(file, MOVES, OF_NAMES)
    assert {(each.old, each.text, each.reason) for each in found} <= {
        ("posthog/warehouse", None, "may mean posthog/warehouse, from posthog/")
    }
    return [re.split(r"[\s\"',\]]", text[each.start :])[0] for each in found]


@pytest.mark.parametrize(
    ("path", "text"),
    [
        ("pyproject.toml", '[tool.isort]\nknown_first_party = ["posthog", "warehouse"]\n'),
        ("pyproject.toml", '[tool.coverage.run]\nsource = ["warehouse"]\nwhere = ["ee"]\n'),
        ("pyproject.toml", '[tool.setuptools.packages.find]\nwhere = ["ee/posthog", "my-posthog"]\ninclude = ["warehouse*"]\n'),
        ("posthog/pyproject.toml", '[project]\nname = "warehouse"\nkeywords = ["warehouse"]\n[tool.warehouse]\n'),
        ("posthog/pyproject.toml", 'packages = ["my_warehouse", "warehouse_utils", "x.warehouse", "warehouse-x"]\n'),
        ("posthog/setup.cfg", "[metadata]\nname = warehouse\n[options]\npackages =\n    hogql\n    warehouses\n"),
        ("posthog/package.json", '{"name": "warehouse", "scripts": {"warehouse": "x"}}'),
        ("posthog/docker-compose.yml", "source: warehouse\n"),
        ("posthog/tox.ini", "[testenv:warehouse]\nenvlist = warehouse\n"),
        ("ee/tox.ini", "[pytest]\ntestpaths = warehouse\n"),
    ],
)
def test_untouched(path: str, text: str) -> None:
    assert listed(path, text) == []


@pytest.mark.parametrize(
    ("path", "text", "words"),
    [
        ("posthog/pyproject.toml", 'exclude = ["warehouse", "hogql"]\n', ["warehouse"]),
        ("posthog/pyproject.toml", 'packages = [\n  "warehouse",\n  "warehouse.models",\n]\n', ["warehouse", "warehouse.models"]),
        ("posthog/tox.ini", "[pytest]\ntestpaths = warehouse hogql\n", ["warehouse"]),
        ("posthog/setup.cfg", "[flake8]\nexclude =\n    hogql,\n    warehouse\n", ["warehouse"]),
        ("posthog/setup.cfg", "[mypy-warehouse.*]\nignore_errors = True\n", ["warehouse.*"]),
        ("posthog/.coveragerc", "[run]\nsource = warehouse\nomit = warehouse/tests/*\n", ["warehouse", "warehouse/tests/*"]),
        ("posthog/package.json", '{"files": ["warehouse"], "x": "warehouse"}', ["warehouse"]),
        ("pyproject.toml", '[tool.setuptools]\npackage-dir = {"" = "posthog"}\npackages = ["warehouse"]\n', ["warehouse"]),
        ("pyproject.toml", '[x]\nwhere = ["./posthog"]\ninclude = ["warehouse*"]\n', ["warehouse*"]),
        ("pyproject.toml", '[a]\npythonpath = "posthog"\n[b]\nknown_first_party = ["warehouse"]\n', ["warehouse"]),
        ("setup.cfg", "[options]\npackage_dir =\n    = posthog\npackages = warehouse\n", ["warehouse"]),
    ],
)
def test_listed(path: str, text: str, words: list[str]) -> None:
    assert listed(path, text) == words


def test_a_package_at_the_top_is_named_by_one_word_anyway() -> None:
    file = TextFile("pyproject.toml", b'where = ["."]\npackages = ["warehouse"]\n')
    assert [*paths.find_in_text(file, TOP)] == []


@pytest.mark.parametrize(
    ("path", "text", "expected"),
    [
        ("MANIFEST.in", "recursive-include posthog/warehouse *.sql\n", "recursive-include products/data_warehouse/backend *.sql\n"),
        ("pyproject.toml", 'source = ["posthog/warehouse"]\n', 'source = ["products/data_warehouse/backend"]\n'),
        ("posthog/tox.ini", "ignore = warehouse/util.py:E501\n", "ignore = ../products/data_warehouse/backend/util.py:E501\n"),
    ],
)
def test_what_is_named_as_a_path_follows(path: str, text: str, expected: str) -> None:
    (reference,) = paths.find_in_text(TextFile(path, text.encode()), MOVES)
    assert text[: reference.start] + str(reference.text) + text[reference.end :] == expected


@pytest.mark.parametrize("text", ["warehouse/\n", "/warehouse/tmp\n", "recursive-include warehouse *.sql\n"])
@pytest.mark.parametrize("path", ["posthog/.gitignore", "posthog/MANIFEST.in"])
def test_a_pattern_beside_the_directory_is_listed(path: str, text: str) -> None:
    (reference,) = paths.find_in_text(TextFile(path, text.encode()), MOVES)
    assert (reference.text, reference.reason) == (None, "a pattern can't leave the directory of its file")

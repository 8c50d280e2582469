from __future__ import annotations

import pytest

from migration.core.changes import apply_edits
from migration.core.references import TextFile
from migration.engine.claims import may_hold
from migration.rewriters import OF_NAMES, paths
from migration.text.globs import is_pattern_file
from tests.rewriters.alone import check
from tests.rewriters.text_tools import MOVES


def listed(text: str, path: str = "config/x.yml") -> list[str]:
    file = TextFile(path, text.encode())
    found = [*paths.find_in_text(file, MOVES)]
    assert apply_edits(file.raw, [edit for reference in found if (edit := reference.edit)]) == file.raw
    assert not found or may_hold(file, MOVES, OF_NAMES)
    return [f"{file.raw[reference.start : reference.end].decode()}: {reference.reason}" for reference in found]


@pytest.mark.parametrize(
    "text",
    [
        "posthog/**",
        "posthog/*",
        "posthog/**/*.py",
        "posthog/*/*.py",
        "posthog/*/nothing.py",
        "posthog/**/test_*.py",
        "**/util.py",
        "*/util.py",
        "products/*/util.py",
        "https://x.org/posthog/*/util.py",
        "$HOME/posthog/*/util.py",
        "a /* posthog */ b",
        "my/posthog/*/util.py",
        "posthog/*/util.py and products/*/backend/util.py",
    ],
)
def test_untouched(text: str) -> None:
    assert listed(f"{text}\n") == []


@pytest.mark.parametrize(
    ("pattern", "file"),
    [
        ("posthog/**/warehouse/**", "__init__.py"),
        ("posthog/*/util.py", "util.py"),
        ("/posthog/*/util.py", "util.py"),
        ("posthog/**/models/*.py", "models/__init__.py"),
        ("posthog/*/tab*.py", None),
        ("posthog/**/tab*.py", "models/table.py"),
        ("posthog/*/models", "models/__init__.py"),
        ("posthog/*/models/", "models/__init__.py"),
        ("**/warehouse/**", "__init__.py"),
        ("*/warehouse/*.py", "__init__.py"),
    ],
)
def test_patterns_that_match_what_moves(pattern: str, file: str | None) -> None:
    what = f"{pattern}: a pattern that matches posthog/warehouse/{file}, which moves: does it need one for products/data_warehouse/backend/{file}?"
    assert listed(f"- {pattern} @team\n") == ([what] if file else [])


def test_from_the_place_of_the_file() -> None:
    assert listed("posthog/*/util.py x/*/util.py\n", "posthog/.gitignore") != []
    assert listed("*/util.py\n", "posthog/x.cfg") == []


def test_in_python() -> None:
    check(paths, "x = glob('posthog/*/util.py')\ny = 'posthog/*.py'\n", moves=MOVES, left=["1: posthog/*/util.py: a pattern that matches"])


PATTERN_FILES = (
    *("CODEOWNERS", ".github/CODEOWNERS", ".gitignore", "a/.dockerignore", "MANIFEST.in", "pyproject.toml", "tox.ini"),
    *("setup.cfg", "mypy.ini", ".coveragerc", "codecov.yml", ".pre-commit-config.yaml", "a/package.json"),
    *("tsconfig.json", "tsconfig.build.json", ".github/workflows/ci.yml", ".github/labeler.yml"),
)


@pytest.mark.parametrize("path", PATTERN_FILES)
def test_files_that_hold_patterns_by_their_purpose(path: str) -> None:
    assert is_pattern_file(path)
    (line,) = listed("posthog/w*/util.py\n", path)
    assert line.startswith("posthog/w*/util.py: a pattern that matches posthog/warehouse/util.py")
    assert listed("posthog/w*/nothing.py ee/w*/util.py posthog/x*\n", path) == []


@pytest.mark.parametrize("path", ["a.yml", "README.md", "posthog/package.json.j2", "x/CODEOWNERS.txt", "workflows/ci.yml"])
def test_other_files_are_not_looked_into_for_their_name(path: str) -> None:
    assert not is_pattern_file(path)
    assert not may_hold(TextFile(path, b"posthog/w*/util.py"), MOVES, OF_NAMES)

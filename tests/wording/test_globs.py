from __future__ import annotations

import pytest

from migration.changes import apply_edits
from migration.references import TextFile
from migration.rewriters import paths
from migration.text import may_refer
from tests.rewriters.alone import check
from tests.rewriters.text_tools import MOVES


def listed(text: str, path: str = "config/x.yml") -> list[str]:
    file = TextFile(path, text.encode())
    found = [*paths.find_in_text(file, MOVES)]
    assert apply_edits(file.raw, [edit for reference in found if (edit := reference.edit)]) == file.raw
    assert not found or may_refer(file, MOVES)
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

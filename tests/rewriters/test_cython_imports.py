from __future__ import annotations

import dataclasses

import pytest

from migration.core.changes import apply_edits
from migration.core.references import TextFile
from migration.rewriters import cython_imports
from tests.rewriters.tools import NEW, moves_for

MODULES = "posthog/ posthog.core posthog.user posthog.warehouse/ posthog.warehouse.fast posthog.warehouse.pure"
MOVES = dataclasses.replace(
    moves_for({"posthog.warehouse": NEW}, MODULES),
    files={"posthog/warehouse/fast.pyx": "products/data_warehouse/backend/fast.pyx"},
)


def relative(text: str, path: str) -> tuple[str, list[str]]:
    data = text.encode()
    found = sorted(cython_imports.find_in_text(TextFile(path, data), MOVES), key=lambda r: r.start)
    after = apply_edits(data, [edit for reference in found if (edit := reference.edit)]).decode()
    return after, [reference.reason for reference in found if reference.text is None]


@pytest.mark.parametrize(
    ("path", "text"),
    [
        ("posthog/warehouse/fast.pyx", "from .pure import base\nfrom . import pure\nfrom .pure cimport x\n"),
        ("posthog/user.pyx", "from .core import X\nfrom posthog.warehouse.pure import base\n"),
        ("posthog/notes.txt", "from .warehouse import x\n"),
        ("posthog/user.pyx", "# take it from .warehouse import or not\nx = 'from .warehouse import y'\n"),
        ("elsewhere/x.pyx", "from .warehouse import y\n"),
    ],
)
def test_relative_imports_that_hold(path: str, text: str) -> None:
    assert relative(text, path) == (text, [])


@pytest.mark.parametrize(
    ("path", "before", "after"),
    [
        ("posthog/warehouse/fast.pyx", "from ..core import X\n", "from posthog.core import X\n"),
        ("posthog/warehouse/fast.pyx", "from .. cimport core\n", "from posthog cimport core\n"),
        ("posthog/user.pyx", "from .warehouse.fast import total\n", f"from {NEW}.fast import total\n"),
        ("posthog/user.pyx", "from .warehouse import (\n    fast,\n    pure as p,\n)\n", f"from {NEW} import (\n    fast,\n    pure as p,\n)\n"),
    ],
)
def test_relative_imports_that_follow(path: str, before: str, after: str) -> None:
    assert relative(before, path) == (after, [])
    assert relative(after, MOVES.new_path(path)) == (after, [])


def test_names_that_part_ways_are_listed() -> None:
    text = "from . import core, warehouse\n"
    assert relative(text, "posthog/user.pyx") == (text, ["imports names that end up in different modules"])

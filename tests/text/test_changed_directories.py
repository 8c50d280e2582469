from __future__ import annotations

import pytest

from migration.core.changes import apply_edits
from migration.text.changed_directories import from_changed_directories
from migration.text.passage import Passage, Place
from tests.rewriters.text_tools import MOVES


def run(text: str, path: str = "Makefile") -> str:
    found = [*from_changed_directories(Passage(text.encode(), MOVES, "path", Place(path)))]
    return apply_edits(text.encode(), [edit for reference in found if (edit := reference.edit)]).decode()


@pytest.mark.parametrize(
    ("text", "path"),
    [
        ("cd docs && ls ../bin/start", "Makefile"),
        ("cd posthog && ls ../bin/start", "Makefile"),
        ("cd posthog/warehouse && ls ./util.py ..foo", "Makefile"),
        ("cd posthog/warehouse && ls ../../../etc", "Makefile"),  # outside of the repo
        ("cd posthog/warehouse && ls\nls ../bin/start", "Makefile"),  # a line of its own
        ("cd posthog/warehouse\ncd docs\nls ../bin/start", "x.sh"),
        ("echo cd posthog/warehouse_utils; ls ../..", "x.sh"),
        ("- working-directory: posthog/warehouse\n  run: x\n- run: ls ../../bin/start", "ci.yml"),
    ],
)
def test_untouched(text: str, path: str) -> None:
    assert run(text, path) == text


@pytest.mark.parametrize(
    ("text", "after", "path"),
    [
        ("cd posthog/warehouse && ls ../../bin/start", "cd posthog/warehouse && ls ../../../bin/start", "Makefile"),
        ("(cd posthog/warehouse; pytest -c ../..)", "(cd posthog/warehouse; pytest -c ../../..)", "Makefile"),
        ("cd posthog/warehouse/models && ls ../../utils.py", "cd posthog/warehouse/models && ls ../../../../posthog/utils.py", "x"),
        ("cd posthog/warehouse\nls ../../bin/start\ncd docs\nls ../bin\n", "cd posthog/warehouse\nls ../../../bin/start\ncd docs\nls ../bin\n", "x.sh"),
        (
            "- working-directory: posthog/warehouse\n  run: |\n    ls ../../bin/start\n- run: ls ../../bin\n",
            "- working-directory: posthog/warehouse\n  run: |\n    ls ../../../bin/start\n- run: ls ../../bin\n",
            "ci.yml",
        ),
    ],
)
def test_rewritten(text: str, after: str, path: str) -> None:
    assert run(text, path) == after

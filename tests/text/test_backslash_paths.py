from __future__ import annotations

import pytest

from migration.core.changes import apply_edits
from migration.text.backslash_paths import backslashed
from migration.text.passage import Passage, Place, Style
from tests.rewriters.text_tools import MOVES


def run(text: str, style: Style) -> str:
    found = [*backslashed(Passage(text.encode(), MOVES, "path", Place("x", style)))]
    return apply_edits(text.encode(), [edit for reference in found if (edit := reference.edit)]).decode()


@pytest.mark.parametrize(
    ("text", "style"),
    [
        (r"copy posthog\warehouses\a.csv", "text"),
        (r"copy posthog\warehouse_utils.py", "text"),
        (r"C:\posthog\warehouse", "text"),
        (r"my\posthog\warehouse", "text"),
        ("posthog/warehouse", "text"),
        (r"posthog\warehouse", "python"),  # an escape
        (r"posthog\models\team.py", "text"),
    ],
)
def test_untouched(text: str, style: Style) -> None:
    assert run(text, style) == text


@pytest.mark.parametrize(
    ("text", "after", "style"),
    [
        (r"python posthog\warehouse\util.py", r"python products\data_warehouse\backend\util.py", "text"),
        (r'"posthog\\warehouse\\x.sql"', r'"products\\data_warehouse\\backend\\x.sql"', "text"),
        (r"posthog\\warehouse", r"products\\data_warehouse\\backend", "python"),
    ],
)
def test_rewritten_as_the_author_wrote_it(text: str, after: str, style: Style) -> None:
    assert run(text, style) == after
    assert run(after, style) == after

from __future__ import annotations

import pytest

from migration.core.changes import apply_edits
from migration.core.references import Reference
from migration.text.asset_specs import asset_specs
from migration.text.passage import Passage, Place
from tests.rewriters.text_tools import MOVES, TOP
from tests.rewriters.tools import NEW


def run(text: str) -> tuple[str, list[Reference]]:
    found = [*asset_specs(Passage(text.encode(), MOVES, "path", Place("app.ini")))]
    return apply_edits(text.encode(), [edit for reference in found if (edit := reference.edit)]).decode(), found


@pytest.mark.parametrize(
    "text",
    [
        "x = posthog:warehouse",  # may be an attribute of the module
        "x = posthog:warehouse_utils/x",
        "x = posthog:models/a.pt",
        "x = my.posthog:warehouse/a.pt",
        "x = posthog.warehouse:ui/types.ts",  # found by the name of the package
        "http://posthog:warehouse/a",
    ],
)
def test_untouched(text: str) -> None:
    assert run(text) == (text, [])


@pytest.mark.parametrize("rest", ["ui/types.ts", "migrations", "models/x.sql'"])
def test_what_lies_below_a_package_that_stays(rest: str) -> None:
    after, found = run(f"script_location = 'posthog:warehouse/{rest}")
    assert after == f"script_location = '{NEW}:{rest}"
    assert run(after) == (after, [])


def test_a_package_at_the_top_has_none_above_it() -> None:
    assert [*asset_specs(Passage(b"x:warehouse/a.html", TOP, "path", Place("app.ini")))] == []

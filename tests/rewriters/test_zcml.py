from __future__ import annotations

from dataclasses import replace

import pytest

from migration.rewriters import zcml
from tests.rewriters.alone import check_text
from tests.rewriters.text_tools import MOVES
from tests.rewriters.tools import NEW


@pytest.mark.parametrize(
    ("path", "text"),
    [
        ("posthog/configure.zcml", '<adapter factory=".utils.X" /><include package="." file="x.zcml" />'),
        ("posthog/configure.xml", '<include package=".warehouse" />'),
        ("ee/configure.zcml", '<include package=".warehouse" />'),
        ("posthog/configure.zcml", '<include package="posthog.warehouse" />'),  # found by its own name
    ],
)
def test_untouched(path: str, text: str) -> None:
    check_text(zcml, text, path=path, moves=MOVES)


def test_names_from_the_package_of_the_file() -> None:
    before = '<include package=".warehouse" />\n<adapter factory=\'.warehouse.models.Item\' />'
    after = f'<include package="{NEW}" />\n<adapter factory=\'{NEW}.models.Item\' />'
    check_text(zcml, before, after, path="posthog/configure.zcml", moves=MOVES)


def test_names_that_lead_out_of_what_moves() -> None:
    text = '<adapter factory="..utils.X" for=".util" />'
    path = "posthog/warehouse/configure.zcml"
    moves = replace(MOVES, files={**MOVES.files, path: "products/data_warehouse/backend/configure.zcml"})
    check_text(zcml, text, text.replace("..utils.X", "posthog.utils.X"), path=path, moves=moves)

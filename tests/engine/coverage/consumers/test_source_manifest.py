from __future__ import annotations

import pytest

from tests.engine.coverage.tools import Moved

DATA = {"shop/stock/a.html": ""}


@pytest.mark.parametrize("text", [
    "graft .\nglobal-exclude *.pyc\n", "include README\n", "recursive-include shop/billing *\n", "# graft shop\n",
    "global-include *.html\n",
])  # fmt: skip
def test_what_packs_both_places_or_neither(text: str) -> None:
    assert Moved({**DATA, "MANIFEST.in": text}).told() == []


@pytest.mark.parametrize(("line", "new"), [
    ("graft shop", "graft products/stock/backend"),
    ("recursive-include shop *.html *.py", "recursive-include products/stock/backend *.html *.py"),
    ("include shop/*/*.html", "include products/stock/backend/*.html"),
])  # fmt: skip
def test_a_directory_that_was_packed_gets_its_like_below(line: str, new: str) -> None:
    moved = Moved({**DATA, "MANIFEST.in": f"include README\n{line}\nprune build\n"})
    assert {told.split(" ", 1)[0] for told in moved.told()} == {"MANIFEST.in:2"}
    assert moved.mended() == {"MANIFEST.in": f"include README\n{line}\n{new}\nprune build\n"}


def test_a_directory_that_was_left_out() -> None:
    moved = Moved({**DATA, "MANIFEST.in": "graft .\nprune shop\n"})
    assert moved.told() == ["MANIFEST.in:2 shop:  -> packed"]
    assert moved.mended() == {"MANIFEST.in": "graft .\nprune shop\nprune products/stock/backend\n"}

from __future__ import annotations

from tests.engine.coverage.tools import Moved

DATA = {"shop/stock/a.dat": "", "shop/stock/sub/b.csv": ""}


def test_attributes_that_hold_at_both_places_or_at_neither() -> None:
    assert Moved({**DATA, ".gitattributes": "*.dat filter=lfs\n[attr]binary -diff\n"}).told() == []
    assert Moved({**DATA, "shop/.gitattributes": "*.png filter=lfs\nbilling/*.dat -text\n"}).told() == []
    assert Moved({**DATA, ".gitattributes": "*.dat -text\n", "shop/.gitattributes": "*.dat -text\n"}).told() == []


def test_attributes_from_above_are_said_again_at_the_new_place() -> None:
    moved = Moved({**DATA, "shop/.gitattributes": "*.dat filter=lfs -text\nstock/sub/* eol=lf\n"})
    assert moved.told() == [
        "shop/.gitattributes:1 *.dat: filter=lfs, -text -> ", "shop/.gitattributes:2 stock/sub/*: eol=lf -> ",
    ]  # fmt: skip
    assert moved.mended() == {"products/stock/backend/.gitattributes": "*.dat filter=lfs -text\n/sub/* eol=lf\n"}


def test_attributes_that_are_new_to_what_moved() -> None:
    (gap,) = Moved({**DATA, ".gitattributes": "products/** linguist-generated\n"}).gaps()
    assert (gap.line, gap.gained, gap.now) == (1, True, "linguist-generated")

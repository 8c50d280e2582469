from __future__ import annotations

from tests.engine.coverage.tools import Moved


def test_patterns_for_both_places_or_neither() -> None:
    for text in ("[python: **.py]\n", "[python: shop/billing/**.py]\n", "[ignore: shop/**]\n[python: products/**.js]\n"):
        assert Moved({"babel.cfg": text}).told() == []


def test_a_pattern_for_the_directory_above_is_listed() -> None:
    told = Moved({"shop/translations/babel.cfg": "[ignore: **/migrations/**]\n[python: shop/**.py]\nencoding = utf-8\n"}).told()
    assert told == ["shop/translations/babel.cfg:2 shop/**.py: extracted by python -> "]

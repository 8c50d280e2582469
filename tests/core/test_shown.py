from __future__ import annotations

import pytest

from migration.core.shown import escaped


@pytest.mark.parametrize("text", ["", "plain", "tab\there\nnext line", "ü – ✓ 漢字", "a\u00a0b", "\udcff\udce4"])
def test_what_stays(text: str) -> None:
    assert escaped(text) == text


@pytest.mark.parametrize(("text", "shown"), [
    ("\x1b]0;PWNED\x07", "\\x1b]0;PWNED\\x07"), ("a\rb", "a\\rb"), ("\x00\x08\x7f", "\\x00\\x08\\x7f"), ("\x9b31m", "\\x9b31m"),
    ("\u202egnp.exe", "\\u202egnp.exe"), ("\u2066x\u2069", "\\u2066x\\u2069"), ("a\u2028b", "a\\u2028b"), ("\udc9b", "\\x9b"), ("\x85", "\\x85"),
])
def test_what_a_terminal_would_obey(text: str, shown: str) -> None:
    assert escaped(text) == shown
    assert escaped(shown) == shown

"""The pictures in the documentation: what is left on a terminal, and that they fetch nothing."""

from __future__ import annotations

import struct

import pytest

from tests.pictures import PICTURES, left_on_screen, terminal_svg, text_of


@pytest.mark.parametrize(("said", "lines"), [
    ("", []),
    ("a\r\nb\r\n", ["a", "b"]),
    ("a\r\n\x1b[?25lbar 1\r\x1b[2Kbar 2\r\n\x1b[?25h\r\x1b[1A\x1b[2K\x1b[32m✓ \x1b[0mb\r\n", ["a", "\x1b[32m✓ \x1b[0mb"]),
    ("no end", ["no end"]),
])
def test_what_is_left_on_screen(said: str, lines: list[str]) -> None:
    assert left_on_screen(said) == lines


def test_a_terminal_says_what_was_printed() -> None:
    svg = terminal_svg(["\x1b[32m✓ \x1b[0ma <b> & c", "  " + "long " * 40], "doit x=1")
    assert text_of(svg).split() == ["$", ".venv/bin/doit", "x=1", "✓", "a", "<b>", "&", "c", *["long"] * 40]


def test_pictures_are_small_and_fetch_nothing() -> None:
    found = {path.name: path.read_bytes() for path in PICTURES.iterdir()}
    assert len(found) == 4
    for name, raw in found.items():
        assert len(raw) < 300_000, name
        if name.endswith(".svg"):
            text = raw.decode()
            assert "@font-face" not in text and "url(http" not in text and "@import" not in text and "<script" not in text
            assert not [part for part in text.split('="') if part.startswith("http") and "w3.org" not in part]
        else:
            width, height = struct.unpack(">II", raw[16:24])
            assert raw.startswith(b"\x89PNG") and 800 <= width <= 1600 and 400 <= height <= 1200, name

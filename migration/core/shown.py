"""Texts as people may be shown them: what a terminal would obey is written out as an escape.

Names of files, lines of source and what programs say come from anywhere; a control character in one can move
the cursor, change the title of the window or hide a line.
"""

from __future__ import annotations

import re

# Control characters but for the tab and the line feed, what turns the direction of a text, and ends of lines that
# are none to us; also bytes that a terminal without UTF-8 takes for control characters (as :pep:`383` has them).
_CONTROL = re.compile(
    "[\x00-\x08\x0b-\x1f\x7f-\x9f\u061c\u200e\u200f\u2028\u2029\u202a-\u202e\u2066-\u2069\udc80-\udc9f]"
)


def escaped(text: str) -> str:
    """The text with an escape in place of each of these: ``\\x1b``, ``\\r``, ``\\u202e``."""
    return _CONTROL.sub(_escape, text)


def _escape(match: re.Match[str]) -> str:
    character = match[0]
    if "\udc80" <= character <= "\udc9f":
        return f"\\x{ord(character) - 0xDC00:02x}"
    return character.encode("unicode_escape").decode()

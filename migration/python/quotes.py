"""A string written as its author would have: in the quotes of what it replaces, of its neighbour, or of its file.

https://docs.python.org/3/reference/lexical_analysis.html#string-and-bytes-literals
"""

from __future__ import annotations

import re

_WRITTEN = re.compile(rb"""([rRuU]?)(\"\"\"|'''|"|')""")
_WHOLE = re.compile(rb"(?s)[A-Za-z]{0,2}(\"\"\"|'''|\"|')(?:(?!\1).)*\1\Z")
_OPENING = re.compile(rb"(?<![\w'\"])[rbuRBU]?(['\"])(?!\1)")


def replacing(written: bytes, value: str) -> str:
    """``value`` as a literal with the prefix and the quotes of the literal (the first of several) it replaces."""
    match = _WRITTEN.match(written)
    prefix, quotes = (match[1].decode(), match[2].decode()) if match else ("", '"')
    return _quoted(prefix, quotes, value)


def beside(written: bytes, value: str) -> str:
    """``value`` as a literal of its own, with the quotes of a neighbour and no prefix."""
    whole = _WHOLE.match(written)
    quote = whole[1][:1] if whole else (re.findall(rb"[\"']", written) or [b'"'])[-1]
    return _quoted("", quote.decode(), value)


def usual(data: bytes, value: str) -> str:
    """``value`` as a literal with the quotes that most literals of a file have."""
    quotes = _OPENING.findall(data)
    return _quoted("", "'" if quotes.count(b"'") > quotes.count(b'"') else '"', value)


def _quoted(prefix: str, quotes: str, value: str) -> str:
    """The literal; as Python writes it where the value can't stand in these quotes as it is."""
    plain = quotes[0] not in value and "\\" not in value and value.isprintable()
    return f"{prefix}{quotes}{value}{quotes}" if plain else repr(value)

"""Where an entry stands in a text, and how another is written beside it, in the file's own style (pure)."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Literal, Protocol

Style = Literal["item", "line", "words", "lines", "block", "pair", "only", "list"]
_QUOTES = ('"', "'")


class Spot(Protocol):
    """Where an entry stands in its file."""

    @property
    def line(self) -> int:
        """The number of the line, from 1; 0 where the file as a whole is meant."""

    def beside(self, entries: Sequence[str]) -> str | None:
        """The text of the whole file with more entries beside this one, in its style; None where that can't be."""

    def replaced(self, entry: str) -> str | None:
        """The text of the whole file with another entry in this one's place; None where that can't be."""


@dataclass(frozen=True)
class File:
    """The file as a whole: nothing can be written beside it."""

    line: int = 0

    def beside(self, entries: Sequence[str]) -> str | None:
        """Always None."""
        return None

    def replaced(self, entry: str) -> str | None:
        """Always None."""
        return None


@dataclass(frozen=True)
class TextSpot:
    """A span of a text.

    :param text: the whole text; :param start: where the entry starts, and :param end: where it ends, without quotes.
    :param style: what it is part of: ``item`` of a list in brackets, ``block`` item of a YAML list, one of several
        ``words`` (parted by blanks) or ``lines`` (of one value), a ``line`` of its own, the key of a ``pair`` that
        ends at ``pair_end``, or ``only``: the one value of a key (``list``: which may be a list, too).
    :param comma: whether words are parted by commas.
    """

    text: str
    start: int
    end: int
    style: Style
    comma: bool = False
    pair_end: int = 0

    @property
    def line(self) -> int:
        """The number of its line, from 1."""
        return self.text.count("\n", 0, self.start) + 1

    def replaced(self, entry: str) -> str | None:
        """The text with another entry in its place."""
        return self.text[: self.start] + entry + self.text[self.end :]

    def beside(self, entries: Sequence[str]) -> str | None:
        """The text with more entries behind it."""
        text, quote = self.text, self._quote
        if any(ord(character) < 32 for entry in entries for character in entry):
            return None
        if self.style == "only":
            return None
        if self.style == "list":
            return self.replaced_by_list([text[self.start : self.end], *entries])
        if self.style == "line":
            return self._lines(self._line_start, self._line_end, entries)
        if self.style == "block":
            first = self._line_start
            dash = text.rfind("-", first, self.start)
            if text[first:dash].strip(" "):  # several items in one line, or a list in a list
                return None
            head = text[first : self.start - len(quote)]
            new = "".join(f"{self._newline}{head}{quote}{entry}{quote}" for entry in entries)
            return self._insert(self.end + len(quote), new)
        if self.style == "lines":
            head = text[self._line_start : self.start]
            if head.strip():  # the first of them stands behind the key
                head = "    "
            tail = "," if text[self.end : self.end + 1] == "," else ""
            at = self.end + len(tail)
            return self._insert(at, "".join(f"{self._newline}{head}{entry}{tail}" for entry in entries))
        if self.style == "words":
            parted = ", " if self.comma and ", " in text[self._line_start : self._line_end] else ","
            separator = parted if self.comma else " "
            return self._insert(self.end, "".join(separator + entry for entry in entries))
        start = self.start - len(quote)
        end = self.pair_end if self.style == "pair" else self.end + len(quote)
        tail = text[self.end : end] if self.style == "pair" else quote
        return self._items(start, end, [quote + entry + tail for entry in entries])

    def replaced_by_list(self, entries: Sequence[str]) -> str:
        """The text with a list of entries in this one's place."""
        quote = self._quote or '"'
        start, end = self.start - len(self._quote), self.end + len(self._quote)
        items = ", ".join(f"{quote}{entry}{quote}" for entry in entries)
        return f"{self.text[:start]}[{items}]{self.text[end:]}"

    def _items(self, start: int, end: int, items: Sequence[str]) -> str:
        """More items of a list in brackets: below this one where it has its line to itself, else behind it."""
        text = self.text
        first, last = text.rfind("\n", 0, start) + 1, self._end_of_line(end)
        indent, behind = text[first:start], text[end:last]
        alone = not indent.strip() and re.fullmatch(r"\s*,?\s*(?:(?:#|//).*)?\r?", behind)
        if not alone or first == 0:
            return self._insert(end, "".join(f", {item}" for item in items))
        comma = re.match(r"\s*,", behind)
        if comma:
            new = "".join(f"{self._newline}{indent}{item}," for item in items)
            return self._insert(last - behind.endswith("\r"), new)
        new = "".join(f"{self._newline}{indent}{item}{',' if item is not items[-1] else ''}" for item in items)
        cut = last - behind.endswith("\r")
        return text[:end] + "," + text[end:cut] + new + text[cut:]

    def _lines(self, first: int, last: int, entries: Sequence[str]) -> str:
        head, tail = self.text[first : self.start], self.text[self.end : last].removesuffix("\r")
        new = "".join(f"{self._newline}{head}{entry}{tail}" for entry in entries)
        return self._insert(last - self.text[first:last].endswith("\r"), new)

    def _insert(self, at: int, new: str) -> str:
        return self.text[:at] + new + self.text[at:]

    def _end_of_line(self, at: int) -> int:
        end = self.text.find("\n", at)
        return len(self.text) if end < 0 else end

    @property
    def _line_start(self) -> int:
        return self.text.rfind("\n", 0, self.start) + 1

    @property
    def _line_end(self) -> int:
        return self._end_of_line(self.end)

    @property
    def _newline(self) -> str:
        return "\r\n" if "\r\n" in self.text else "\n"

    @property
    def _quote(self) -> str:
        before, after = self.text[self.start - 1 : self.start], self.text[self.end : self.end + 1]
        return before if before in _QUOTES and before == after else ""


def within(spot: TextSpot, value: str) -> list[tuple[str, TextSpot]]:
    """The words of a value that holds several, parted by blanks, each with its place.

    :param spot: the place of the value, whose text is the same as the value.
    """
    return [
        (match[0], TextSpot(spot.text, spot.start + match.start(), spot.start + match.end(), "words"))
        for match in re.finditer(r"\S+", value)
    ]

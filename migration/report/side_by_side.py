"""Two versions of a file side by side, highlighted, as rows of HTML in which nothing but our own tags is live."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from markupsafe import Markup, escape
from pygments.lexer import Lexer
from pygments.lexers import get_lexer_for_filename
from pygments.token import Comment, Keyword, Name, Number, Operator, String, _TokenType
from pygments.util import ClassNotFound

from migration.report.alignment import grouped

_CONTEXT = 3  # lines around a change, as git shows them
_LONGEST = 2_000  # lines of one file that are shown; a reader of more wants git
# The families of tokens that get a colour, by their class in the style sheet.
_FAMILIES = ((Comment, "c"), (String, "s"), (Keyword, "k"), (Number, "m"), (Operator.Word, "k"), (Name.Decorator, "d"))


@dataclass(frozen=True, slots=True)
class Side:
    """One line of one version: its number from 1 and its HTML; ``changed`` if the other side differs."""

    number: int
    html: str
    changed: bool


Row = tuple[Side | None, Side | None]


def rows(path: str, was: bytes | None, now: bytes | None) -> list[Row | None]:
    """The lines around what changed, old beside new; None stands for lines that are left out.

    :param path: tells the language.
    """
    if b"\0" in (was or b"") or b"\0" in (now or b""):
        return []
    old, new = _lines(was), _lines(now)
    lexer = _lexer(path)
    found: list[Row | None] = []
    end = 0
    for group in grouped(old, new, _CONTEXT):
        _, first_old, _, first_new, _ = group[0]
        if first_old > end or (found and first_new > 0):
            found.append(None)
        end = group[-1][2]
        left = _highlighted(old[first_old : group[-1][2]], lexer)
        right = _highlighted(new[first_new : group[-1][4]], lexer)
        for tag, a, b, c, d in group:
            found += _rows(tag, old, new, (a, b, c, d), (left, first_old), (right, first_new))
        if len(found) > _LONGEST:
            return [*found[:_LONGEST], None]
    return found


def highlighted(path: str, text: str) -> Markup:
    """A whole text as HTML.

    :param path: tells the language.
    """
    return Markup("\n").join(Markup(_html(tokens, (0, 0))) for tokens in _highlighted(text.splitlines(), _lexer(path)))


Tokens = list[tuple[str, str]]  # (class, text)
Spans = tuple[int, int, int, int]
Shown = tuple[list[Tokens], int]  # highlighted lines, and the number (from 0) of the first


def _rows(tag: str, old: list[str], new: list[str], spans: Spans, left: Shown, right: Shown) -> Iterator[Row]:
    a, b, c, d = spans
    for step in range(max(b - a, d - c)):
        i, j = a + step, c + step
        one, two = (old[i] if i < b else None), (new[j] if j < d else None)
        changed = tag != "equal"
        marks = _marks(one, two) if changed else ((0, 0), (0, 0))
        yield (
            None if one is None else Side(i + 1, _html(left[0][i - left[1]], marks[0]), changed),
            None if two is None else Side(j + 1, _html(right[0][j - right[1]], marks[1]), changed),
        )


def _marks(one: str | None, two: str | None) -> tuple[tuple[int, int], tuple[int, int]]:
    """Where two lines differ, from the first word to the last."""
    if one is None or two is None:
        return (0, 0), (0, 0)
    start = 0
    while start < min(len(one), len(two)) and one[start] == two[start]:
        start += 1
    end = 0
    while end < min(len(one), len(two)) - start and one[-1 - end] == two[-1 - end]:
        end += 1
    while start and _is_word(one[start - 1]):
        start -= 1
    while end and _is_word(one[len(one) - end]):
        end -= 1
    if not one[:start].strip() and not one[len(one) - end :].strip():
        return (0, 0), (0, 0)  # nothing in common: marking the whole line says nothing
    return (start, len(one) - end), (start, len(two) - end)


def _is_word(character: str) -> bool:
    return character.isalnum() or character == "_"


def _lines(data: bytes | None) -> list[str]:
    return (data or b"").decode("utf-8", "replace").splitlines()


def _lexer(path: str) -> Lexer | None:
    try:
        return get_lexer_for_filename(path, stripnl=False, ensurenl=False)
    except ClassNotFound:
        return None


def _highlighted(lines: Sequence[str], lexer: Lexer | None) -> list[Tokens]:
    """The tokens of each line. Only what is shown is read, so a string that began earlier may go uncoloured."""
    if lexer is None:
        return [[("", line)] for line in lines]
    found: list[Tokens] = [[]]
    for kind, text in lexer.get_tokens("\n".join(lines)):
        for number, piece in enumerate(text.split("\n")):
            if number:
                found.append([])
            name = _class(kind)
            if piece and found[-1] and found[-1][-1][0] == name:
                found[-1][-1] = (name, found[-1][-1][1] + piece)  # a string is three tokens, and one colour
            elif piece:
                found[-1].append((name, piece))
    for tokens, line in zip(found, lines, strict=False):
        if "".join(text for _, text in tokens) != line:  # a lexer that changes text is not to be trusted
            return [[("", line)] for line in lines]
    return found if len(found) >= len(lines) else [[("", line)] for line in lines]


def _class(kind: _TokenType) -> str:
    return next((name for family, name in _FAMILIES if kind[: len(family)] == family), "")


def _html(tokens: Tokens, mark: tuple[int, int]) -> str:
    pieces, at = [], 0
    for name, text in tokens:
        cuts = [cut - at for cut in mark if at < cut < at + len(text)]
        for start, end in zip([0, *cuts], [*cuts, len(text)], strict=True):
            inner = str(escape(text[start:end]))
            if name:
                inner = f'<span class="{name}">{inner}</span>'
            pieces.append(f"<mark>{inner}</mark>" if mark[0] <= at + start < mark[1] else inner)
        at += len(text)
    return "".join(pieces)

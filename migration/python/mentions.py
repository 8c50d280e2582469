"""Which lines of a file mention certain words: what lets everything else be skipped.

A file refers to ``posthog.warehouse`` on a handful of its lines. Looking for the words in the bytes
first is far cheaper than walking the whole syntax tree, and never misses: a node that holds the word
has it on one of its lines.
"""

from __future__ import annotations

import ast
import bisect
import re
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass

from migration.core.memo import once
from migration.core.moves import Moves
from migration.core.names import is_package_file, prefixes
from migration.python.source_file import SourceFile

Block = list[ast.stmt]
# Calls that take a name as a string of its own, and a word that each of them holds.
_BY_NAME_SIGNS = b"attr", b"patch", b"__import__", b"join"
_BY_NAME = re.compile(rb"attr(?:getter)?\s*\(|\bpatch\s*\.\s*object\b|__import__|['\"]\.['\"]\s*\.\s*join\b")
# What puts the string behind it together with something, beside ``+``; and what takes the string before it apart.
_PUT_INTO = re.compile(rb"(?:%|format\s*\()[^)\n]{0,80}\Z")
_TAKEN_APART = re.compile(rb"[\w.]*[\"']\s*\.\s*split\b")
# What gives a module by its name.
_GIVES = rb"(?:import_module|__import__|modules(?:\.get)?)"
_BLOCKS = ("body", "handlers", "cases", "orelse", "finalbody")


@dataclass(frozen=True, slots=True)
class Mentions:
    """The numbers (from 1, ascending) of the lines that hold one of the words."""

    lines: Sequence[int]

    def within(self, first: int, last: int) -> bool:
        """Whether one of the lines ``first`` to ``last`` holds a word."""
        index = bisect.bisect_left(self.lines, first)
        return index < len(self.lines) and self.lines[index] <= last

    def touch(self, node: ast.stmt | ast.expr | ast.excepthandler) -> bool:
        """Whether a line of the node, decorators included, holds a word."""
        return self.within(first_line(node), node.end_lineno or node.lineno)


def first_line(node: ast.stmt | ast.expr | ast.excepthandler) -> int:
    """The line on which a node starts, where decorators belong to what they decorate."""
    decorators: list[ast.expr] = getattr(node, "decorator_list", [])
    return min(node.lineno, decorators[0].lineno) if decorators else node.lineno


def mentions(source: SourceFile, words: Iterable[str]) -> Mentions:
    """The lines of the file that hold one of ``words``, also as a part of a longer word.

    :raises UnreadableSource: if the file can't be decoded.
    """
    known, lines = _lines(source), set[int]()
    for word in words:  # one by one: of hundreds of words a file holds a few
        if word not in known:
            known[word] = _lines_with(source, word.encode())
        lines.update(known[word])
    return Mentions(sorted(lines))


@once
def _lines(source: SourceFile) -> dict[str, tuple[int, ...]]:
    """The lines that hold a word, for each that was asked for: the rewriters ask for much the same ones."""
    return {}


def _lines_with(source: SourceFile, word: bytes) -> tuple[int, ...]:
    """The lines that hold one word."""
    found = []
    at = source.data.find(word)
    while at >= 0:
        line = source.line_of(at)
        found.append(line)
        at = source.data.find(word, source.line_starts[line]) if line < len(source.line_starts) else -1
    return tuple(found)


def is_home(source: SourceFile, moves: Moves) -> bool:
    """Whether the file lies under something that moves, so that it can refer to it without naming it.

    So does a module that becomes a package of the same name, or the other way round: its dots change.
    """
    if source.module is None:
        return False
    new_path = moves.files.get(source.path, source.path)
    if is_package_file(new_path) is not is_package_file(source.path):
        return True
    return any(name in moves.packages for name in prefixes(source.module))


@dataclass(frozen=True, slots=True)
class _Forms:
    """How text may name what moves, outside of what moves itself.

    :param dotted: the last part of a name behind a dot, the two perhaps in different lines or literals.
    :param escaped: the same where the dot is written as an escape.
    :param alone: the names of one part.
    :param holding: the last parts of the packages that hold what moves.
    :param aliased: such a package (or module) under another name.
    :param given: such a package asked for by its name, so that a variable may hold it.
    :param parents: last part of a name -> those of the packages that hold it; ``b""`` for a name of one part.
    """

    dotted: re.Pattern[bytes]
    escaped: re.Pattern[bytes]
    alone: frozenset[bytes]
    holding: tuple[bytes, ...]
    aliased: re.Pattern[bytes]
    given: re.Pattern[bytes]
    parents: Mapping[bytes, frozenset[bytes]]


# What may stand between a dot and a name: blanks, line ends, comments, the quotes (and prefixes) of neighbouring
# literals.
_BETWEEN = rb"(?:[\s\\\"']|[fFrRuUtT]{1,2}(?=[\"'])|#[^\r\n]*+)"
_DOT_ESCAPED = rb"\\(?:x2[eE]|u002[eE]|U0000002[eE]|0?56|N\{(?i:full stop)\})"
_WORD_BEFORE = re.compile(rb"(\\?)([A-Za-z0-9_]+)\Z")
_QUOTES = (b'"', b"'")


@once
def _forms(moves: Moves) -> _Forms:
    """The patterns for a set of moves."""
    parents: dict[bytes, set[bytes]] = {}
    for package in moves.packages:
        package_above, _, name = package.encode().rpartition(b".")
        parents.setdefault(name, set()).add(package_above.rpartition(b".")[2])
    every = _any_of(parents) + rb"(?![\w\x80-\xff])"
    above = tuple(sorted(set().union(*parents.values()) - {b""}))
    holding = _any_of(above)
    return _Forms(
        dotted=re.compile(rb"\.%s*+(?P<name>%s)" % (_BETWEEN, every)),
        escaped=re.compile(_DOT_ESCAPED + every),
        alone=frozenset(name for name, of in parents.items() if b"" in of),
        holding=above,
        aliased=re.compile(rb"%s(?:[\s\\]|#[^\r\n]*+)++as\b" % holding),
        given=re.compile(_GIVES + rb"\s*[\[(]\s*[\"'](?:[\w.]+\.)?%s[\"'.]" % holding),
        parents={name: frozenset(above) for name, above in parents.items()},
    )


def _any_of(words: Iterable[bytes]) -> bytes:
    # The longest first: of two that begin alike, the one that is there.
    return rb"(?:%s)" % (b"|".join(map(re.escape, sorted(words, key=lambda word: (-len(word), word)))) or rb"(?!)")


def may_refer(source: SourceFile, moves: Moves) -> bool:
    """Whether the file can hold a Python reference to something that moves; never wrong about a "no".

    Outside what moves, a name that moves follows a dot, or is imported from its parent by ``from``,
    or is a top-level name, or is a string that is given to ``getattr`` or the like, with its parent.
    Before the dot stands the name of its parent, or one that the file gives to the parent by ``as``, or
    something that is no name. ``data_warehouse``, ``self.warehouse`` and ``row.warehouse_id`` are none of
    these.

    :raises UnreadableSource: if the file can't be decoded.
    """
    if source.module is None:
        return moves.may_mention(source.module, source.data)
    data, forms = source.data, _forms(moves)
    if is_home(source, moves):
        return True
    there = [name for name in forms.parents if name in data]
    if not there:
        return False
    words = [name for name in there if _is_word(data, name)]
    if words and (not forms.alone.isdisjoint(words) or _imports_from(data, forms.holding)):
        return True
    behind_a_dot = False
    for match in forms.dotted.finditer(data):
        if _may_follow(data, match, forms):
            return True
        behind_a_dot = True
    # Once for the file, which may name the product all over.
    held = [name for name in forms.holding if name in data]
    if held and behind_a_dot and (forms.aliased.search(data) or forms.given.search(data)):
        return True
    if _is_quoted(data, there):
        if b"__all__" in data and is_package_file(source.path):
            return True
        if any(_is_word(data, name) for name in held):
            if any(sign in data for sign in _BY_NAME_SIGNS) and _BY_NAME.search(data):
                return True
            if _is_handed(data, held) or _is_joined(data, there) or forms.aliased.search(data):
                return True
    return b"\\" in data and forms.escaped.search(data) is not None


def names_in_quotes(source: SourceFile, moves: Moves) -> bool:
    """Whether a name that moves begins a string of the file, which something elsewhere in it may put to use."""
    return _is_quoted(source.data, [name for name in _forms(moves).parents if name in source.data])


# A pattern that starts with what must not stand before a name is tried at every byte; finding the name
# itself is a hundred times faster, so its borders are looked at afterwards.
_WORD = frozenset(b"abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789_")
_WORD_OR_NOT_ASCII = _WORD | frozenset(range(0x80, 0x100))
_BLANK = frozenset(b" \t\n\r\f\v\\")
_IMPORT = b"import"
_SPACE = frozenset(b" \t\n\r\f\v")
_SPACE_OR_OPEN = _SPACE | frozenset(b"\\(")
_WORD_OR_DOT = _WORD | frozenset(b".")
_PREFIXES = frozenset(b"fFrRuUtT")
_OPENS = (b"(", b",")
_CLOSES = re.compile(rb"\s*[,)]")


def _is_word(data: bytes, name: bytes) -> bool:
    """Whether a name stands there as a word of its own."""
    return any(
        (not at or data[at - 1] not in _WORD_OR_NOT_ASCII) and (end == len(data) or data[end] not in _WORD_OR_NOT_ASCII)
        for at, end in _places(data, [name])
    )


def _imports_from(data: bytes, holding: tuple[bytes, ...]) -> bool:
    """Whether something is imported from one of these packages, or by dots alone."""
    for at, behind in _places(data, [_IMPORT]):
        end = _back(data, at, _BLANK)
        if behind == len(data) or data[behind] not in _WORD:
            if data.endswith(b".", 0, end):
                return True
            starts = (end - len(name) for name in holding if data.endswith(name, 0, end))
            if any(not start or data[start - 1] not in _WORD for start in starts):
                return True
    return False


def _is_quoted(data: bytes, names: Iterable[bytes]) -> bool:
    """Whether one of the names stands there as a string, or at the beginning of a longer name in one."""
    ends = *_QUOTES, b"."
    return any(before + name + behind in data for name in names for before in _QUOTES for behind in ends)


def _is_handed(data: bytes, names: Iterable[bytes]) -> bool:
    """Whether one of the names, or a longer one that ends with it, stands there as an argument."""
    for at, end in _places(data, names):
        start = _back(data, at, _WORD_OR_DOT) if data[at - 1 : at] == b"." else at
        start = _back(data, start, _SPACE)
        if data[start - 1 : start] in _OPENS and _CLOSES.match(data, end):
            return True
    return False


def _is_joined(data: bytes, names: Iterable[bytes]) -> bool:
    """Whether one of the names begins a string that is put together with others, or taken apart."""
    for at, end in _places(data, [quote + name for name in names for quote in _QUOTES]):
        if end < len(data) and data[end] in _WORD_OR_NOT_ASCII:
            continue
        start = _back(data, at, _PREFIXES)
        if data.endswith(b"+", 0, _back(data, start, _SPACE_OR_OPEN)):
            return True
        if _PUT_INTO.search(data, max(0, start - 120), start) or _TAKEN_APART.match(data, end):
            return True
    return False


def _places(data: bytes, words: Iterable[bytes]) -> Iterator[tuple[int, int]]:
    """Where one of the words stands, also as a part of a longer one: its start and its end."""
    for word in words:
        at = data.find(word)
        while at >= 0:
            yield at, at + len(word)
            at = data.find(word, at + len(word))


def _back(data: bytes, at: int, over: frozenset[int]) -> int:
    """Where what stands directly before a place begins, as far as it is one of these bytes."""
    while at and data[at - 1] in over:
        at -= 1
    return at


def _may_follow(data: bytes, match: re.Match[bytes], forms: _Forms) -> bool:
    """Whether the name behind a dot can be one that moves, by what stands before the dot."""
    before = _WORD_BEFORE.search(data, max(0, match.start() - 80), match.start())
    if before is None or before[1] or before[2] == b"from" or data[before.start() - 1 : before.start()] > b"\x7f":
        return True  # nothing, a part of an escape, a relative import, a part of a word that isn't ASCII
    if data[before.start() - 1 : before.start()] == b"%":
        return True  # a template
    # The beginning of the parent may stand in the literal before, or in the line before.
    return any(not parent or parent.endswith(before[2]) for parent in forms.parents[match["name"]])


def blocks_of(node: ast.AST) -> Iterator[Block]:
    """The statement lists directly inside a compound statement, in the order of the text."""
    for name in _BLOCKS:
        inner = getattr(node, name, None)
        if not isinstance(inner, list):
            continue
        for part in inner:
            if isinstance(part, (ast.ExceptHandler, ast.match_case)):
                yield part.body
        if inner and isinstance(inner[0], ast.stmt):
            yield inner


def import_statements(source: SourceFile, where: Mentions) -> Iterator[ast.Import | ast.ImportFrom]:
    """The import statements at any depth that touch the lines ``where``.

    :raises UnreadableSource: if the file can't be parsed.
    """
    pending: list[Block] = [source.tree.body]
    while pending:
        for statement in pending.pop():
            if not where.touch(statement):
                continue
            if isinstance(statement, (ast.Import, ast.ImportFrom)):
                yield statement
            elif not isinstance(statement, ast.Expr | ast.Assign):
                pending.extend(blocks_of(statement))

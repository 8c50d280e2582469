"""Which lines of a file mention certain words: what lets everything else be skipped.

A file refers to ``posthog.warehouse`` on a handful of its lines. Looking for the words in the bytes
first is far cheaper than walking the whole syntax tree, and never misses: a node that holds the word
has it on one of its lines.
"""

from __future__ import annotations

import ast
import bisect
import re
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass

from migration.names import is_package_file, prefixes
from migration.references import Moves, SourceFile

Block = list[ast.stmt]
# Calls that take a name as a string of its own.
_BY_NAME = re.compile(rb"attr\s*\(|\bpatch\s*\.\s*object\b|__import__|['\"]\.['\"]\s*\.\s*join\b")
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
    global _last
    if _last[0] is not source:
        _last = source, {}
    known, lines = _last[1], set[int]()
    for word in words:  # one by one: of hundreds of words a file holds a few
        if word not in known:
            known[word] = _lines_with(source, word.encode())
        lines.update(known[word])
    return Mentions(sorted(lines))


# The rewriters ask for much the same words of one file, one right after the other.
_last: tuple[SourceFile | None, dict[str, tuple[int, ...]]] = None, {}


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


def may_refer(source: SourceFile, moves: Moves) -> bool:
    """Whether the file can hold a Python reference to something that moves; never wrong about a "no".

    Outside what moves, a name that moves follows a dot, or is imported from its parent by ``from``,
    or is a top-level name, or is a string that is given to ``getattr`` or the like, with its parent.
    ``data_warehouse`` and ``self.warehouses`` are none of these.

    :raises UnreadableSource: if the file can't be decoded.
    """
    if source.module is None:
        return moves.may_mention(source.module, source.data)
    if is_home(source, moves):
        return True
    names: set[bytes] = set()
    parents = {rb"\."}
    alone: set[bytes] = set()
    for package in moves.packages:
        above, _, name = package.encode().rpartition(b".")
        (names if above else alone).add(re.escape(name))
        parents.add(rb"\b" + re.escape(above.rpartition(b".")[2]) if above else rb"\.")
    last = rb"(?:%s)(?![\w\x80-\xff])" % b"|".join(sorted(names | alone))
    forms = [rb"\.(?:[\s\\\"']|#[^\r\n]*+)*+" + last, rb"(?:%s)(?:\s|\\)*import\b" % b"|".join(sorted(parents))]
    forms += [rb"(?<![\w\x80-\xff])(?:%s)(?![\w\x80-\xff])" % b"|".join(sorted(alone))] if alone else []
    if re.search(forms[0], source.data) or (alone and re.search(forms[-1], source.data)):
        return True
    word = re.search(rb"(?<![\w\x80-\xff])" + last, source.data)
    if word is None:
        return False
    above = rb"(?<![\w\x80-\xff])(?:%s)(?![\w\x80-\xff])" % b"|".join(sorted(parents - {rb"\."}) or [rb"(?!)"])
    by_name = re.search(rb"[\"']" + last + rb"[\"']", source.data) and _BY_NAME.search(source.data)
    return bool(by_name and re.search(above, source.data)) or re.search(forms[1], source.data) is not None


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

"""The head of a file: what stands there before its first statement that is no import.

Most files refer to what moves in their imports at the top and nowhere else. Told from the bytes where
these end, and that nothing behind can be a reference, only they need to be parsed.
"""

from __future__ import annotations

import ast
import re
from collections.abc import Callable

from migration.core.moves import Moves
from migration.core.names import is_package_file
from migration.python.mentions import is_home, names_in_quotes
from migration.python.module_uses import Import, reach_further
from migration.python.source_file import SourceFile, UnreadableSource

_COMMENT = rb"[ \t]*+(?:#[^\r\n]*+)?\r?\n"
_END = rb"[ \t]*+(?:#[^\r\n]*+)?(?:\r?\n|\Z)"
# Plain forms only: one that is not understood ends the head, and what is behind it is looked at as a whole.
_HEAD = re.compile(
    rb"(?:%s)*+" % _COMMENT
    + rb"(?:[rRuU]?(?:\"\"\"(?:[^\\\"]++|\\.|\"(?!\"\"))*+\"\"\"|'''(?:[^\\']++|\\.|'(?!''))*+''')%s)?+" % _END
    + rb"(?:%s" % _COMMENT
    + rb"|from[ \t]+[\w.]++[ \t]+import[ \t]+(?:\((?:[\w\s,]++|#[^\r\n]*+)*+\)|\w[\w \t,]*+)%s" % _END
    + rb"|import[ \t]+\w[\w. \t,]*+%s)*+" % _END,
    re.DOTALL,
)


def head_of(data: bytes) -> int:
    """The offset at which the head of UTF-8 source ends, which is the start of a line or the end of the file.

    Comments, a docstring, and imports in a plain form; a star is none.
    """
    match = _HEAD.match(data)
    return match.end() if match else 0


def headed(source: SourceFile, moves: Moves, may_hold: Callable[[SourceFile, Moves], bool]) -> SourceFile:
    """The file with a syntax tree of its head alone, where nothing behind that can be a reference; else as it is.

    Nothing can if no name that moves stands there as it would in one, and no import of the head gives a name
    to something through which the rest could reach what moves.

    :param may_hold: whether a text can hold a reference of any kind, never wrong about a "no".
    :raises UnreadableSource: if the file can't be decoded.
    """
    if is_package_file(source.path) or is_home(source, moves) or not (end := head_of(source.data)):
        return source
    rest = source.behind(end)
    if names_in_quotes(rest, moves) or may_hold(rest, moves):
        return source
    head = source.only_head(end)
    try:
        tree = head.tree
    except UnreadableSource:
        return source  # what Python can't read there, LibCST may
    imports: list[Import] = [node for node in tree.body if isinstance(node, (ast.Import, ast.ImportFrom))]
    return source if reach_further(source, moves, imports) else head

"""Uses of a module through the name that an import bound: ``posthog.warehouse.util.f()``.

Which uses mean a module that moves is decided together with the import statements, in
:mod:`migration.python.module_uses`; here the attribute chain is replaced in the text.
"""

from __future__ import annotations

import re
from collections.abc import Iterator

from migration.core.moves import Moves
from migration.core.references import Reference
from migration.python.attribute_chains import dotted_name
from migration.python.module_uses import UseChange, names_of
from migration.python.source_file import SourceFile

KIND = "use"
_TOKEN = re.compile(r"[\w]+|#[^\r\n]*|\s+|\\|.", re.DOTALL)


def find(source: SourceFile, moves: Moves) -> Iterator[Reference]:
    """The attribute chains of a file that must change, or that can't be decided.

    :raises UnreadableSource: if the file can't be parsed.
    """
    for change in names_of(source, moves).uses:
        start, end = source.span(change.node)
        text = None if change.text is None else _text(source.data[start:end].decode(), change)
        reason = change.reason or ("" if text is not None else "the place of the name can't be told for sure")
        yield Reference(KIND, start, end, change.old, change.new, text, reason)


def _text(written: str, change: UseChange) -> str | None:
    """The new chain; comments between its old parts follow it. None if the place holds something else."""
    kept, words = "", []
    gap = ""
    for token in _TOKEN.findall(written):
        if token[0] == "#" or token.isspace():
            gap += token
        elif token.isidentifier():
            words.append(token)
            kept, gap = kept + (gap if "#" in gap else ""), ""
        elif token not in ".()\\":
            return None
    kept += gap if "#" in gap else ""
    return f"{change.text}{kept}" if ".".join(words) == dotted_name(change.node) else None

"""Dotted names in tracked files that are not Python: settings of tools, scripts, templates, docs.

Formats are left alone: a name is replaced where it stands, with word borders, and everything around it
stays. In documents a name is prose; in the source of another language it counts only in quotes or in a
comment, since ``posthog.warehouse`` is an expression there.
"""

from __future__ import annotations

import posixpath
import re
from collections.abc import Iterator

from migration.core.moves import Moves
from migration.core.references import PROSE, Reference, TextFile
from migration.text.code_imports import open_imports
from migration.text.dotted_names import dotted, may_name
from migration.text.passage import Passage, Place
from migration.text.text_style import is_other_language, is_prose

KIND = "text name"

_OWN_TABLE = re.compile(rb"^[ \t]*\[+[ \t]*tool\.phased-migration\b[^\n]*(?:\n(?![ \t]*\[)[^\n]*)*", re.MULTILINE)
# Sphinx asks for a module here, whatever pages there are.
_OF_A_MODULE = re.compile(
    rb"(?:^[ \t]*\.\.[ \t]+[\w:-]*::[ \t]+|:(?:py:)?(?:mod|class|func|meth|attr|data|exc|obj):`[^`]*)\Z", re.MULTILINE
)
_COMMENT = re.compile(rb"//|/\*|^\s*(?:\*|#|--|;|%)|<!--|--\s")


def may_be_in_text(text: TextFile, moves: Moves) -> bool:
    """Whether a file can hold a dotted name that moves, by its bytes; never wrong about a "no"."""
    return may_name(text.raw, moves)


def find_in_text(text: TextFile, moves: Moves) -> Iterator[Reference]:
    """The dotted names of a file that move, each rewritten or listed with the reason why it is left."""
    if not may_be_in_text(text, moves):
        return
    kind = PROSE if is_prose(text.path) else KIND
    own = [match.span() for match in _OWN_TABLE.finditer(text.raw)] if text.path.endswith(".toml") else []
    passage = Passage(text.raw, moves, kind, Place(text.path))
    for reference in (*dotted(passage), *open_imports(passage)):
        if reference.text is None:
            yield reference
        elif any(start <= reference.start < end for start, end in own):
            yield reference.left("it tells us what to move", kept=True)
        else:
            reason = _doubt(text, moves, reference)
            yield reference.left(reason) if reason else reference


def _doubt(text: TextFile, moves: Moves, reference: Reference) -> str:
    """Why a name that could be rewritten is left because of its place; ``""`` if it isn't."""
    if is_other_language(text.path) and not _is_quoted(text, reference):
        return "an expression in another language, by its looks"
    if _OF_A_MODULE.search(text.raw, max(0, reference.start - 80), reference.start):
        return ""
    directory = posixpath.dirname(text.path)
    name = re.compile(rb"[\w.]+").match(text.raw, reference.start)
    for suffix in (".rst", ".md", ".txt") if name else ():
        if posixpath.join(directory, name[0].decode().rstrip(".") + suffix) in moves.paths:  # type: ignore[index]
            return f"a {suffix} file of this name stands beside it"
    return ""


def _is_quoted(text: TextFile, reference: Reference) -> bool:
    """Whether a name stands right behind a quote, or in a comment as far as its line shows."""
    start = text.line_starts[text.line_of(reference.start) - 1]
    before = text.raw[max(start, reference.start - 1000) : reference.start]
    return before.endswith((b'"', b"'", b"`")) or _COMMENT.search(before) is not None

r"""Imports over several lines in text that holds code: doctests and the cells of notebooks (pure).

``from shop import (`` goes on behind a prompt, or quoted and with ``\n`` at its end. What is imported from keeps its
place and a name moves away from it, so that the list has to be split: it is listed.
"""

from __future__ import annotations

import re
from collections.abc import Iterator

from migration.core.moves import Moves
from migration.core.references import Reference
from migration.text.passage import Passage

_OPEN = re.compile(rb"\bfrom[ \t]+(?P<module>[A-Za-z_][\w.]*)[ \t]+import[ \t]*\((?P<names>[^()]{0,4000})\)")
_SIMPLE = re.compile(rb"[\w\s,]+")
_NAME = re.compile(r"^(?P<name>[A-Za-z_]\w*)(?:\s+as\s+\w+)?$")
# What stands around the names where a line of code is a line of a text: prompts, quotes, ends of lines, comments.
_AROUND = re.compile(r"(?:^|\n)[ \t]*(?:\.\.\.|>>>|#|\*|\$)?[ \t]*[\"']?|\\n|[\"']")
_LINES = "an import over several lines: imports names that end up in different modules"


def open_imports(passage: Passage) -> Iterator[Reference]:
    """Imports over several lines out of a package that stays, of which a name moves: listed."""
    moves = passage.moves
    for match in _OPEN.finditer(passage.data, passage.start, passage.stop):
        if _SIMPLE.fullmatch(match["names"]):
            continue  # nothing but names: another reader's
        base = match["module"].decode()
        if base not in moves.modules or moves.moves(base):
            continue  # found by its own name
        names = names_of(match["names"].decode(errors="replace"))
        moving = [name for name in names if _leaves(moves, base, name)]
        if moving:
            old = f"{base}.{moving[0]}"
            yield passage.left(match.span("module"), old, moves.new_name(old), _LINES)


def names_of(written: str) -> list[str]:
    """The names that an import statement lists, whatever the lines of the text put around them."""
    inner = _AROUND.sub("\n", written.strip("()"))
    items = (item.strip(" \t\n\\") for item in re.sub(r"#[^\n]*", "", inner).replace(",", "\n").split("\n"))
    return [match["name"] for item in items if (match := _NAME.match(item))]


def _leaves(moves: Moves, base: str, name: str) -> bool:
    full = f"{base}.{name}"
    return full in moves.modules and moves.moves(full) and name not in moves.bindings.get(base, ())

"""Imports in Cython sources (``.pyx``, ``.pxd``), which have Python's forms and ``cimport`` beside them.

Relative ones mean what they mean in Python: they are worked out from the place of the file before the move. Names
written out follow as they do in any text.
https://docs.cython.org/en/latest/src/userguide/sharing_declarations.html
"""

from __future__ import annotations

import re
from collections.abc import Iterator

from migration.core.moves import Moves
from migration.core.names import compiled_from, package_of, parent
from migration.core.references import Reference, TextFile
from migration.python.relative_imports import resolve_relative
from migration.text.code_imports import names_of

KIND = "import"

_SUFFIXES = (".pyx", ".pxd")
_RELATIVE = re.compile(
    rb"^[ \t]*from[ \t]+(?P<module>\.+[ \t]*[\w.]*)[ \t]+c?import[ \t]+(?P<names>\([^)]*\)|[^\n#;\\]*)", re.MULTILINE
)
_PARTS = "imports names that end up in different modules"


def may_be_in_text(text: TextFile, moves: Moves) -> bool:
    """Whether a file can hold such an import: it is a Cython source."""
    return text.path.endswith(_SUFFIXES)


def leads_out(path: str, moves: Moves) -> bool:
    """Whether a file may name what does not go along whatever names it holds: a source that moves itself."""
    return path.endswith(_SUFFIXES) and path in moves.files


def find_in_text(text: TextFile, moves: Moves) -> Iterator[Reference]:
    """The relative imports of a Cython source that would find nothing, or something else, after the move."""
    place = text.path
    module = _module(moves, place) if place.endswith(_SUFFIXES) else ""
    if not module:
        return
    package = package_of(compiled_from(place), module)
    here = package_of(compiled_from(moves.new_path(place)), moves.new_module(module))
    for match in _RELATIVE.finditer(text.raw):
        written = match["module"].decode().replace(" ", "")
        level = len(written) - len(written.lstrip("."))
        base = resolve_relative(package, level, written[level:] or None)
        if base is None:
            continue
        new = _new_base(moves, base, names_of(match["names"].decode(errors="replace")))
        if new is not None and resolve_relative(here, level, written[level:] or None) == new:
            continue  # means the same from the new place
        if new is None:
            yield Reference(KIND, *match.span("module"), base, moves.new_name(base), None, _PARTS)
        else:
            yield Reference(KIND, *match.span("module"), base, new, new)


def _module(moves: Moves, path: str) -> str:
    """The module of a Cython source: the longest end of its path that is the name of one; ``""`` if none is."""
    parts = path.rpartition(".")[0].removesuffix("/__init__").split("/")
    names = (".".join(parts[at:]) for at in range(len(parts)))
    return next((name for name in names if name in moves.modules), "")


def _new_base(moves: Moves, base: str, names: list[str]) -> str | None:
    """What is imported from afterwards; None where the names part ways."""
    bases = {
        parent(moves.new_name(f"{base}.{name}")) if f"{base}.{name}" in moves.modules else moves.new_name(base)
        for name in names or [""]
    }
    return bases.pop() if len(bases) == 1 else None

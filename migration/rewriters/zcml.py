"""Names in ZCML that start with a dot: ``package=".stock"``, from the package that the file lies in.

https://zopeconfiguration.readthedocs.io/en/latest/narr.html
"""

from __future__ import annotations

import posixpath
import re
from collections.abc import Iterator

from migration.core.moves import Moves
from migration.core.names import parent
from migration.core.references import Reference, TextFile

KIND = "text name"

_NAME = re.compile(rb"=[ \t\r\n]*([\"'])(?P<name>\.+[A-Za-z_][\w.]*|\.+)\1")


def is_zcml(text: TextFile, moves: Moves) -> bool:
    """Whether a file is ZCML."""
    return text.path.endswith(".zcml")


def leads_out(path: str, moves: Moves) -> bool:
    """Whether a file may name what does not go along whatever names it holds: ZCML that moves itself."""
    return path.endswith(".zcml") and path in moves.files


def find_in_text(text: TextFile, moves: Moves) -> Iterator[Reference]:
    """The relative names of a file that would mean something else after the move: written out."""
    if not is_zcml(text, moves):
        return
    package = _package(moves, text.path)
    if not package:
        return
    here = moves.new_name(package) if text.path in moves.files else package
    for match in _NAME.finditer(text.raw):
        written = match["name"].decode()
        old = _resolved(package, written)
        new = moves.new_name(old) if old else ""
        if old and moves.split(old)[0] and _resolved(here, written) != new:
            yield Reference(KIND, *match.span("name"), old, new, new)


def _package(moves: Moves, path: str) -> str:
    """The package of a file's directory: the longest end of its path that is the name of one."""
    parts = posixpath.dirname(path).split("/")
    names = (".".join(parts[at:]) for at in range(len(parts)))
    return next((name for name in names if name in moves.modules), "")


def _resolved(package: str, written: str) -> str:
    """What a relative name means: one dot is the package itself, each more the one above it."""
    name = written.lstrip(".")
    for _ in range(len(written) - len(name) - 1):
        package = parent(package)
    return ".".join(filter(None, (package, name)))

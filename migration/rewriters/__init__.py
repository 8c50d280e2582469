"""The family: one module per kind of reference, none of which knows another.

A rewriter is a module with a ``KIND`` and a pure function ``find(source, moves)``: text in, references out. All
of them work on the same :class:`~migration.python.source_file.SourceFile`, so that a file is read and parsed once.
"""

from __future__ import annotations

from collections.abc import Iterable
from typing import Protocol

from migration.core.moves import Moves
from migration.core.references import Reference, TextFile
from migration.python.source_file import SourceFile
from migration.rewriters import (
    assembled_names,
    attribute_uses,
    celery,
    dotted_strings,
    file_location,
    imports,
    modules_by_name,
    names_in_text,
    paths,
    prose,
    relative_names,
    star_imports,
    templates,
)


class Rewriter(Protocol):
    """What a module of :mod:`migration.rewriters` offers."""

    KIND: str

    def find(self, source: SourceFile, moves: Moves) -> Iterable[Reference]:
        """The references of this kind in one file, in no particular order, spans not overlapping.

        :raises UnreadableSource: if the file can't be parsed.
        """


class TextRewriter(Protocol):
    """What a rewriter offers that looks into files which are not Python."""

    KIND: str

    def find_in_text(self, text: TextFile, moves: Moves) -> Iterable[Reference]:
        """The references of this kind in one file, in no particular order, spans not overlapping."""


REWRITERS: tuple[Rewriter, ...] = (
    *(imports, attribute_uses, star_imports, dotted_strings, relative_names, assembled_names, modules_by_name, celery),
    *(paths, prose, templates, file_location),
)
TEXT_REWRITERS: tuple[TextRewriter, ...] = (paths, names_in_text, templates)

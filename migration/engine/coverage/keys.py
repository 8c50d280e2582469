"""Entries that stand under keys of configuration files, for the consumers (pure)."""

from __future__ import annotations

import posixpath
from collections.abc import Iterator, Sequence

from migration.engine.coverage.documents import Split, entries
from migration.engine.coverage.patterns import Directory, Modules, Pattern
from migration.engine.coverage.spots import Spot
from migration.engine.coverage.values import Context


def listed(path: str, text: str, places: Sequence[str], split: Split = "item") -> Iterator[tuple[str, Spot]]:
    """What stands under some keys, each with its place.

    :param places: ``FILE:KEY``, e.g. ``setup.cfg:tool:pytest.testpaths``; those of other files are passed over.
    :raises ValueError: if the file can't be parsed.
    """
    for _, text_and_spot in starred(path, text, places, split):
        yield text_and_spot


def starred(
    path: str, text: str, places: Sequence[str], split: Split = "item"
) -> Iterator[tuple[tuple[str, ...], tuple[str, Spot]]]:
    """The same, with the keys that stars of a place stood for.

    :raises ValueError: if the file can't be parsed.
    """
    name = posixpath.basename(path)
    for place in places:
        file, _, key = place.partition(":")
        if file == name:
            yield from entries(path, text, key.split("."), split)


def directory_of(path: str) -> str:
    """The directory of a file; ``"."`` at the top of the repo."""
    return posixpath.dirname(path) or "."


def path_or_package(word: str, base: str, context: Context) -> Pattern:
    """A directory, or else the name of a package."""
    at = Directory(word, base)
    is_path = "/" in word or (at.target in context.directories and f"{at.target}/__init__.py" not in context.files)
    return at if is_path or not all(part.isidentifier() for part in word.split(".")) else Modules(word, context.roots)

"""Entries of git's index and trees."""

from __future__ import annotations

from typing import NamedTuple

SUBMODULE = "160000"


SYMLINK = "120000"


class IndexEntry(NamedTuple):
    """A tracked file as the index has it: octal mode and object id."""

    mode: str
    oid: str

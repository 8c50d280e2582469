"""The tracked files of the repo as a value: before, between and after the phases."""

from __future__ import annotations

import os
from collections.abc import Iterator, Mapping
from functools import cached_property
from pathlib import Path

from migration.core.changes import ChangeSet
from migration.core.names import directories_of, is_under
from migration.repo.git.entries import SUBMODULE, SYMLINK


class Tree:
    """The tracked files of one state of the repo; contents are read when they are asked for.

    :param root: the repo on disk.
    :param modes: path -> octal git mode.
    :param contents: path -> what the file holds in this state, where that differs from the disk:
        its bytes, or the path on disk that holds them.
    """

    def __init__(
        self, root: Path, modes: Mapping[str, str], contents: Mapping[str, bytes | str] | None = None
    ) -> None:
        self.root = root
        self.modes = dict(sorted(modes.items()))
        self._contents = dict(contents or {})
        self.indexes: dict[tuple[str, ...], dict[str, bool]] = {}

    def __contains__(self, path: object) -> bool:
        return path in self.modes

    def __iter__(self) -> Iterator[str]:
        return iter(self.modes)

    def __len__(self) -> int:
        return len(self.modes)

    def read(self, path: str) -> bytes:
        """The bytes of a file; of a symbolic link, where it points."""
        content = self._contents.get(path, path)
        if isinstance(content, bytes):
            return content
        full = f"{self.root}/{content}"  # joining Paths takes as long as reading
        if self.modes.get(path) == SYMLINK:
            return os.fsencode(os.readlink(full))
        with open(full, "rb") as stream:
            return stream.read()

    def is_regular(self, path: str) -> bool:
        """Whether the path is a plain file: no symbolic link, no submodule."""
        return self.modes[path] not in (SYMLINK, SUBMODULE)

    def under(self, directory: str) -> list[str]:
        """The files below a directory, sorted."""
        return [path for path in self.modes if is_under(path, directory)]

    @cached_property
    def directories(self) -> frozenset[str]:
        """Every directory that holds a tracked file, at any depth; the repo itself is ``"."``."""
        return frozenset({".", *directories_of(self.modes)})

    def changed(self, changes: ChangeSet) -> Tree:
        """This tree after ``changes``; the disk stays as it is."""
        modes, contents = dict(self.modes), dict(self._contents)
        moved = {rename.source: (modes.pop(rename.source), contents.pop(rename.source, rename.source))
                 for rename in changes.renames}
        for path in changes.removes:
            modes.pop(path, None)
            contents.pop(path, None)
        for rename in changes.renames:
            modes[rename.target], contents[rename.target] = moved[rename.source]
        for write in changes.writes:
            modes[write.path] = write.mode if write.create else modes[write.path]
            contents[write.path] = write.data
        return Tree(self.root, modes, contents)

"""The tree of what moves, before and after, as folders that hold folders and files."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Folder:
    """A directory.

    :param name: its name; folders that hold one folder and nothing else are one, ``posthog/warehouse``.
    :param folders: those in it, by name.
    :param files: (name, mark) of those in it, by name.
    :param count: how many files lie in it, at any depth.
    """

    name: str
    folders: tuple[Folder, ...]
    files: tuple[tuple[str, str], ...]
    count: int


def folder_of(paths: Mapping[str, str], name: str = "") -> Folder:
    """The tree of some files.

    :param paths: path, with ``/`` -> a mark that is shown beside the file, ``""`` for none.
    """
    below: dict[str, dict[str, str]] = {}
    files = []
    for path, mark in sorted(paths.items()):
        first, slash, rest = path.partition("/")
        if slash:
            below.setdefault(first, {})[rest] = mark
        else:
            files.append((first, mark))
    folders = tuple(_joined(folder_of(inner, first)) for first, inner in below.items())
    return Folder(name, folders, tuple(files), len(files) + sum(folder.count for folder in folders))


def _joined(folder: Folder) -> Folder:
    """A folder and the only thing in it, where that is a folder, as one."""
    if folder.files or len(folder.folders) != 1:
        return folder
    (inner,) = folder.folders
    return Folder(f"{folder.name}/{inner.name}", inner.folders, inner.files, inner.count)

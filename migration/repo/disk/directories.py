"""Directories of the checkout: what is missing in them, whether a path leaves them, and taking away empty ones."""

from __future__ import annotations

import os
import stat
from collections.abc import Iterable
from pathlib import Path

from migration.core.errors import GitError
from migration.repo.disk.atomic_write import TEMPORARY

# What may be thrown away with the directory it lies in: made again by the next run of its tool.
REGENERABLE = frozenset({"__pycache__", ".mypy_cache", ".pytest_cache", ".ruff_cache", ".DS_Store"})


def missing(root: Path, paths: Iterable[str]) -> list[str]:
    """Those of ``paths`` (relative to ``root``) where there is nothing, not even a broken link.

    A directory is read once for all that should be in it.
    """
    found: list[str] = []
    there: dict[str, frozenset[str]] = {}
    for path in paths:
        directory, _, name = path.rpartition("/")
        if directory not in there:
            try:
                there[directory] = frozenset(os.listdir(f"{root}/{directory}"))
            except OSError:
                there[directory] = frozenset()
        # Some file systems take several spellings for one name, and not every directory can be listed.
        if name not in there[directory] and not os.path.lexists(f"{root}/{path}"):
            found.append(path)
    return found


def check_inside(root: Path, path: str) -> None:
    """Make sure that writing ``root/path`` stays in ``root``: no parent is a link, a file, or another checkout.

    :raises GitError: naming the parent that leads elsewhere.
    """
    top = f"{root}/"  # joining Paths takes five times as long as asking the disk
    for directory in (path[:end] for end, char in enumerate(path) if char == "/"):
        try:
            found = os.lstat(top + directory).st_mode
        except FileNotFoundError:
            return
        if stat.S_ISDIR(found) and not os.path.lexists(f"{top}{directory}/.git"):
            continue
        kind = "a file"
        if stat.S_ISLNK(found):
            kind = "a symbolic link, and the file would be written through it"
        elif stat.S_ISDIR(found):
            kind = "a git repository of its own (a submodule?)"
        raise GitError(
            f"{path}: {directory} is {kind}",
            "choose a target that is a real directory of the repo",
        )


def remove_empty(root: Path, directory: Path) -> None:
    """Remove ``directory`` and its parents below ``root`` while they hold nothing but caches."""
    while directory != root and root in directory.parents:
        try:
            names = {entry.name for entry in os.scandir(directory)}
        except FileNotFoundError:
            directory = directory.parent
            continue
        except NotADirectoryError:
            return
        if directory.is_symlink() or not all(_regenerable(name) for name in names):
            return
        for name in names:
            _remove(directory / name)
        directory.rmdir()
        directory = directory.parent


def _regenerable(name: str) -> bool:
    return name in REGENERABLE or name.endswith((".pyc", TEMPORARY))


def _remove(path: Path) -> None:
    if path.is_dir() and not path.is_symlink():
        for child in path.iterdir():
            _remove(child)
        path.rmdir()
    else:
        path.unlink()

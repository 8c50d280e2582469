"""Writing files so that a reader sees the old content or the new one, never half of it."""

from __future__ import annotations

import os
import stat
from pathlib import Path

from migration.errors import GitError

# What may be thrown away with the directory it lies in: made again by the next run of its tool.
REGENERABLE = frozenset({"__pycache__", ".mypy_cache", ".pytest_cache", ".ruff_cache", ".DS_Store"})
TEMPORARY = ".phased-migration-tmp"


def write_atomically(path: Path, data: bytes, mode: int | None = None) -> None:
    """Write a temporary file next to ``path``, flush it to disk, and rename it over ``path``.

    :param mode: permission bits; None keeps those of the file that is there, or the usual ones.
    """
    path.parent.mkdir(parents=True, exist_ok=True)
    temporary = path.with_name(f".{path.name[:200]}{TEMPORARY}")
    if mode is None and path.exists():
        mode = stat.S_IMODE(path.stat().st_mode)
    try:
        with temporary.open("wb") as stream:
            stream.write(data)
            stream.flush()
            os.fsync(stream.fileno())
        if mode is not None:
            temporary.chmod(mode)
        temporary.replace(path)
    except BaseException:
        temporary.unlink(missing_ok=True)
        raise


def check_inside(root: Path, path: str) -> None:
    """Make sure that writing ``root/path`` stays in ``root``: no parent is a link or a file.

    :raises GitError: naming the parent that leads elsewhere.
    """
    directory = root
    for part in path.split("/")[:-1]:
        directory = directory / part
        if directory.is_symlink():
            raise GitError(
                f"{path}: {directory.relative_to(root)} is a symbolic link, and the file would be written through it",
                "choose a target that is a real directory of the repo",
            )
        if directory.exists() and not directory.is_dir():
            raise GitError(f"{path}: {directory.relative_to(root)} is a file", "choose another target in moves.yml")


def remove_empty(root: Path, directory: Path) -> None:
    """Remove ``directory`` and its parents below ``root`` while they hold nothing but caches."""
    while directory != root and root in directory.parents:
        try:
            names = {entry.name for entry in os.scandir(directory)}
        except FileNotFoundError:
            names = set()
        except NotADirectoryError:
            return
        if not names <= REGENERABLE and not all(name in REGENERABLE or name.endswith(".pyc") for name in names):
            return
        for name in names:
            _remove(directory / name)
        if directory.exists():
            directory.rmdir()
        directory = directory.parent


def _remove(path: Path) -> None:
    if path.is_dir() and not path.is_symlink():
        for child in path.iterdir():
            _remove(child)
        path.rmdir()
    else:
        path.unlink()

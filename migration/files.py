"""Writing files so that a reader sees the old content or the new one, never half of it."""

from __future__ import annotations

import hashlib
import os
import stat
from pathlib import Path

from migration.errors import GitError

# What may be thrown away with the directory it lies in: made again by the next run of its tool.
REGENERABLE = frozenset({"__pycache__", ".mypy_cache", ".pytest_cache", ".ruff_cache", ".DS_Store"})
TEMPORARY = ".phased-migration-tmp"


def temporary_for(path: Path) -> Path:
    """The temporary name next to ``path``: always the same, so that what a death left is found."""
    name = path.name
    if len(os.fsencode(name)) > 200:  # a name may hold 255 bytes
        name = hashlib.sha256(os.fsencode(name)).hexdigest()
    return path.with_name(f".{name}{TEMPORARY}")


def write_atomically(path: Path, data: bytes, mode: int | None = None) -> None:
    """Write a temporary file next to ``path``, flush it to disk, and rename it over ``path``.

    A symbolic link at ``path`` is replaced, not followed.

    :param mode: permission bits; None keeps those of the file that is there, or the usual ones.
    """
    path.parent.mkdir(parents=True, exist_ok=True)
    temporary = temporary_for(path)
    if mode is None and path.exists() and not path.is_symlink():
        mode = stat.S_IMODE(path.stat().st_mode)
    temporary.unlink(missing_ok=True)
    try:
        with temporary.open("xb") as stream:
            stream.write(data)
            stream.flush()
            os.fsync(stream.fileno())
        if mode is not None:
            temporary.chmod(mode)
        temporary.replace(path)
    except BaseException:
        temporary.unlink(missing_ok=True)
        raise


def usual_mode(executable: bool) -> int:
    """The permission bits that a new file gets from this process."""
    mask = os.umask(0)
    os.umask(mask)
    return (0o777 if executable else 0o666) & ~mask


def check_inside(root: Path, path: str) -> None:
    """Make sure that writing ``root/path`` stays in ``root``: no parent is a link, a file, or another checkout.

    :raises GitError: naming the parent that leads elsewhere.
    """
    directory = root
    for part in path.split("/")[:-1]:
        directory = directory / part
        try:
            found = directory.lstat().st_mode
        except FileNotFoundError:
            return
        if stat.S_ISDIR(found) and not os.path.lexists(directory / ".git"):
            continue
        kind = "a file"
        if stat.S_ISLNK(found):
            kind = "a symbolic link, and the file would be written through it"
        elif stat.S_ISDIR(found):
            kind = "a git repository of its own (a submodule?)"
        raise GitError(
            f"{path}: {directory.relative_to(root)} is {kind}",
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

"""Writing files so that a reader sees the old content or the new one, never half of it."""

from __future__ import annotations

import contextlib
import hashlib
import os
import stat
from collections.abc import Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

from migration import interrupts
from migration.errors import GitError

# What may be thrown away with the directory it lies in: made again by the next run of its tool.
REGENERABLE = frozenset({"__pycache__", ".mypy_cache", ".pytest_cache", ".ruff_cache", ".DS_Store"})
TEMPORARY = ".phased-migration-tmp"
_OPEN_AT_ONCE = 64  # a process may often have no more than 256 files open


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
    write_all_atomically([(path, data, mode)])


def write_all_atomically(writes: Sequence[tuple[Path, bytes, int | None]]) -> None:
    """The same for many files, which share their ways to the disk: (path, data, mode) of each."""
    for first in range(0, len(writes), _OPEN_AT_ONCE):
        with contextlib.ExitStack() as stack:
            _write_together(writes[first : first + _OPEN_AT_ONCE], stack)


def write_or_leave(contents: Mapping[Path, bytes]) -> None:
    """Write some files that are there: all of them, or where the file system refuses none.

    :raises OSError: if it refuses; what was written by then is put back.
    """
    before = {path: path.read_bytes() for path in contents}
    with interrupts.held():
        try:
            write_all_atomically([(path, data, None) for path, data in contents.items()])
        except OSError:
            write_all_atomically([(path, was, None) for path, was in before.items() if path.read_bytes() != was])
            raise


def _write_together(writes: Sequence[tuple[Path, bytes, int | None]], stack: contextlib.ExitStack) -> None:
    """Write some files; none takes its place before all have reached the disk."""
    temporaries: list[tuple[Path, Path]] = []
    try:
        streams = []
        for path, data, mode in writes:
            path.parent.mkdir(parents=True, exist_ok=True)
            temporary = temporary_for(path)
            if mode is None and path.exists() and not path.is_symlink():
                mode = stat.S_IMODE(path.stat().st_mode)
            temporary.unlink(missing_ok=True)
            temporaries.append((temporary, path))
            streams.append(stack.enter_context(temporary.open("xb")))
            streams[-1].write(data)
            streams[-1].flush()
            if mode is not None:
                temporary.chmod(mode)
        _sync([stream.fileno() for stream in streams])
        for temporary, path in temporaries:
            temporary.replace(path)
    except BaseException:
        for temporary, _ in temporaries:
            temporary.unlink(missing_ok=True)
        raise


def _sync(descriptors: Sequence[int]) -> None:
    """Wait until files are on disk; the file system does those that are asked for at one time in one go."""
    if len(descriptors) == 1:
        os.fsync(descriptors[0])
        return
    with ThreadPoolExecutor(min(8, len(descriptors))) as pool:
        list(pool.map(os.fsync, descriptors))


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

"""Writing files so that a reader sees the old content or the new one, never half of it."""

from __future__ import annotations

import contextlib
import hashlib
import os
import resource
import stat
from collections.abc import Iterable, Mapping, Sequence
from pathlib import Path
from typing import BinaryIO

from migration.core.beside import all_together
from migration.repo.disk import uninterrupted

TEMPORARY = ".phased-migration-tmp"
# A process may often have no more than 256 files open; where it may have more, more share a way to the disk.
_OPEN_AT_ONCE = max(64, min(512, resource.getrlimit(resource.RLIMIT_NOFILE)[0] // 4))


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
    with uninterrupted.held():
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
            bits = _mode_of(path) if mode is None else mode
            temporary = temporary_for(path)
            temporaries.append((temporary, path))
            streams.append(stack.enter_context(_new(temporary)))
            streams[-1].write(data)
            streams[-1].flush()
            if bits is not None:
                temporary.chmod(bits)
        _sync([stream.fileno() for stream in streams])
        for temporary, path in temporaries:
            temporary.replace(path)
    except BaseException:
        for temporary, _ in temporaries:
            temporary.unlink(missing_ok=True)
        raise


def _mode_of(path: Path) -> int | None:
    """The permission bits of a file; None where there is none, or a symbolic link."""
    try:
        found = path.lstat().st_mode
    except (FileNotFoundError, NotADirectoryError):
        return None
    return None if stat.S_ISLNK(found) else stat.S_IMODE(found)


def _new(path: Path) -> BinaryIO:
    """A new file, open for writing: its directory is made, and what a death has left there goes."""
    try:
        return path.open("xb")
    except FileNotFoundError:
        path.parent.mkdir(parents=True, exist_ok=True)
    except FileExistsError:
        path.unlink()
    return path.open("xb")


def remove_temporaries(root: Path, paths: Iterable[str]) -> None:
    """Remove what a death has left of a write to these paths, relative to ``root``.

    :raises OSError: if the file system refuses.
    """
    inside: dict[str, list[str]] = {}
    for path in paths:
        inside.setdefault(path.rpartition("/")[0], []).append(path)
    for directory, those in inside.items():
        try:
            left = {name for name in os.listdir(f"{root}/{directory}") if name.endswith(TEMPORARY)}
        except (FileNotFoundError, NotADirectoryError):
            continue
        for temporary in (temporary_for(root / path) for path in those if left):
            if temporary.name in left:
                temporary.unlink(missing_ok=True)


def _sync(descriptors: Sequence[int]) -> None:
    """Wait until files are on disk; the file system does those that are asked for at one time in one go."""
    all_together(os.fsync, descriptors, 8)


def usual_mode(executable: bool) -> int:
    """The permission bits that a new file gets from this process."""
    mask = os.umask(0)
    os.umask(mask)
    return (0o777 if executable else 0o666) & ~mask

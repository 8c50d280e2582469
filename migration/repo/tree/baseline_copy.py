"""The code as it was before the move, in a directory of its own for as long as something runs it.

It holds what git tracks. A monolith that needs more to start (a ``.env``, local settings) names these
files in its ``pyproject.toml``; what is not there can't be guessed, since whatever else lies around may
be data.
"""

from __future__ import annotations

import os
import shutil
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from pathlib import Path

from migration.core.errors import PhaseError
from migration.core.names import path_problem
from migration.repo.git.entries import SUBMODULE, SYMLINK
from migration.repo.tree.tool_settings import settings_of
from migration.repo.tree.tree import Tree

LOCAL = "[tool.phased-migration] local"


def local_files(tree: Tree) -> tuple[str, ...]:
    """The untracked files that the repo's ``pyproject.toml`` names, relative to the repo.

    :raises PhaseError: if the list can't be used.
    """
    found = settings_of(tree).get("local", [])
    if not isinstance(found, list) or not all(isinstance(path, str) and not path_problem(path) for path in found):
        raise PhaseError(f"pyproject.toml: {LOCAL} is no list of paths in the repo", 'write local = [".env"]')
    return tuple(found)


def write_tree(tree: Tree, directory: Path, local: Iterable[str] = ()) -> None:
    """Write every file and link of a tree; submodules stay empty.

    :param local: untracked files to copy too, relative to the repo.
    :raises PhaseError: if one of these is not there.
    """
    for path, mode in tree.modes.items():
        target = directory / path
        target.parent.mkdir(parents=True, exist_ok=True)
        if mode == SYMLINK:
            target.symlink_to(os.fsdecode(tree.read(path)))
        elif mode != SUBMODULE:
            target.write_bytes(tree.read(path))
            target.chmod(0o755 if mode == "100755" else 0o644)
    for path in local:
        target = directory / path
        target.parent.mkdir(parents=True, exist_ok=True)
        try:
            shutil.copy(tree.root / path, target)
        except OSError as error:
            raise PhaseError(f"{path} can't be read: {error.strerror}", f"see {LOCAL} in pyproject.toml") from error


@contextmanager
def baseline_copy(tree: Tree, directory: Path, local: Iterable[str] = ()) -> Iterator[Path]:
    """A copy of the tracked files at ``directory``, removed at the end; one that a death left is replaced.

    :param tree: the tree before the move.
    :param local: untracked files to copy too, relative to the repo.
    :raises PhaseError: if one of these is not there.
    """
    shutil.rmtree(directory, ignore_errors=True)
    try:
        write_tree(tree, directory, local)
        yield directory
    finally:
        shutil.rmtree(directory, ignore_errors=True)

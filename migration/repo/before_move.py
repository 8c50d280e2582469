"""Which commits a move was made from, told from git's history alone: where its record is not at hand.

A fresh clone has none, nor has a branch that a colleague has moved, or one whose commits were made anew
(squashed, rebased, picked). The commits know: in the first one after the move the files are at their new
places, in those before it at the old ones.
"""

from __future__ import annotations

import os
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass

from migration.repo.git.git import Git
from migration.repo.master_changes import is_before

_SAMPLE = 40


def has_moved(renames: Mapping[str, str], there: Iterable[str]) -> bool:
    """Whether more files of a move are at their new places than at their old ones.

    :param there: the paths that are there.
    """
    paths = set(there)
    apart = [(old, new) for old, new in renames.items() if (old in paths) != (new in paths)]
    return sum(new in paths for _, new in apart) > sum(old in paths for old, _ in apart)


def learnt_renames(git: Git, places: Sequence[str], there: Iterable[str]) -> dict[str, str]:
    """Where the files below some directories went, as git finds renames in the commits that took them away.

    :param places: directories and files, relative to the root, as they were before the move.
    :param there: the paths that are there now; what went elsewhere since is left out.
    """
    how = ["-M", "-l0", "--diff-filter=R", "--name-status", "-z", "--relative"]
    specs = [f":(literal){place}" for place in places]
    said = git.run("log", "--format=", "--full-diff", *how, "HEAD", "--", *specs)
    said += git.run("diff-index", "--cached", *how, "HEAD")  # what is not committed yet
    fields = os.fsdecode(said).replace("\n", "").split("\0")
    paths, found = set(there), dict[str, str]()
    for old, new in zip(fields[1::3], fields[2::3], strict=False):
        if _is_below(old, places) and new in paths and not _is_below(new, places):
            found.setdefault(old, new)
    return found


def last_message(git: Git, words: str) -> str:
    """The message of the last commit that says something, on the way to what is checked out; ``""`` without one."""
    if not git.heads():
        return ""
    said = git.run("log", "-1", "--format=%B", "--fixed-strings", f"--grep={words}", "HEAD")
    return said.decode(errors="replace")


def _is_below(path: str, places: Iterable[str]) -> bool:
    return any(path == place or path.startswith(f"{place}/") for place in places)


@dataclass(frozen=True)
class Stage:
    """A state of master that the tool may have run on last.

    :param base: the commits from before the move.
    :param tip: the last commit of the move that stands on these and on nothing newer; ``""`` for what is on disk
        (but for a merge that is not committed yet, after which nothing has run).
    """

    base: tuple[str, ...]
    tip: str


def stages(git: Git, renames: Mapping[str, str]) -> list[Stage]:
    """What the move was made from, and what was merged into it since, the newest first.

    Where what is checked out does not have the move, this is not committed yet: then it is that commit itself. None
    where history does not tell.
    """
    heads = git.heads()[:1]
    if not heads:
        return []
    pairs = [*renames.items()][:: len(renames) // _SAMPLE + 1]
    graph = git.history_of(heads[0], [path for pair in pairs for path in pair if "\n" not in path])
    before = is_before(git, [heads[0], *graph], renames)
    if before[heads[0]]:
        return [Stage(heads, "")]
    merged: list[tuple[list[str], str]] = []  # what came from before the move, and the tip then, back to the beginning
    commit, tip = next(iter(graph), ""), heads[0] if git.merging() else ""
    while commit:
        parents = git.parents(commit) if len(graph[commit]) > 1 else ()
        old = is_before(git, parents, renames)
        if any(old.values()):
            merged.append(([one for one in parents if old[one]], tip))
            tip = next((one for one in parents if not old[one]), tip)
        later = [one for one in graph[commit] if not before.get(one, True)]
        if not later:
            merged.append(([*git.parents(commit)], tip))
        commit = next(iter(later), "")
    found = dict[tuple[str, ...], str]()
    for at, (_, tip) in enumerate(merged):
        found.setdefault(git.independent([one for some, _ in merged[at:] for one in some]), tip)
    return [Stage(base, tip) for base, tip in found.items() if base]

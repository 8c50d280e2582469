"""What happened on master, as git's history tells: where the files before the move come from now.

A commit that still has the product at its old place is one from before the move. Of those that lead
to what is checked out, the last ones hold the files that a fresh run would start from: master's, once
it has been merged or rebased onto; the one checked out, while the move is not committed.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from types import MappingProxyType

from migration.repo.git.entries import IndexEntry
from migration.repo.git.git import Git

_SAMPLE = 40

Files = Mapping[str, IndexEntry]
Known = Mapping[str, Collection[str]]
_NOTHING: Known = MappingProxyType({})


@dataclass(frozen=True)
class News:
    """What is new since the files before the move were last looked at.

    :param base: the commits that they are from now.
    :param changes: path -> the file in the commits before and now; None where there is none.
    :param renamed: what git takes for renames: path -> path.
    :param files: every file of ``base``; empty where nothing has changed.
    """

    base: tuple[str, ...] = ()
    changes: Mapping[str, tuple[IndexEntry | None, IndexEntry | None]] = field(default_factory=dict)
    renamed: Mapping[str, str] = field(default_factory=dict)
    files: Files = field(default_factory=dict)


def news(
    git: Git, base: tuple[str, ...], renames: Mapping[str, str], created: Sequence[str], known: Known = _NOTHING
) -> News:
    """What has changed since ``base``.

    :param renames: the files that move, by which a commit from before the move is told from others.
    :param created: the files that were created for them, likewise.
    :param known: what each file held in our hands (blob ids), likewise where all change places.
    """
    now = last_before(git, base, renames, created, known)
    if set(now) == set(base):
        return News(base)
    before, after = files_in(git, base), files_in(git, now)
    if before is None or after is None:
        return News(now)  # the commit is gone, or nothing can be said: only the files on disk count
    changes = {
        path: (before.get(path), after.get(path))
        for path in sorted({*before, *after})
        if before.get(path) != after.get(path)
    }
    renamed: dict[str, str] = {}
    for commit in now if changes else ():
        if commit not in base and (start := git.fork(commit, base)):
            renamed |= git.renamed(start, commit)
    return News(now, changes, {old: new for old, new in renamed.items() if old in changes and new in changes}, after)


def last_before(
    git: Git, base: tuple[str, ...], renames: Mapping[str, str], created: Sequence[str], known: Known = _NOTHING
) -> tuple[str, ...]:
    """The last commits from before the move that lead to what is checked out, sorted."""
    heads = git.heads()
    if not heads or set(heads) == set(base):
        return base
    parents = git.history(heads, base)
    commits = list(dict.fromkeys((*heads, *parents)))
    before = _decided(_from_before(git, commits, renames, created, known), parents)
    found, seen, pending = set(), set[str](), list(heads)
    while pending:
        commit = pending.pop()
        if commit in seen:
            continue
        seen.add(commit)
        if before[commit]:
            found.add(commit)
        elif parents.get(commit):
            pending += parents[commit]
        else:
            found.update(base)  # as far back as was looked at last time
    return git.independent(sorted(found))


def is_before(git: Git, commits: Iterable[str], renames: Mapping[str, str]) -> dict[str, bool]:
    """Whether more files are at their old places than at their new ones, by commit."""
    found = _from_before(git, dict.fromkeys(commits), renames, (), _NOTHING)
    return {commit: bool(said) for commit, said in found.items()}


def _from_before(
    git: Git, commits: Iterable[str], renames: Mapping[str, str], created: Sequence[str], known: Known
) -> dict[str, bool | None]:
    """Whether most of the files are at their old places and few of those that we create are there, by commit.

    Where all places are taken before and after, what is there tells: None where that isn't known either.
    """
    pairs = [pair for pair in _ends(renames) if "\n" not in "".join(pair)]
    pairs = pairs[:: len(pairs) // _SAMPLE + 1]
    ring = [] if pairs else [path for path in renames if path in known and "\n" not in path][:_SAMPLE]
    back = {new: old for old, new in renames.items()}
    made = [path for path in created if path not in renames and "\n" not in path][:_SAMPLE]
    there = git.holds(commits, [*(path for pair in pairs for path in pair), *made, *ring])
    found: dict[str, bool | None] = {}
    for commit, holds in there.items():
        moves, ours = holds[: 2 * len(pairs)], holds[2 * len(pairs) : 2 * len(pairs) + len(made)]
        at_old, at_new = sum(map(bool, moves[::2])), sum(map(bool, moves[1::2]))
        found[commit] = at_old >= at_new and 2 * sum(map(bool, ours)) <= len(ours)
        if ring:
            held = dict(zip(ring, holds[-len(ring) :], strict=True))
            stayed = sum(oid in known[path] for path, oid in held.items())
            came = sum(oid in known.get(back[path], ()) for path, oid in held.items())
            found[commit] = None if stayed == came else stayed > came
    return found


def _ends(renames: Mapping[str, str]) -> Iterator[tuple[str, str]]:
    """Where files go from that nothing comes to, each with the place that is taken for it, perhaps by way of others."""
    targets = set(renames.values())
    for old in renames:
        new = renames[old]
        while old not in targets and new in renames:
            new = renames[new]
        if old not in targets:
            yield old, new


def _decided(before: Mapping[str, bool | None], parents: Mapping[str, tuple[str, ...]]) -> dict[str, bool]:
    """The same, with commits that say nothing taken for what those before them are."""
    found: dict[str, bool] = {}
    for commit in reversed(list(before)):  # parents come after their children
        said = before[commit]
        found[commit] = all(found.get(one, True) for one in parents.get(commit, ())) if said is None else said
    return found


def files_in(git: Git, commits: tuple[str, ...]) -> Files | None:
    """The files of one commit, or of several taken together: each as the one that changed it has it.

    Where several did, the merge of the two is on disk, and nothing is said here.
    """
    if not commits:
        return None
    first, *others = (git.files_of(commit) for commit in commits)
    if not others or first is None:
        return first
    common = git.common(commits)
    start = git.files_of(common) if common else None
    if start is None:
        return None
    merged = dict(start)
    changed: dict[str, set[IndexEntry | None]] = {}
    for files in (first, *others):
        if files is None:
            return None
        for path in {*start, *files}:
            if files.get(path) != start.get(path):
                changed.setdefault(path, set()).add(files.get(path))
    for path, entries in changed.items():
        entry = entries.pop()
        if not entries and entry is None:
            del merged[path]
        elif not entries and entry is not None:
            merged[path] = entry
    return merged

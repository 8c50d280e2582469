"""The move as commits that people can review: pure renames first, then what was changed, step by step.

Each step is a state that the ledger knows; disk and index are brought there and git commits it, with
the repo's own hooks and author. Killed in between, the next call goes on behind the last commit.
What a later run changes becomes commits of its own: none that people may have built upon is amended.
"""

from __future__ import annotations

import re
import tempfile
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path

from migration.apply import Workspace
from migration.errors import GitError, PhaseError
from migration.files import write_atomically
from migration.git import Git
from migration.ledger import Ledger, State
from migration.plan import Plan

IGNORE_REVS = ".git-blame-ignore-revs"
_STEPS = (
    # name, the phase before which the tree is so, what the commit says
    ("renames", "", "pure renames"),
    ("structure", "update_imports", "packages, AppConfig and settings entry"),
    ("references", "prepare_models", "references"),
    ("models", "generate_migrations", "models keep their tables, relations their targets"),
    ("migrations", None, "state-only migrations"),
)
_WRITERS = {
    "prepare_structure": "structure", "move_files": "renames", "update_imports": "references",
    "prepare_models": "models", "generate_migrations": "migrations",
}

States = Mapping[str, State | None]
Owners = Callable[[str], tuple[str, ...]]


@dataclass(frozen=True, slots=True)
class Commit:
    """A commit that was made: what it holds in a word, its id, its first line, its number of files."""

    step: str
    oid: str
    subject: str
    files: int


@dataclass(frozen=True, slots=True)
class Step:
    """A commit to be made: these paths as they are in ``states``."""

    name: str
    what: str
    states: States
    paths: tuple[str, ...]


def branch_of(product: str) -> str:
    """The branch on which the commits of a product's move are made."""
    return f"move/{product}"


def commit(workspace: Workspace, plan: Plan, owners: Owners | None = None) -> list[Commit]:
    """Commit what the phases did, on the branch ``move/<product>``; nothing is committed twice.

    :param owners: path -> its teams: the rewrites are committed team by team then, and each team's
        commit gets a branch ``move-<product>/<team>`` of its own, on top of the renames and the structure.
    :raises PhaseError: if a phase has not done its work yet.
    :raises GitError: if something else is staged, the branch is in the way, or git (or a hook) refuses.
        What was committed until then stays, and the next call goes on behind it.
    """
    git, ledger = workspace.git, workspace.ledger
    if "generate_migrations" not in ledger.phases and "move_files" not in ledger.phases:
        raise PhaseError("nothing has moved yet, so there is nothing to commit", f"run doit product={plan.product}")
    _refuse_foreign(git, ledger)
    if owners:
        _refuse_branches(git, plan.product)
    _switch(git, branch_of(plan.product))
    made: list[Commit] = []
    try:
        for step in _missing(workspace, ledger, plan, owners):
            workspace.checkout.realise(ledger, step.states)
            if done := _commit(git, plan, step):
                made.append(done)
    finally:
        workspace.settle()
    made += _ignore_in_blame(git, plan, made)
    if owners:
        _team_branches(git, plan, made)
    return made


def _refuse_foreign(git: Git, ledger: Ledger) -> None:
    """A commit takes all that is staged: nothing of somebody else's may be."""
    out = git.run("diff", "--cached", "--name-only", "--no-renames", "-z", "--relative")
    staged = {part.decode("utf-8", "surrogateescape") for part in out.split(b"\0") if part}
    if foreign := sorted(staged - ledger.touched):
        raise GitError(
            f"{len(foreign)} file(s) that are not part of the move are staged; nothing was committed",
            "commit them yourself, or unstage them (git restore --staged)", foreign,
        )


def _refuse_branches(git: Git, product: str) -> None:
    found = git.run("for-each-ref", "--format=%(refname:short)", f"refs/heads/move-{product}/").decode().split()
    if found:
        raise GitError(
            "the teams' branches are there already; nothing was committed",
            "say commit=phases to add to the move, or delete these branches", found,
        )


def _switch(git: Git, branch: str) -> None:
    current = git.run("branch", "--show-current").decode().strip()
    if current == branch:
        return
    if git.run("for-each-ref", f"refs/heads/{branch}"):
        raise GitError(
            f"there is a branch {branch} already, and {current or 'a detached HEAD'} is checked out",
            f"git switch {branch} to go on there, or rename or delete that branch",
        )
    git.run("switch", "-q", "-c", branch)


def _missing(workspace: Workspace, ledger: Ledger, plan: Plan, owners: Owners | None) -> Iterator[Step]:
    """What is still to be committed, in order."""
    states = _states(workspace, ledger)
    head = _head(workspace.git)
    known = [name for name, *_ in _STEPS]
    before = dict(workspace.states("prepare_structure"))
    committed = next(
        (number for number, name in reversed([*enumerate(known)]) if _is_at(head, states[name])),
        -1 if _is_at(head, before) else None,
    )
    if committed is None:  # people have built upon it, or filters make other blobs of the files
        yield from _by_writer(ledger, states[known[-1]], head)
        return
    now: States = before if committed < 0 else states[known[committed]]
    for name, _, what in _STEPS[committed + 1 :]:
        paths = tuple(sorted(path for path in states[name] if states[name][path] != now.get(path)))
        if owners and name == "references":
            yield from _by_team(plan, now, states[known[-1]], owners, ledger)
            return
        if paths:
            yield Step(name, what, states[name], paths)
        now = states[name]


def _states(workspace: Workspace, ledger: Ledger) -> dict[str, States]:
    """Step -> the touched paths as they are after it."""
    found: dict[str, States] = {}
    for name, phase, _ in _STEPS:
        found[name] = _renamed(workspace, ledger) if name == "renames" else workspace.states(phase)
    return found


def _renamed(workspace: Workspace, ledger: Ledger) -> States:
    """The tree before the move with its files at their new places, and nothing else done."""
    states = dict(workspace.states("prepare_structure"))
    renames = ledger.phases["move_files"].renames if "move_files" in ledger.phases else {}
    moved = {old: states[old] for old in renames}
    states.update(dict.fromkeys(renames))
    states.update({new: moved[old] for old, new in renames.items()})
    return states


def _head(git: Git) -> dict[str, tuple[str, str]]:
    """Path -> (mode, blob id) in the commit that is checked out."""
    found = {}
    for line in git.run("ls-tree", "-r", "-z", "HEAD").decode("utf-8", "surrogateescape").split("\0")[:-1]:
        meta, _, path = line.partition("\t")
        mode, _, oid = meta.split(" ")
        found[path] = (mode, oid)
    return found


def _is_at(head: Mapping[str, tuple[str, str]], states: States) -> bool:
    return all(head.get(path) == (state and (state.mode, state.oid)) for path, state in states.items())


def _by_writer(ledger: Ledger, states: States, head: Mapping[str, tuple[str, str]]) -> Iterator[Step]:
    """Everything as it is now; a path belongs to the last phase that did something to it."""
    writer: dict[str, str] = {}
    for phase, done in ledger.until(None):
        for path in (*done.renames, *done.renames.values(), *done.removes, *done.writes):
            writer[path] = _WRITERS[phase]
    for name, _, what in _STEPS:
        paths = tuple(sorted(path for path, step in writer.items() if step == name))
        if paths:
            yield Step(name, f"{what}, brought up to date", states, paths)


def _by_team(plan: Plan, now: States, states: States, owners: Owners, ledger: Ledger) -> Iterator[Step]:
    """First what moved and what is new, then the files of each team."""
    groups: dict[tuple[str, ...], list[str]] = {}
    for path, state in states.items():
        if state != now.get(path):
            own = state is None or state.origin is None or state.origin in plan.file_moves
            groups.setdefault(() if own else owners(path) or ("nobody",), []).append(path)
    present = dict(now)
    for team, paths in sorted(groups.items()):
        present |= {path: states[path] for path in paths}
        name = "product" if not team else f"team:{' '.join(team)}"
        what = "the product's own files" if not team else f"references in the files of {' '.join(team)}"
        yield Step(name, what, dict(present), tuple(sorted(paths)))


def _commit(git: Git, plan: Plan, step: Step) -> Commit | None:
    """Commit the paths of a step as they are on disk; None where HEAD has them so already."""
    there = [path for path in step.paths if step.states.get(path)]
    gone = [path for path in step.paths if not step.states.get(path)]
    _stage(git, gone, "--remove")
    _stage(git, there, "--add")
    out = git.run("diff", "--cached", "--name-only", "--no-renames", "-z")
    if not out:
        return None
    files = len(there) or len(gone)
    subject = f"Move {plan.source} to {plan.target}: {step.what}"
    body = _BODIES.get(step.name, _BODIES["references"]).format(files=f"{files} file{'s' if files != 1 else ''}")
    trailer = f"Phased-Migration: {plan.product} {step.name}"
    git.run("commit", "-q", "-F", "-", stdin=f"{subject}\n\n{body}\n\n{trailer}\n".encode(), hooks=True)
    return Commit(step.name, git.run("rev-parse", "HEAD").decode().strip(), subject, files)


_BODIES = {
    "renames": "{files}, each 100 % similar to what it was, so that blame and history follow.\n"
    "Nothing is rewritten yet: this commit alone does not run.",
    "structure": "{files}: the packages around the moved files, the AppConfig, and the entries that name it.",
    "references": "{files}: imports, dotted strings, paths and prose that name the old place. Nothing else changes.",
    "models": "{files}: tables pinned to their names, relations by label.",
    "migrations": "{files}: they change Django's state and content types, and no table.",
    "product": "{files} of the product itself: references, models, migrations.",
}


def _stage(git: Git, paths: list[str], how: str) -> None:
    if paths:
        listing = b"".join(path.encode("utf-8", "surrogateescape") + b"\0" for path in paths)
        git.run("update-index", how, "-z", "--stdin", stdin=listing)


def _ignore_in_blame(git: Git, plan: Plan, made: list[Commit]) -> list[Commit]:
    """Note the rewrites where the repo lists what ``git blame`` should pass over.

    https://git-scm.com/docs/git-blame#Documentation/git-blame.txt---ignore-revs-fileltfilegt
    """
    book = git.root / IGNORE_REVS
    rewrites = [one for one in made if one.step == "references" or one.step.startswith("team:")]
    if not rewrites or not book.is_file() or book.is_symlink():
        return []
    if git.run("status", "--porcelain", "--", IGNORE_REVS):
        raise GitError(f"{IGNORE_REVS} holds uncommitted changes", f"commit it, and add {rewrites[0].oid} yourself")
    text = book.read_bytes()
    lines = "".join(f"# {one.subject}\n{one.oid}\n" for one in rewrites)
    write_atomically(book, text + (b"" if not text or text.endswith(b"\n") else b"\n") + lines.encode())
    subject = f"Leave the references of {plan.product} out of git blame"
    git.run("add", "--", IGNORE_REVS)
    git.run("commit", "-q", "-m", subject, hooks=True)
    return [Commit("blame", git.run("rev-parse", "HEAD").decode().strip(), subject, 1)]


def _team_branches(git: Git, plan: Plan, made: list[Commit]) -> None:
    """A branch for each team: the renames, the structure, the product's own files, and the team's commit."""
    teams = [one for one in made if one.step.startswith("team:")]
    if not teams:
        return
    base = git.run("rev-parse", f"{teams[0].oid}^").decode().strip()
    for one in teams:
        name = f"move-{plan.product}/{_slug(one.step.removeprefix('team:'))}"
        with tempfile.TemporaryDirectory() as directory:
            index = {"GIT_INDEX_FILE": str(Path(directory, "index"))}
            git.run("read-tree", base, env=index)
            changes = git.run("diff-tree", "-r", "-z", "--no-renames", f"{one.oid}^", one.oid).split(b"\0")[:-1]
            lines = [
                b" ".join(meta.split(b" ")[1:4:2]) + b"\t" + path + b"\0"
                for meta, path in zip(changes[::2], changes[1::2], strict=True)
            ]
            git.run("update-index", "-z", "--index-info", stdin=b"".join(lines), env=index)
            tree = git.run("write-tree", env=index).decode().strip()
        message = git.run("log", "-1", "--format=%B", one.oid)
        oid = git.run("commit-tree", tree, "-p", base, "-F", "-", stdin=message).decode().strip()
        git.run("branch", name, oid)


def _slug(team: str) -> str:
    return re.sub(r"[^A-Za-z0-9._-]+", "-", team).strip("-.") or "nobody"



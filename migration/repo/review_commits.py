"""The move as commits that people can review: pure renames first, then what was changed, step by step.

Each step is a state that the ledger knows; disk and index are brought there and git commits it, with
the repo's own hooks and author. Killed in between, the next call goes on behind the last commit.
What a later run changes becomes commits of its own: none that people may have built upon is amended.
"""

from __future__ import annotations

import re
import tempfile
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

from migration.core.errors import GitError, MigrationError, PhaseError
from migration.plan.plan import Plan
from migration.repo.apply import Workspace
from migration.repo.disk.atomic_write import write_atomically
from migration.repo.git import index
from migration.repo.git.entries import IndexEntry
from migration.repo.git.git import Git
from migration.repo.ledger import Ledger, Origin, State

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


def commit(workspace: Workspace, plan: Plan, owners: Owners | None = None, said: str = "") -> list[Commit]:
    """Commit what the phases did, on the branch ``move/<product>``; nothing is committed twice.

    :param owners: path -> its teams: the rewrites are committed team by team then, and each team's
        commit gets a branch ``move-<product>/<team>`` of its own, on top of the renames and the structure.
    :param said: a line that tells the plan, for the message of the first commit.
    :raises PhaseError: if a phase has not done its work yet.
    :raises GitError: if something else is staged, the branch is in the way, or git (or a hook) refuses.
        What was committed until then stays, and the next call goes on behind it.
    """
    git, ledger = workspace.git, workspace.ledger
    if "generate_migrations" not in ledger.phases and "move_files" not in ledger.phases:
        raise PhaseError("nothing has moved yet, so there is nothing to commit", f"run doit product={plan.product}")
    if _known(git, plan, ledger):
        _catch_up(workspace)
    _refuse_foreign(git, ledger)
    missing = list(_missing(workspace, ledger, plan, owners))
    if owners and missing:
        _refuse_branches(git, plan.product)
    _switch(git, branch_of(plan.product))
    with workspace.records.changing():
        made = _commit_all(workspace, plan, missing, said)
    known = _known(git, plan, ledger)
    made += _ignore_in_blame(git, plan, known)
    if owners:
        _team_branches(git, plan, known)
    workspace.note_head()
    return made


def _commit_all(workspace: Workspace, plan: Plan, steps: Sequence[Step], said: str) -> list[Commit]:
    """Bring the tree to each step and commit it; then the tree is as it was, whatever comes in between.

    What a hook makes of a file goes into the commit; where that is its last one, it stays like an edit by hand.
    """
    made: list[Commit] = []
    hooked: set[str] = set()
    checkout, ledger, final = workspace.checkout, workspace.ledger, workspace.states(None)

    for step in steps:
        try:
            checkout.realise(ledger, step.states, hooked)
            if done := _commit(workspace, plan, step, "" if made else said):
                made.append(done)
        except (MigrationError, OSError, KeyboardInterrupt) as problem:
            _take_back(workspace, problem)
            raise
        for path, state in step.states.items():
            found = checkout.on_disk(path)
            if found and state and found[0] != state.oid:
                hooked.add(path)
    checkout.realise(ledger, {path: state for path, state in final.items() if path not in hooked})
    return made


def _take_back(workspace: Workspace, problem: BaseException) -> None:
    """A commit has failed: the tree as it was. What a hook (or a person meanwhile) has made of it is kept by a ref.

    :raises MigrationError: what went wrong, with that ref, if there is one.
    """
    checkout, known = workspace.checkout, workspace.ledger.known
    checkout.look_again()
    theirs = []
    for path, state in workspace.states(None).items():
        found = checkout.on_disk(path) if state else None
        if found and found[0] not in known.get(path, ()):
            theirs.append(path)
    kept = workspace.keep(theirs) if theirs else None
    checkout.realise(workspace.ledger, workspace.states(None), theirs)
    if kept and isinstance(problem, MigrationError):
        said = f"files that changed during the commit are as they were; with these changes they are kept in {kept.ref}:"
        raise type(problem)(problem.message, problem.remedy, (*problem.details, said, *kept.paths)) from problem


def _catch_up(workspace: Workspace) -> None:
    """Where a death came between a commit and the index: what is ours there is as in the commit."""
    head, listing, known = _head(workspace.git), workspace.git.listing(), workspace.ledger.known
    entries: dict[str, IndexEntry | None] = {}
    for path in workspace.ledger.touched:
        entry, committed = listing.get(path), IndexEntry(*head[path]) if path in head else None
        if entry != committed and (entry is None or entry.oid in known.get(path, ())):
            entries[path] = committed
    book = workspace.git.root / IGNORE_REVS
    if IGNORE_REVS in head and book.is_file() and book.read_bytes() == workspace.git.committed(IGNORE_REVS):
        entries[IGNORE_REVS] = IndexEntry(*head[IGNORE_REVS])
    index.update(workspace.git, entries)
    workspace.checkout.look_again()


def _known(git: Git, plan: Plan, ledger: Ledger) -> list[Commit]:
    """The commits of this move that are there, in order: also what was made by a call that died behind them."""
    form = "--format=%H %s%x00%(trailers:key=Phased-Migration,valueonly,separator=%x20)"
    out = git.run("log", "--reverse", "--ignore-missing", form, "HEAD", "--not", *ledger.base)
    found = []
    for line in out.decode(errors="replace").splitlines():
        said, _, trailer = line.partition("\0")
        oid, _, subject = said.partition(" ")
        product, _, step = trailer.partition(" ")
        if product == plan.product:
            found.append(Commit(step, oid, subject, 0))
    return found


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
    if found := _branches(git, product):
        raise GitError(
            "the teams' branches are there already; nothing was committed",
            "say commit=phases to add to the move, or delete these branches", found,
        )


def _branches(git: Git, product: str) -> list[str]:
    """The teams' branches that are there."""
    return git.run("for-each-ref", "--format=%(refname:short)", f"refs/heads/move-{product}/").decode().split()


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
    head, before, final = _head(workspace.git), workspace.states("prepare_structure"), workspace.states(None)
    if _is_at(head, final):
        return
    every = list(_steps(workspace, ledger, plan, owners))
    for number in range(len(every), 0, -1):
        if _is_at(head, every[number - 1].states):
            yield from every[number:]
            return
    if _is_at(head, before):
        yield from every
    else:  # people have built upon it, or filters make other blobs of the files
        yield from _by_writer(ledger, final)


def _steps(workspace: Workspace, ledger: Ledger, plan: Plan, owners: Owners | None) -> Iterator[Step]:
    """All of it, from the tree before the move on."""
    states = _states(workspace, ledger)
    now: States = workspace.states("prepare_structure")
    for name, _, what in _STEPS:
        if owners and name == "references":
            yield from _by_team(plan, now, workspace.states(None), owners, ledger)
            return
        paths = tuple(sorted(path for path in states[name] if states[name][path] != now.get(path)))
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


def _by_writer(ledger: Ledger, states: States) -> Iterator[Step]:
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


def _commit(workspace: Workspace, plan: Plan, step: Step, said: str) -> Commit | None:
    """Commit the paths of a step as they are on disk; None where HEAD has them so already.

    A file that only moves keeps its blob, byte for byte, whatever attributes apply at its new place.

    :param said: one more line for the end of the message.
    """
    git = workspace.git
    there = [path for path in step.paths if step.states.get(path)]
    gone = [path for path in step.paths if not step.states.get(path)]
    files = len(there) or len(gone)
    subject = f"{plan.title}: {step.what}"
    body = _BODIES.get(step.name, _BODIES["references"]).format(files=f"{files} file{'s' if files != 1 else ''}")
    trailer = f"Phased-Migration: {plan.product} {step.name}"
    with index.replaced(git) as copy:  # as `git commit -a` does it: hooks find its name in their environment
        env = {"GIT_INDEX_FILE": str(copy)}
        _stage(git, gone, "--remove", env)
        _stage(git, there, "--add", env)
        git.update_index(_as_before(workspace, {path: step.states[path] for path in there}), copy)
        if not git.run("diff", "--cached", "--name-only", "--no-renames", "-z", env=env):
            return None
        trailers = "\n".join(one for one in (trailer, said) if one)
        message = f"{subject}\n\n{body}\n\n{trailers}\n".encode()
        git.run("commit", "-q", "-F", "-", stdin=message, hooks=True, env=env)
    return Commit(step.name, git.run("rev-parse", "HEAD").decode().strip(), subject, files)


def _as_before(workspace: Workspace, states: States) -> dict[str, IndexEntry | None]:
    """The entries of files that hold what they held before the move: the blobs that the index had for them.

    What git made of the bytes on disk (a pointer of LFS, other line ends) it made by the attributes of the old place.
    A file that a person has edited and not committed is not among them.
    """
    found: dict[str, IndexEntry | None] = {}
    for path, state in states.items():
        origin = workspace.ledger.origins.get(state.origin or "") if state else None
        disk = workspace.checkout.on_disk(path) if origin and state and not origin.uncommitted else None
        as_before = state and origin and disk and state.oid == origin.oid == disk[0]
        if state and origin and as_before and _is_cleaned(workspace, state.origin or "", path, origin):
            found[path] = IndexEntry(state.mode, origin.index)
    return found


def _is_cleaned(workspace: Workspace, old: str, path: str, origin: Origin) -> bool:
    """Whether the blob in the index is what git made of the file's bytes at its old place."""
    if origin.oid == origin.index or not origin.index:
        return bool(origin.index)
    content = workspace.checkout.read(path)
    if content is None:
        return False
    made = workspace.git.run("hash-object", f"--path={old}", "--stdin", stdin=content[0])
    return made.decode().strip() == origin.index


_BODIES = {
    "renames": "{files}, each 100 % similar to what it was, so that blame and history follow.\n"
    "Nothing is rewritten yet: this commit alone does not run.",
    "structure": "{files}: the packages around the moved files, the AppConfig, and the entries that name it.",
    "references": "{files}: imports, dotted strings, paths and prose that name the old place. Nothing else changes.",
    "models": "{files}: tables pinned to their names, relations by label.",
    "migrations": "{files}: they change Django's state and content types, and no table.",
    "product": "{files} of the product itself: references, models, migrations.",
}


def _stage(git: Git, paths: list[str], how: str, env: Mapping[str, str]) -> None:
    if paths:
        listing = b"".join(path.encode("utf-8", "surrogateescape") + b"\0" for path in paths)
        git.run("update-index", how, "-z", "--stdin", stdin=listing, env=env)


def _ignore_in_blame(git: Git, plan: Plan, known: list[Commit]) -> list[Commit]:
    """Note the rewrites where the repo lists what ``git blame`` should pass over.

    https://git-scm.com/docs/git-blame#Documentation/git-blame.txt---ignore-revs-fileltfilegt
    """
    book = git.root / IGNORE_REVS
    if not book.is_file() or book.is_symlink():
        return []
    text, there = git.committed(IGNORE_REVS), book.read_bytes()
    rewrites = [
        one for one in known
        if (one.step == "references" or one.step.startswith("team:")) and one.oid.encode() not in (text or b"")
    ]
    if text is None or not rewrites:
        return []
    lines = "".join(f"# {one.subject}\n{one.oid}\n" for one in rewrites)
    wanted = text + (b"" if not text or text.endswith(b"\n") else b"\n") + lines.encode()
    if there not in (text, wanted):
        raise GitError(f"{IGNORE_REVS} holds uncommitted changes", f"commit it, and add {rewrites[0].oid} yourself")
    subject = f"Leave the references of {plan.product} out of git blame"
    try:
        write_atomically(book, wanted)
        with index.replaced(git) as copy:
            env = {"GIT_INDEX_FILE": str(copy)}
            git.run("add", "--", IGNORE_REVS, env=env)
            git.run("commit", "-q", "-m", subject, hooks=True, env=env)
    except BaseException:  # the commit itself may have been made
        write_atomically(book, git.committed(IGNORE_REVS) or text)
        raise
    return [Commit("blame", git.run("rev-parse", "HEAD").decode().strip(), subject, 1)]


def _team_branches(git: Git, plan: Plan, known: list[Commit]) -> None:
    """A branch for each team: the renames, the structure, the product's own files, and the team's commit."""
    teams = [one for one in known if one.step.startswith("team:")]
    if not teams:
        return
    base = git.run("rev-parse", f"{teams[0].oid}^").decode().strip()
    there = _branches(git, plan.product)
    for one in teams:
        name = f"move-{plan.product}/{_slug(one.step.removeprefix('team:'))}"
        if name in there:
            continue  # made by a call that died behind it
        with tempfile.TemporaryDirectory() as directory:
            own = {"GIT_INDEX_FILE": str(Path(directory, "index"))}
            git.run("read-tree", base, env=own)
            changes = git.run("diff-tree", "-r", "-z", "--no-renames", f"{one.oid}^", one.oid).split(b"\0")[:-1]
            lines = [
                b" ".join(meta.split(b" ")[1:4:2]) + b"\t" + path + b"\0"
                for meta, path in zip(changes[::2], changes[1::2], strict=True)
            ]
            git.run("update-index", "-z", "--index-info", stdin=b"".join(lines), env=own)
            tree = git.run("write-tree", env=own).decode().strip()
        message = git.run("log", "-1", "--format=%B", one.oid)
        oid = git.run("commit-tree", tree, "-p", base, "-F", "-", stdin=message).decode().strip()
        git.run("branch", name, oid)


def _slug(team: str) -> str:
    return re.sub(r"[^A-Za-z0-9._-]+", "-", team).strip("-.") or "nobody"



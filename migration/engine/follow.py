"""What names the old place in a checkout where the move has happened already, and what it should say instead.

A colleague's branch after the moved master was merged into it, a fork, a plug-in's repository: the plan is the
map, and neither the record of the move nor the tree before it is at hand. The moved files are put back under
their old paths in memory (their names alone where they are not there), so that an old name means what it meant;
a name counts where nothing of that name is in the tree any more, so what follows already stays byte for byte.
"""

from __future__ import annotations

import ast
import contextlib
import re
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace

from migration.core.changes import ChangeSet, Finding, Rename, Write
from migration.core.errors import PhaseError
from migration.core.moves import Moves
from migration.core.names import is_python, is_within, module_of
from migration.core.references import Reference, TextFile
from migration.engine.edited import edited
from migration.engine.moves_of_plan import moves_of, seen_from
from migration.engine.old_names import OldNames
from migration.engine.residue import left_files
from migration.engine.rewrite_python import rewrite
from migration.engine.workers import Outcome, Task, work
from migration.plan.plan import Plan
from migration.python.dangling_imports import dangling
from migration.python.relative_imports import absolute_base
from migration.python.source_file import SourceFile, UnreadableSource
from migration.repo.tree.project import Project, module_index
from migration.repo.tree.source_roots import find_roots
from migration.repo.tree.tree import Tree
from migration.rewriters import OF_NAMES, imports
from migration.text.text_style import left_out

# A module of which nothing but the name is known: it may bind anything.
_UNKNOWN = b"exec('')\n"
_KEYS_OF_PLAN = (b"product", b"source", b"target", b"file_moves")


@dataclass(frozen=True, slots=True, order=True)
class Stale:
    """A place that names the old one and can be told to follow.

    :param path: the file, where it is now.
    :param line: the line, from 1.
    :param kind: the kind of reference.
    :param old: what it names, as that was called before the move.
    :param new: the same afterwards.
    """

    path: str
    line: int
    kind: str
    old: str
    new: str

    def __str__(self) -> str:
        return f"{self.path}:{self.line}: {self.old} -> {self.new} ({self.kind})"


@dataclass(frozen=True)
class Followed:
    """What became of a checkout.

    :param writes: the files to be rewritten.
    :param stale: the places that these change, sorted.
    :param files: files that lie at the old place, and should not.
    :param findings: places that a person has to look at.
    """

    writes: tuple[Write, ...] = ()
    stale: tuple[Stale, ...] = ()
    files: tuple[Finding, ...] = ()
    findings: tuple[Finding, ...] = ()


def follow(plan: Plan, project: Project) -> Followed:
    """Work out what has to change so that nothing of a checkout names the old place.

    :param project: ``before`` is the tree as it is now; ``baseline`` is not looked at.
    :raises PhaseError: if the move has not happened in this checkout, or if the files named can't be rewritten.
    """
    tree = project.before
    if not has_left(plan, tree):
        raise PhaseError(
            f"{plan.source} has not moved in this checkout: its files lie where they were",
            "merge the branch with the move into this one first, then run the same command again",
        )
    roots = project.roots if _is_home(plan, tree) else tuple(dict.fromkeys((*project.roots, *find_roots(tree))))
    here = replace(project, roots=roots, before=_with_names(plan, tree))
    here = replace(here, baseline=here.before)
    plan = _with_arrived(plan, here.before)
    moves = seen_from(moves_of(plan, _put_back(plan, here)), here)
    outcomes = work([_task(here, path) for path in _looked_into(plan, here, tree, moves)], moves, project.jobs)
    unreadable = _refuse_failures(plan, here, moves, outcomes)
    found = Followed(findings=tuple(unreadable))
    after = here.before
    for outcome in outcomes:
        if (rewritten := outcome.rewritten) is not None:
            found = _with_file(found, tree, outcome.path, rewritten.raw, rewritten.references)
            found = replace(found, findings=(*found.findings, *rewritten.findings))
    after = after.changed(ChangeSet(writes=found.writes))
    for path, raw, references in _arrived(plan, here, after):
        found = _with_file(found, tree, path, raw, references)
    return replace(found, stale=tuple(sorted(found.stale)), files=tuple(_at_old_place(plan, here, tree)))


def has_left(plan: Plan, tree: Tree) -> bool:
    """Whether the files of a move are gone from their old places, or most of them at the new ones as well."""
    olds = [old for old in plan.file_moves if old in tree and old not in plan.back]
    news = [new for new in plan.back if new in tree and new not in plan.file_moves]
    return not olds or len(news) > len(olds)


def _is_home(plan: Plan, tree: Tree) -> bool:
    return any(new in tree for new in plan.back)


def _with_names(plan: Plan, tree: Tree) -> Tree:
    """The tree as the move has left it: what came back beside its new place is out, what is missing has its name."""
    back = plan.back
    doubled = tuple(old for old, new in plan.file_moves.items() if old in tree and new in tree and old not in back)
    missing = [new for new, old in back.items() if new not in tree and old not in tree]
    names = tuple(Write(new, _UNKNOWN if is_python(new) else b"", create=True) for new in missing)
    return tree.changed(ChangeSet(removes=doubled, writes=names))


def _with_arrived(plan: Plan, tree: Tree) -> Plan:
    """The plan with the files that have come to the new place since, as if they had been moved from the old one."""
    beside = _counterparts(plan.back)
    arrived = {old: path for path in tree if path not in plan.back and (old := beside(path)) and old not in tree}
    return replace(plan, file_moves={**arrived, **plan.file_moves})


def _put_back(plan: Plan, here: Project) -> Project:
    """The project with the tree before the move as its baseline, as far as it can be told."""
    tree = here.before
    renames = tuple(
        Rename(new, old)
        for old, new in plan.file_moves.items()
        if new in tree and (old not in tree or old in plan.back)
    )
    return replace(here, baseline=tree.changed(ChangeSet(renames=renames)))


def _looked_into(plan: Plan, here: Project, tree: Tree, moves: Moves) -> list[str]:
    """The files (paths now) that may name the old place, sorted."""
    needles = sorted({needle for rewriter in OF_NAMES for needle in rewriter.needles(moves)})
    by_path = [rewriter.by_path for rewriter in OF_NAMES if rewriter.by_path]
    found = {*here.candidates(tuple(needles))}
    for path in here.before:
        if any(is_looked_into(path, moves) for is_looked_into in by_path):
            found.add(path)
        elif is_python(path) and is_within(here.module_of(path) or "", plan.source):
            found.add(path)  # what is new at the old place may mean its neighbours by dots alone
    return sorted(path for path in found if path in tree and path in here.before and _is_open(plan, here.before, path))


def _is_open(plan: Plan, tree: Tree, path: str) -> bool:
    """Whether a file (its path now) may be rewritten."""
    if plan.excludes(path) or plan.excludes(plan.back.get(path, path)) or not tree.is_regular(path):
        return False
    raw = tree.read(path)
    return is_python(path) or plan.includes(path) or not (left_out(path, raw, tree.modes) or _is_plan(path, raw))


def _is_plan(path: str, raw: bytes) -> bool:
    """Whether a file is the plan of a move, which names the old place for good."""
    return path.endswith((".yml", ".yaml")) and all(re.search(rb"(?m)^%s:" % key, raw) for key in _KEYS_OF_PLAN)


def _task(here: Project, path: str) -> Task:
    python = is_python(path)
    module = here.module_of(path) if python else None
    return Task(path, here.before.read(path), path, python, module, module)


def _refuse_failures(plan: Plan, here: Project, moves: Moves, outcomes: Iterable[Outcome]) -> list[Finding]:
    """A finding for each file that can't be read and does not seem to name the old place.

    :raises PhaseError: naming those that do, and those where an edit could not be proved.
    """
    names = OldNames.of(plan, here, moves)
    failed, left = [], []
    for outcome in outcomes:
        if not outcome.error:
            continue
        if outcome.unreadable and not any(True for _ in names.hits(here.before.read(outcome.path))):
            reason = f"can't be read ({outcome.error}) and was left; it does not seem to name {plan.source}"
            left.append(Finding(outcome.path, outcome.line, reason))
        else:
            failed.append(str(Finding(outcome.path, outcome.line, outcome.error)))
    if failed:
        raise PhaseError(
            f"{len(failed)} file(s) that name {plan.source} can't be rewritten; nothing was written",
            "correct these lines (or list the file under exclude in moves.yml), then run the same command again",
            failed,
        )
    return left


def _with_file(found: Followed, tree: Tree, path: str, raw: bytes | None, references: Sequence[Reference]) -> Followed:
    """The same with what one file has become; of two rewrites of it the later one stands."""
    if raw is None:
        return found
    before = next((write.data for write in found.writes if write.path == path), tree.read(path))
    source = SourceFile(path, before, None) if is_python(path) else TextFile(path, before)
    stale = [
        Stale(path, source.line_of(one.start), one.kind, one.old, one.new) for one in references if one.text is not None
    ]
    others = tuple(write for write in found.writes if write.path != path)
    return replace(found, writes=(*others, Write(path, raw, mode=tree.modes[path])), stale=(*found.stale, *stale))


def _arrived(plan: Plan, here: Project, after: Tree) -> Iterator[tuple[str, bytes, tuple[Reference, ...]]]:
    """Files at the new place with imports by dots that were written for the old one, and lead nowhere from here.

    A merge carries lines of a colleague into the moved file, and git puts a new file of theirs beside it.

    :param after: the tree with everything else rewritten.
    """
    beside = _counterparts(plan.back)
    origins = {path: old for path in after if is_python(path) and (old := plan.back.get(path) or beside(path))}
    lost = _lost(here, after, [path for path in origins if _is_open(plan, after, path)])
    if not lost:
        return
    then = moves_of(plan, _put_back(plan, replace(here, before=after)))
    for path, lines in lost.items():
        source = SourceFile(origins[path], after.read(path), module_of(origins[path], here.roots))
        references = tuple(
            one
            for one in rewrite(source, then).references
            if one.kind == imports.KIND and one.old in then.modules and source.line_of(one.start) in lines
        )
        raw = edited(source, references)
        if raw is not None:
            yield path, raw, references


def _lost(here: Project, after: Tree, paths: Iterable[str]) -> dict[str, set[int]]:
    """The lines with imports by dots that find nothing in the tree.

    A namespace package may have parts elsewhere, but what is written with dots means this tree.
    """
    modules, found = module_index(after, here.roots), dict[str, set[int]]()
    for path in paths:
        source = here.source(path, after)
        if b"from ." not in source.raw:
            continue
        with contextlib.suppress(UnreadableSource):  # named where its references are looked for
            for item in dangling([source], here.reader(after), modules):
                if item.statement.startswith("from ."):
                    found.setdefault(path, set()).add(item.line)
            for node in ast.walk(source.tree):
                if isinstance(node, ast.ImportFrom) and node.level and source.module:
                    base = absolute_base(source, node)  # None above the top
                    bare = base is None or base not in modules or here.path_of(base, after) is None
                    if bare and any(f"{base}.{alias.name}" not in modules for alias in node.names):
                        found.setdefault(path, set()).add(node.lineno)
    return found


def _counterparts(pairs: Mapping[str, str]) -> Callable[[str], str]:
    """Says where a file would go that lies among some that go elsewhere; nowhere where these part.

    :param pairs: from where to where.
    """
    directories: dict[str, set[str]] = {}
    for one, other in pairs.items():
        directories.setdefault(one.rpartition("/")[0], set()).add(other.rpartition("/")[0])

    def counterpart(path: str) -> str:
        directory = path.rpartition("/")[0]
        while directory and directory not in directories:
            directory = directory.rpartition("/")[0]
        others = [*directories.get(directory, ())] if directory else []
        return others[0] + path[len(directory) :] if len(others) == 1 and others[0] else ""

    return counterpart


def _at_old_place(plan: Plan, here: Project, tree: Tree) -> Iterator[Finding]:
    """Files where nothing should be any more: brought back by a merge, or new where all others have left."""
    beside = _counterparts(plan.file_moves)
    for item in left_files(plan, replace(here, before=tree, baseline=tree)):
        path, new = item.path, plan.file_moves.get(item.path) or beside(item.path)
        if item.decided:
            continue
        if new in tree:
            yield Finding(path, 0, "lies at the old place again", f"merge what it says into {new}, then git rm {path}")
        elif new:
            yield Finding(path, 0, "lies at the old place", f"git mv {path} {new}, then run the same command again")
        else:
            yield Finding(path, 0, "lies at the old place", "move it by hand, then run the same command again")

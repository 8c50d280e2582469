"""The files that are worth reading: those that can hold a reference to what moves, and those that can't be read."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from migration.core.beside import beside
from migration.core.errors import PhaseError
from migration.core.moves import Moves
from migration.core.names import is_python, prefixes
from migration.engine.coverage.consumers import NEEDLES
from migration.plan.plan import Plan
from migration.repo.tree.project import Project
from migration.rewriters import OF_NAMES, Rewriter
from migration.text.text_style import left_out


def candidates(
    plan: Plan, project: Project, moves: Moves, rewriters: Sequence[Rewriter[Moves]] = OF_NAMES
) -> list[str]:
    """The files (paths before the move) that may refer to what moves, sorted.

    git lists the files that hold one of the needles; a moved file always counts, for its relative
    imports.

    :raises PhaseError: if the one file that was asked for is none that may be rewritten.
    """
    kept = survivors(plan, project)
    if project.only is not None:
        return [asked_for(plan, project, kept, project.only)]
    # Where only a part of a package moves, what stays in it may refer to it by dots and nothing more.
    directories = {path.rpartition("/")[0] for path in plan.file_moves}
    needles = sorted({needle for rewriter in rewriters for needle in rewriter.needles(moves)})
    by_path = {rewriter.by_path for rewriter in rewriters if rewriter.by_path}
    found = {*plan.file_moves, *kept.values()}
    # git works while we look at the names; its second answer is kept for what is asked later.
    with beside(lambda: project.candidates(tuple(needles))) as searched, beside(lambda: project.candidates(NEEDLES)):
        for path in project.baseline:
            module = project.module_of(path)
            within = any(name in moves.packages for name in prefixes(module or ""))
            beside_it = path.rpartition("/")[0] in directories
            if within or beside_it or any(is_looked_into(path, moves) for is_looked_into in by_path):
                found.add(path)
        found.update(searched())
    merged = set(plan.file_moves.values()) - {*plan.file_moves, *kept.values()}
    return sorted(path for path in found - merged - kept.keys() if not _why_left(plan, project, path))


def survivors(plan: Plan, project: Project) -> dict[str, str]:
    """Moved files of which nothing is left, because the file at the target was kept -> that file.

    An empty ``__init__.py`` vanishes into one that holds something, and what that one says, it says
    at its own place.
    """
    baseline, before = project.baseline, project.before
    found = {}
    for old, new in plan.file_moves.items():
        if new in baseline and new not in plan.file_moves and old in baseline and new in before:
            text = baseline.read(old)
            if not text.strip() and before.read(new) != text:
                found[old] = new
    return found


def asked_for(plan: Plan, project: Project, kept: Mapping[str, str], path: str) -> str:
    """The path before the move of the one file that was asked for."""
    back = {new: old for new, old in plan.back.items() if old not in kept}
    old = back.get(path, kept.get(path, path))
    if reason := _why_left(plan, project, old):
        raise PhaseError(f"file: {path} {reason}", "give file=PATH of another file, relative to the repo")
    return old


def _why_left(plan: Plan, project: Project, path: str) -> str:
    """Why a file (path before the move) is not looked into; empty if it is."""
    if path not in project.baseline or plan.new_path(path) not in project.before:
        return "is no tracked file"
    if plan.excludes(path):
        return "is listed under exclude"
    if not project.baseline.is_regular(path):
        return "is a symbolic link"
    if is_python(path) or plan.includes(path):
        return ""
    reason = left_out(path, project.before.read(plan.new_path(path)), project.baseline)
    return f"is {reason}, and such files are left unless moves.yml lists them under include" if reason else ""

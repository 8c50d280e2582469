"""From the plan's files to names: which module becomes which (worked out from the tree before)."""

from __future__ import annotations

import contextlib
from collections.abc import Iterator
from dataclasses import replace

from migration.core.changes import ChangeSet, Rename
from migration.core.moves import Moves, Words
from migration.core.names import (
    directories_of,
    is_package_file,
    is_python,
    is_under,
    last_part,
    module_of,
    parent,
    prefixes,
    root_of,
    swap_prefix,
)
from migration.plan.plan import Plan
from migration.python import celery_tasks
from migration.python.exports import exports, symbols_of
from migration.python.source_file import UnreadableSource
from migration.repo.tree.project import Project, module_index, outer_roots
from migration.repo.tree.tool_settings import line_length_of
from migration.repo.tree.tree import Tree


def moves_of(plan: Plan, project: Project) -> Moves:
    """Where each module of the tree goes, as the plan's file moves say.

    A module follows its file; a namespace package, which has none, follows ``module_moves``.
    """
    modules = project.modules
    moved: dict[str, str] = {}
    files = {module for path in project.baseline if (module := project.module_of(path))}
    for old, new in sorted(plan.file_moves.items(), key=lambda item: item[0].endswith(".py")):
        if not is_python(old) or not is_python(new):
            continue
        for before, after in _names(project, old, new):
            if before and after and before != after:
                moved[before] = after
    for module in modules:
        if module not in files:
            prefix = next((name for name in prefixes(module) if name in plan.module_moves), None)
            if prefix and plan.module_moves[prefix] != prefix:
                moved[module] = swap_prefix(module, prefix, plan.module_moves[prefix])
    packages = {old: new for old, new in plan.module_moves.items() if old != new}
    # A module that does not follow its package moves on its own, whether or not the plan says so.
    for old, new in moved.items():
        if moved.get(parent(old)) != parent(new) or last_part(old) != last_part(new):
            packages.setdefault(old, new)
    tasks, symbols = _tasks_and_symbols(plan, project)
    bindings, stars = _bindings(project, moved)
    return Moves(
        modules,
        moved,
        packages,
        bindings,
        plan.symbol_remap,
        plan.file_moves,
        moved_directories(plan, project.baseline),
        frozenset(plan.keep),
        paths=frozenset(project.baseline) | project.baseline.directories - {"."},
        tasks=tasks,
        symbols=symbols,
        rename_tasks=plan.tasks == "rename",
        labels=plan.app.moved_labels,
        prose=plan.prose,
        line_length=line_length_of(project.baseline),
        concrete=plan.imports == "concrete",
        stars=stars,
    )


def _names(project: Project, old: str, new: str) -> Iterator[tuple[str | None, str | None]]:
    """The name of a file's module before and after; then the second one that it has below a root in a package."""
    yield project.module_of(old), module_of(new, project.roots)
    root = root_of(old, project.roots) or "."
    outer = outer_roots(project.baseline, project.roots, root)
    if outer:
        yield module_of(old, outer), module_of(new, outer if is_under(new, root) else project.roots)


def _tasks_and_symbols(plan: Plan, project: Project) -> tuple[frozenset[str], dict[str, Words]]:
    """The names under which files that move register Celery tasks, and what modules may bind."""
    tasks: set[str] = set()
    symbols: dict[str, Words] = {}
    for path in plan.file_moves:
        if not path.endswith(".py") or path not in project.baseline:
            continue
        source = project.source(path)
        with contextlib.suppress(UnreadableSource):  # named later, where its references are looked for
            tasks |= celery_tasks.task_names(source)
            bound = symbols_of(source)
            if source.module and bound is not None and not is_package_file(path):
                symbols[source.module] = bound
    return frozenset(tasks), symbols


def moved_directories(plan: Plan, tree: Tree) -> dict[str, str]:
    """Directories whose every tracked file moves below one new directory, one at least to the same place there.

    A file that gets another name or place below the new directory (a template of a new label) leaves the
    directory whole: what names the file itself goes by the file.
    """
    found: dict[str, str] = {}
    others: list[tuple[str, str]] = []
    stays = directories_of(path for path in tree if path not in plan.file_moves)
    for path, new in plan.file_moves.items():
        directory = path.rpartition("/")[0] if path in tree else ""
        while directory:
            rest = path[len(directory) :]
            target = new[: -len(rest)] if new.endswith(rest) else ""
            if target and found.setdefault(directory, target) != target:
                stays.add(directory)
            elif not target:
                others.append((directory, new))
            directory = directory.rpartition("/")[0]
    stays |= {directory for directory, new in others if not is_under(new, found.get(directory, new + "/"))}
    return {old: new for old, new in sorted(found.items()) if old not in stays}


def _bindings(
    project: Project, moved: dict[str, str]
) -> tuple[dict[str, frozenset[str]], dict[str, frozenset[str]]]:
    """The names that packages bind themselves: those that move, and those a submodule leaves.

    A package that may bind more than can be read off counts only where a submodule leaves it.

    :returns: these, and of the latter the submodules that leave and that a star may have brought by the way.
    """
    read = project.reader()
    strays = {parent(old) for old, new in moved.items() if parent(new) != moved.get(parent(old), parent(old))}
    found: dict[str, frozenset[str]] = {}
    stars: dict[str, frozenset[str]] = {}
    for package in sorted(strays | moved.keys()):
        if not project.modules.get(package):
            continue
        try:
            known = exports(package, read, project.modules)
        except UnreadableSource:
            if package in strays:
                found[package] = frozenset()  # named later, where its references are looked for
            continue
        if package in strays or not known.open:
            found[package] = frozenset(name for name, export in known.names.items() if not export.is_submodule)
        if package in strays:
            left = {last_part(old) for old in moved if parent(old) == package and not last_part(old).startswith("_")}
            left -= known.names.keys()
            stars[package] = frozenset(left & set(known.star) if "__all__" in known.names else left)
    return found, {package: names for package, names in stars.items() if names}


def moves_now(plan: Plan, project: Project, moves: Moves | None = None) -> Moves:
    """The moves as seen from the tree after them: what is there now has not moved.

    So a name means the old place only where nothing of that name is there any more.

    :param moves: those from the baseline, where they are known.
    """
    before, known = project_before(plan, project)
    if moves is None or not known:
        moves = moves_of(plan, before)
    return seen_from(moves, project)


def seen_from(moves: Moves, project: Project) -> Moves:
    """The moves without what is in the project's tree now: a name of something that is there means that."""
    there = module_index(project.before, project.roots)
    moved = {old: new for old, new in moves.moved.items() if old not in there}
    packages = {old: new for old, new in moves.packages.items() if old not in there}
    for old, new in moved.items():
        if parent(old) not in moved:
            packages.setdefault(old, new)
    modes, held = project.before.modes, project.before.directories
    return replace(
        moves,
        modules={**moves.modules, **there},
        moved=moved,
        packages=packages,
        files={old: new for old, new in moves.files.items() if old not in modes},
        directories={old: new for old, new in moves.directories.items() if old not in held},
        paths=moves.paths | held | set(modes),
    )


def project_before(plan: Plan, project: Project) -> tuple[Project, bool]:
    """The project with the tree before the move as its baseline, and whether that is the real one."""
    if any(old in project.baseline for old in plan.file_moves):
        return project, True
    back = tuple(Rename(new, old) for old, new in plan.file_moves.items() if new in project.before)
    baseline = project.before.changed(ChangeSet(renames=back))
    return replace(project, baseline=baseline), False

"""From the plan's files to names: which module becomes which (worked out from the tree before)."""

from __future__ import annotations

from migration.errors import PlanError
from migration.exports import exports
from migration.names import is_python, last_part, module_of, parent, prefixes, swap_prefix
from migration.plan import Plan
from migration.project import Project, Tree
from migration.references import Moves, SourceFile, UnreadableSource


def moves_of(plan: Plan, project: Project) -> Moves:
    """Where each module of the tree goes, as the plan's file moves say.

    A module follows its file; a namespace package, which has none, follows ``module_moves``.
    """
    modules = project.modules
    moved: dict[str, str] = {}
    files = {module for path in project.baseline if (module := project.module_of(path))}
    for old, new in sorted(plan.file_moves.items(), key=lambda item: item[0].endswith(".py")):
        before = project.module_of(old) if is_python(old) else None
        after = module_of(new, project.roots) if is_python(new) else None
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
    return Moves(
        modules,
        moved,
        packages,
        _bindings(project, moved),
        plan.symbol_remap,
        plan.file_moves,
        moved_directories(plan, project.baseline),
        frozenset(plan.keep),
    )


def moved_directories(plan: Plan, tree: Tree) -> dict[str, str]:
    """Directories whose every tracked file moves to the same place below one new directory."""
    found: dict[str, str] = {}
    stays: set[str] = set()
    for path in tree:
        new = plan.file_moves.get(path)
        directory = path.rpartition("/")[0]
        while directory:
            rest = path[len(directory) :]
            target = new[: -len(rest)] if new and new.endswith(rest) else ""
            if not target or found.setdefault(directory, target) != target:
                stays.add(directory)
            directory = directory.rpartition("/")[0]
    return {old: new for old, new in sorted(found.items()) if old not in stays}


def _bindings(project: Project, moved: dict[str, str]) -> dict[str, frozenset[str]]:
    """The names that packages bind themselves, where a submodule of such a name goes elsewhere."""

    def read(module: str) -> SourceFile | None:
        path = project.path_of(module)
        return project.source(path) if path else None

    found = {}
    for package in sorted({parent(old) for old, new in moved.items() if parent(old)}):
        follows = moved.get(package, package)
        strays = any(parent(new) != follows for old, new in moved.items() if parent(old) == package)
        if strays and project.modules.get(package):
            try:
                names = exports(package, read, project.modules).names
                found[package] = frozenset(name for name, export in names.items() if not export.is_submodule)
            except UnreadableSource:
                found[package] = frozenset()  # named later, where its references are looked for
    return found


def check_plan(plan: Plan, tree: Tree) -> None:
    """Make sure that the plan fits the tree.

    :raises PlanError: listing every entry that does not.
    """
    problems = [
        f"file_moves: {old} is not a tracked file" for old in plan.file_moves if old not in tree
    ]
    problems += [f"file_moves: {old} is listed under exclude too" for old in plan.file_moves if plan.excludes(old)]
    links = {path for path in tree if not tree.is_regular(path)}
    for old, new in plan.file_moves.items():
        parts = new.split("/")
        for end in range(1, len(parts)):
            if "/".join(parts[:end]) in links:
                problems.append(f"file_moves: {old} -> {new} goes through the symbolic link {'/'.join(parts[:end])}")
    if problems:
        raise PlanError(
            f"moves.yml does not fit the tree, {len(problems)} finding(s):",
            "correct these entries, or delete moves.yml and run scan_moves for a fresh one",
            problems,
        )

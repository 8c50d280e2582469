"""Whether a plan fits the tree that it is for."""

from __future__ import annotations

from migration.errors import PlanError
from migration.plan import Plan
from migration.project import Tree


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
    problems += _one_name(plan, tree)
    if problems:
        raise PlanError(
            f"moves.yml does not fit the tree, {len(problems)} finding(s):",
            "correct these entries, or delete moves.yml and run scan_moves for a fresh one",
            problems,
        )


def _one_name(plan: Plan, tree: Tree) -> list[str]:
    """Modules that would share their name with a package: Python finds only one of the two."""
    before = {path for path in tree if path.endswith(".py")}
    after = {plan.new_path(path) for path in before}
    return [
        f"file_moves: {module}.py and the package {module}/ would be one module, of which Python finds only one"
        for module in sorted(_shared(after) - _shared(before))
    ]


def _shared(files: set[str]) -> set[str]:
    """Where a module and a directory with modules have one name (paths without suffix)."""
    directories: set[str] = set()
    for path in files:
        directory = path.rpartition("/")[0]
        while directory and directory not in directories:
            directories.add(directory)
            directory = directory.rpartition("/")[0]
    return {path[:-3] for path in files} & directories

"""Whether a plan fits the tree that it is for."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Protocol

from migration.core.errors import PlanError
from migration.core.names import directories_of, module_of
from migration.plan.plan import Plan


class Files(Protocol):
    """The tracked files: which there are, and which of them are regular."""

    def __contains__(self, path: object, /) -> bool: ...

    def __iter__(self) -> Iterator[str]: ...

    def is_regular(self, path: str) -> bool:
        """Whether the path is a plain file: no symbolic link, no submodule."""


def check_plan(plan: Plan, tree: Files) -> None:
    """Make sure that the plan fits the tree.

    :raises PlanError: listing every entry that does not.
    """
    problems = [
        f"file_moves: {old} is not a tracked file" for old in plan.file_moves if old not in tree
    ]
    problems += [f"file_moves: {old} is listed under exclude too" for old in plan.file_moves if plan.excludes(old)]
    links = {path for path in tree if not tree.is_regular(path)}
    for old, new in plan.file_moves.items() if links else ():
        parts = new.split("/")
        for end in range(1, len(parts)):
            if "/".join(parts[:end]) in links:
                problems.append(f"file_moves: {old} -> {new} goes through the symbolic link {'/'.join(parts[:end])}")
    problems += _one_name(plan, tree)
    problems += _models_that_stay(plan, tree)
    if problems:
        raise PlanError(
            f"moves.yml does not fit the tree, {len(problems)} finding(s):",
            "correct these entries, or delete moves.yml and run scan_moves for a fresh one",
            problems,
        )


def _models_that_stay(plan: Plan, tree: Files) -> list[str]:
    """Models that would get the new label although the file that defines them does not move."""
    if not plan.app.models:
        return []
    files = {module: path for path in tree if (module := module_of(path, plan.roots))}
    return [
        f"app.models: {model.name}: {files[model.module]}, which defines it, is not in file_moves: "
        "add it there, or take the model out"
        for model in plan.app.models
        if model.module in files and files[model.module] not in plan.file_moves
    ] + [
        f"app.models: {model.name}: there is no module {model.module}"
        for model in plan.app.models
        if model.module not in files
    ]


def _one_name(plan: Plan, tree: Files) -> list[str]:
    """Modules that would come to share their name with a package: Python finds only one of the two."""
    before = {path for path in tree if path.endswith(".py")}
    after = {plan.new_path(path) for path in before}
    as_before = {
        plan.new_path(f"{directory}.py").removesuffix(".py")
        for directory in _shared(before)
        if _has_package(before, directory) == _has_package(after, plan.new_path(f"{directory}.py").removesuffix(".py"))
    }
    return [
        f"file_moves: {module}.py and the package {module}/ would be one module, of which Python finds only one"
        for module in sorted(_shared(after) - as_before)
    ]


def shared_names(plan: Plan, tree: Files) -> list[str]:
    """Modules that move and share their name with a directory of modules already, before the move (their paths)."""
    found = _shared({path for path in tree if path.endswith(".py")})
    return sorted(f"{directory}.py" for directory in found if f"{directory}.py" in plan.file_moves)


def _has_package(files: set[str], directory: str) -> bool:
    """Whether a directory is a package for sure, which Python takes before a module of the same name."""
    return f"{directory}/__init__.py" in files


def _shared(files: set[str]) -> set[str]:
    """Where a module and a directory with modules have one name (paths without suffix)."""
    return {directory for directory in directories_of(files) if f"{directory}.py" in files}

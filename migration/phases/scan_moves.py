"""scan_moves: find what moves and write the plan."""

from __future__ import annotations

import difflib
from collections import Counter
from collections.abc import Container, Iterable, Mapping
from dataclasses import dataclass
from pathlib import Path

from migration.core.changes import Finding
from migration.core.errors import UsageError
from migration.core.names import (
    is_python,
    is_under,
    is_within,
    module_of,
    name_problem,
    path_problem,
    path_under,
    prefixes,
    printable,
)
from migration.django.label_templates import relabelled
from migration.plan.edited import in_force, seen_path, seen_text
from migration.plan.plan import App, Plan
from migration.python.exports import symbol_remap
from migration.repo.disk.atomic_write import REGENERABLE, write_atomically
from migration.repo.tree.project import Project, source_path


@dataclass(frozen=True)
class Scan:
    """What the scan found.

    :param plan: the plan as the tree has it.
    :param findings: what is left where it is, and what could not be resolved.
    """

    plan: Plan
    findings: tuple[Finding, ...]


def check_names(product: str, source: str, target: str, kept: Plan | None = None) -> None:
    """Make sure that the names can be used.

    :param kept: the plan that a person wrote; it may say what changes places inside one package.
    :raises UsageError: naming the value.
    """
    if not product.isidentifier() or name_problem(product):
        raise UsageError(f"product: {product!r} is no Python identifier", "give product=NAME, e.g. data_warehouse")
    for key, value in (("source", source), ("target", target)):
        if reason := name_problem(value):
            raise UsageError(f"{key}: {value!r} is no dotted module name: {reason}", f"give {key}=a.b.c")
    if source == target and kept is None:
        raise UsageError(
            f"source and target are both {source}",
            "give another target=a.b.c, or write into moves.yml which files change places inside it",
        )


def scan(
    project: Project, product: str, source: str, target: str, app: App, *, django: bool, kept: Plan | None = None
) -> Scan:
    """Work out the plan from the tracked files under the source.

    :param source: dotted name of the package or module that moves.
    :param target: its dotted name afterwards.
    :param app: what the move means to Django.
    :param kept: the plan that a person wrote; only such a one may name one package as source and target,
        and then it alone says which files of it move.
    :raises UsageError: if there is nothing under the source.
    """
    check_names(product, source, target, kept)
    tree = project.baseline
    root, place = locate(project, source, target)
    goal = path_under(_target_root(project, root, target), target.replace(".", "/"))
    if place in tree:  # a single module
        file_moves = {place: goal + ".py"}
        if (stub := place + "i") in tree:
            file_moves[stub] = goal + ".pyi"
    else:
        file_moves = {path: goal + relabelled(path[len(place) :], app) for path in tree.under(place)}
    if kept is not None:  # what is not to be touched is not to be spoken of either
        file_moves = {path: new for path, new in file_moves.items() if not kept.excludes(path)}
    _check_goal(project, source, target, goal, file_moves)
    _check_names_of_files(file_moves)
    packages = [module for path in file_moves if is_python(path) and (module := module_of(path, project.roots))]
    packages = [name for name in packages if project.modules.get(name)]
    remap, findings = symbol_remap(packages, project.reader(), project.modules)
    plan = Plan(
        product, source, target, file_moves, {source: target}, remap, project.roots, django=django, app=app
    )
    return Scan(plan, tuple(findings))


def roots_for(project: Project, source: str) -> tuple[str, ...]:
    """The roots that the name of the source speaks of.

    Who says ``src.shop`` imports it as ``src.shop``: then ``src`` is a package and no root.
    """
    tree = project.baseline
    if source_path(tree, (".",), source) is None:
        return project.roots
    return tuple(
        root
        for root in project.roots
        if not is_within(source, root.replace("/", ".")) or source_path(tree, (root,), source)
    )


def _target_root(project: Project, root: str, target: str) -> str:
    """The root in which most of the target's packages are there already; where none has more, the source's."""
    tree = project.baseline
    python = {path.rpartition("/")[0] for path in tree if is_python(path)}

    def depth(candidate: str) -> tuple[int, bool]:
        there = (
            package.count(".") + 1
            for package in prefixes(target)
            if any(is_under(path, path_under(candidate, package.replace(".", "/"))) for path in python)
        )
        return next(there, 0), candidate == root

    return max(project.roots, key=depth)


def _check_goal(project: Project, source: str, target: str, goal: str, file_moves: Mapping[str, str]) -> None:
    """Make sure that the moved files can be imported under the target's name.

    :raises UsageError: naming what is in the way.
    """
    tree, python = project.baseline, [path for path in file_moves if is_python(path)]
    if not python:
        raise UsageError(f"source: there is no Python file under {source}", "give the package or module that moves")
    name = module_of(goal + ".py", project.roots)
    if name is not None and name != target:
        raise UsageError(
            f"target: {goal} would be imported as {name}, not as {target}", f"give target={name}"
        )
    single = goal + ".py" in file_moves.values()
    hiding = goal + "/__init__.py" if single else goal + ".py"
    if hiding in tree and hiding not in file_moves:
        which, what = (hiding, goal + ".py") if single else (goal, hiding)
        raise UsageError(
            f"target: {hiding} is there already, and Python would take {which} for {target} and never see {what}",
            "give another target=a.b.c, or move that file away first",
        )


def _check_names_of_files(file_moves: Mapping[str, str]) -> None:
    """Make sure that ``moves.yml`` can name the files.

    :raises UsageError: listing those that it can't.
    """
    problems = [
        f"{printable(path)}: {reason}" for path, new in file_moves.items() if (reason := path_problem(new))
    ]
    if problems:
        raise UsageError(
            f"{len(problems)} file(s) can't be moved, by their names:", "rename them (git mv), commit, and scan again",
            problems,
        )


def left_behind(
    unknown: Iterable[str], ignored: Iterable[str], submodules: Iterable[str], tracked: Container[str]
) -> list[Finding]:
    """What lies under the source and does not move, because git does not track it.

    :param unknown: untracked files.
    :param ignored: files that git ignores; what is made again by itself is not worth a word.
    :param submodules: repositories of their own.
    :param tracked: the directories that hold a tracked file; others are named as a whole.
    """
    found = [Finding(path, 0, "is a submodule and stays", "git mv it if it moves too") for path in submodules]
    for path in unknown:
        found.append(Finding(path, 0, "is not tracked by git and stays", "git add it and scan again if it moves too"))
    worth = [path for path in ignored if REGENERABLE.isdisjoint(path.split("/")) and not path.endswith(".pyc")]
    for path, count in Counter(_whole(path, tracked) for path in worth).items():
        files = f" ({count:,} files)" if path.endswith("/") else ""
        found.append(Finding(path, 0, f"is ignored by git and stays{files}", "move it by hand if it is still needed"))
    return found


def _whole(path: str, tracked: Container[str]) -> str:
    """The topmost directory around a file (with a slash) that holds no tracked file, or the file."""
    for at in (at for at, character in enumerate(path) if character == "/"):
        if path[:at] not in tracked:
            return path[: at + 1]
    return path


def write(path: Path, scan: Scan) -> tuple[Plan, list[Finding]]:
    """Write ``moves.yml``, or keep the one that a person wrote or changed.

    :returns: the plan that is in force, and what people should know about it.
    :raises PlanError: if the plan that is there can't be used.
    """
    plan, text, findings = in_force(path, scan.plan)
    if not path.exists() or path.read_bytes() != text.encode():
        write_atomically(path, text.encode())
    write_atomically(seen_path(path), seen_text(scan.plan).encode())
    return plan, findings


def locate(project: Project, source: str, target: str) -> tuple[str, str]:
    """Where the source lives: (root, path of its directory or file).

    :raises UsageError: if it is not there, or has been moved already.
    """
    tree = project.baseline
    found = source_path(tree, project.roots, source)
    if found:
        return found
    if source_path(tree, project.roots, target):
        raise UsageError(
            f"source: there is no {source} any more, and {target} is there: it has been moved already",
            "nothing is left to do; to see the move again, check out a commit from before it",
        )
    near = difflib.get_close_matches(source, list(project.modules), 3)
    inner = "/" + source.replace(".", "/")
    below = sorted(path for path in tree.directories if path.endswith(inner))
    remedy = f"did you mean {' or '.join(near)}?" if near else "give source=a.b.c as it is imported today"
    if below:
        root = below[0].removesuffix(inner)
        remedy += f" If {root}/ is on sys.path, say so in pyproject.toml: [tool.phased-migration] roots = [\"{root}\"]"
    raise UsageError(
        f"source: no package or module {source} is among the tracked files (looked in {', '.join(project.roots)})",
        remedy,
    )


def counts(plan: Plan) -> dict[str, int]:
    """The figures of a plan: Python files, packages (directories), other files, models, re-exports."""
    python = [path for path in plan.file_moves if path.endswith(".py")]
    return {
        "Python files": len(python),
        "packages": len({path.rpartition("/")[0] for path in python}),
        "other files": len(plan.file_moves) - len(python),
        "models": len(plan.app.models),
        "re-exported names": sum(len(symbols) for symbols in plan.symbol_remap.values()),
    }

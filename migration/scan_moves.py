"""scan_moves: find what moves and write the plan."""

from __future__ import annotations

import difflib
from dataclasses import dataclass
from pathlib import Path

from migration import plan_file
from migration.changes import Finding
from migration.errors import PlanError, UsageError
from migration.exports import symbol_remap
from migration.files import write_atomically
from migration.names import is_python, module_of, name_problem, path_under
from migration.plan import App, Plan
from migration.project import Project, source_path
from migration.references import SourceFile


@dataclass(frozen=True)
class Scan:
    """What the scan found.

    :param plan: the plan as the tree has it.
    :param findings: what is left where it is, and what could not be resolved.
    """

    plan: Plan
    findings: tuple[Finding, ...]


def check_names(product: str, source: str, target: str) -> None:
    """Make sure that the names can be used.

    :raises UsageError: naming the value.
    """
    if not product.isidentifier() or name_problem(product):
        raise UsageError(f"product: {product!r} is no Python identifier", "give product=NAME, e.g. data_warehouse")
    for key, value in (("source", source), ("target", target)):
        if reason := name_problem(value):
            raise UsageError(f"{key}: {value!r} is no dotted module name: {reason}", f"give {key}=a.b.c")
    if source == target:
        raise UsageError(f"source and target are both {source}", "give another target=a.b.c")


def scan(project: Project, product: str, source: str, target: str, app: App, *, django: bool) -> Scan:
    """Work out the plan from the tracked files under the source.

    :param source: dotted name of the package or module that moves.
    :param target: its dotted name afterwards.
    :param app: what the move means to Django.
    :raises UsageError: if there is nothing under the source.
    """
    check_names(product, source, target)
    tree = project.baseline
    root, place = locate(project, source, target)
    target_root = next((r for r in project.roots if path_under(r, target.split(".")[0]) in tree.directories), root)
    goal = path_under(target_root, target.replace(".", "/"))
    if place in tree:  # a single module
        file_moves = {place: goal + ".py"}
        if (stub := place + "i") in tree:
            file_moves[stub] = goal + ".pyi"
    else:
        file_moves = {path: goal + path[len(place) :] for path in tree.under(place)}
    packages = [module for path in file_moves if is_python(path) and (module := module_of(path, project.roots))]

    def read(module: str) -> SourceFile | None:
        path = project.path_of(module)
        return project.source(path) if path else None

    remap, findings = symbol_remap([name for name in packages if project.modules.get(name)], read, project.modules)
    plan = Plan(
        product, source, target, file_moves, {source: target}, remap, project.roots, django=django, app=app
    )
    return Scan(plan, tuple(findings))


def left_behind(unknown: list[str], ignored: list[str]) -> list[Finding]:
    """What lies under the source and does not move, because git does not track it.

    :param unknown: untracked files.
    :param ignored: files that git ignores; caches of bytecode are not worth a word.
    """
    found = []
    for path in unknown:
        found.append(Finding(path, 0, "is not tracked by git and stays", "git add it and scan again if it moves too"))
    for path in ignored:
        if "__pycache__/" not in path and not path.endswith(".pyc"):
            found.append(Finding(path, 0, "is ignored by git and stays", "move it by hand if it is still needed"))
    return found


def write(path: Path, scan: Scan) -> tuple[Plan, list[Finding]]:
    """Write ``moves.yml``, or keep the one that a person wrote or changed.

    :returns: the plan that is in force, and what people should know about it.
    :raises PlanError: if the plan that is there can't be used.
    """
    fresh = plan_file.render(scan.plan)
    if not path.exists():
        write_atomically(path, fresh.encode())
        return scan.plan, []
    kept = plan_file.load(path)
    text = path.read_text(encoding="utf-8")
    if plan_file.written_by_scanner(text):
        if text != fresh:
            write_atomically(path, fresh.encode())
        return scan.plan, []
    if (kept.product, kept.source, kept.target) != (scan.plan.product, scan.plan.source, scan.plan.target):
        raise PlanError(
            f"{path} is edited and moves {kept.source} to {kept.target}, not {scan.plan.source} to {scan.plan.target}",
            "leave source= and target= out, or delete the file and scan again",
        )
    known = set(kept.file_moves)
    new = {
        old: to
        for old, to in scan.plan.file_moves.items()
        if old not in known and not kept.excludes(old)
    }
    remedy = "delete it and run scan_moves for a fresh one"
    findings = [Finding(str(path), 0, "is edited by hand and is kept as it is", remedy)]
    if new:
        text = plan_file.add_file_moves(text, new)
        kept = plan_file.loads(text, str(path))
        write_atomically(path, text.encode())
        findings += [Finding(old, 0, f"is new under the source; added to the plan as {to}") for old, to in new.items()]
    return kept, findings


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
    raise UsageError(
        f"source: no package or module {source} is among the tracked files (looked in {', '.join(project.roots)})",
        f"did you mean {' or '.join(near)}?" if near else "give source=a.b.c as it is imported today",
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

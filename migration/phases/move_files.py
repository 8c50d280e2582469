"""move_files: move every file of the plan, without changing a byte."""

from __future__ import annotations

from collections.abc import Iterator

from migration.core.changes import ChangeSet, Finding, Rename, Write
from migration.core.errors import PhaseError
from migration.core.names import is_package_file, is_python
from migration.core.phase import PhaseResult
from migration.phases.context import Context, Needs, always
from migration.plan.fits_tree import check_plan, shared_names
from migration.plan.plan import Plan
from migration.repo.tree.project import Project
from migration.repo.tree.tree import Tree

NEEDS = Needs()
does_not_apply = always


def run(context: Context) -> PhaseResult:
    """The renames of the plan; a file whose twin is at the target already merges into it.

    :raises PlanError: if the plan names files that are not there.
    :raises PhaseError: if a target exists and is something else; both files are named.
    """
    plan, project = context.plan, context.project
    check_plan(plan, project.baseline)
    before = project.before
    renames, removes, writes, problems = [], [], [], []
    for old, new in plan.file_moves.items():
        if new not in before or new in plan.file_moves:
            renames.append(Rename(old, new))
            continue
        mine, there = before.read(old), before.read(new)
        if not merges(new, mine, there):
            problems.append(f"{old} -> {new}: the target exists and differs")
            continue
        removes.append(old)
        if mine != there and not there.strip():
            writes.append(Write(new, mine))
    if problems:
        raise PhaseError(
            f"{len(problems)} target(s) exist already; nothing was moved",
            "give the file another target in moves.yml, or merge the two by hand and commit",
            problems,
        )
    changes = ChangeSet(tuple(renames), tuple(removes), tuple(writes))
    vacated = _vacated_packages(project.before, project.before.changed(changes))
    writes += [Write(path, b"", create=True) for path in vacated]
    changes = ChangeSet(tuple(renames), tuple(removes), tuple(writes))
    _check(plan, before, before.changed(changes))
    counts = {"files moved": len(renames)}
    if removes:
        counts["merged into an existing file"] = len(removes)
    if vacated:
        counts["packages kept importable"] = len(vacated)
    return PhaseResult(changes, counts, findings=(*_shared(plan, project.baseline), *_stubs(plan, project)))


def _shared(plan: Plan, tree: Tree) -> Iterator[Finding]:
    """One for each module that moves beside a directory of its name, as it was before the move."""
    for path in shared_names(plan, tree):
        package = path.removesuffix(".py") + "/"
        first, other = (package, path) if f"{package}__init__.py" in tree else (path, package)
        yield Finding(
            plan.new_path(path),
            0,
            f"{path} and {package} are one module to Python, which finds {first} and hides {other};"
            " they moved as they were",
            "give one of the two another name, or delete what nobody can import",
        )


def _stubs(plan: Plan, project: Project) -> Iterator[Finding]:
    """One for each stub that lies in a directory of stubs, below the name of a module that moves."""
    moved = {
        module.replace(".", "/"): after.replace(".", "/")
        for old, new in plan.file_moves.items()
        if (module := project.module_of(old)) and (after := project.module_of(new))
    }
    for path in project.baseline:
        if not path.endswith(".pyi") or path in plan.file_moves:
            continue
        ending = "/__init__.pyi" if is_package_file(path) else ".pyi"
        parts = path.removesuffix(ending).split("/")
        for at in range(1, len(parts)):
            if new := moved.get("/".join(parts[at:])):
                target = "/".join([*parts[:at], new]) + ending
                module = ".".join(parts[at:])
                yield Finding(path, 0, f"a stub of {module}, which moves", f"list it in file_moves: {path} -> {target}")
                break


def _vacated_packages(before: Tree, after: Tree) -> list[str]:
    """``__init__.py`` files that left a package which still holds modules."""
    left = [path for path in before if path.rpartition("/")[2] == "__init__.py" and path not in after]
    if not left:
        return []
    holding = Tree(after.root, {path: mode for path, mode in after.modes.items() if is_python(path)}).directories
    return [path for path in left if path.rpartition("/")[0] in holding]


def _check(plan: Plan, before: Tree, after: Tree) -> None:
    """Every file is there afterwards, with the content it had."""
    lost = [
        f"{old} -> {new}"
        for old, new in plan.file_moves.items()
        if new not in after or not merges(new, before.read(old), after.read(new))
    ]
    if lost:
        raise PhaseError("files would be lost", "report this: it is a defect of move_files", lost)


def merges(path: str, old: bytes, new: bytes) -> bool:
    """Whether a moved file and the one at its target become one without loss.

    They are identical, or one is an empty ``__init__.py``.
    """
    return old == new or (is_package_file(path) and (not old.strip() or not new.strip()))

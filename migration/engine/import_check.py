"""Whether every import of the tree leads somewhere after the move, and to the same as before."""

from __future__ import annotations

import contextlib
import re
from collections.abc import Iterator, Mapping, Sequence

from migration.core.changes import ChangeSet
from migration.core.errors import PhaseError
from migration.core.moves import Moves
from migration.core.names import is_python, is_within, parent
from migration.engine.candidates import _why_left, survivors
from migration.engine.moves_of_plan import moves_of, project_before
from migration.engine.workers import Outcome
from migration.plan.plan import Plan
from migration.python.dangling_imports import Dangling, dangling, imported_names, new_dangling, unresolved
from migration.python.source_file import SourceFile, UnreadableSource
from migration.repo.tree.project import Project, module_index
from migration.repo.tree.tree import Tree


def check(
    plan: Plan,
    project: Project,
    moves: Moves,
    changes: ChangeSet,
    after: Tree,
    outcomes: Sequence[Outcome],
) -> None:
    """Resolve the imports of every file that may refer to what moved, before and after.

    :param after: the tree that ``changes`` leave.
    :param outcomes: what became of these files; says what their imports name now.
    :raises PhaseError: naming each import that resolved before and no longer does.
    """
    modules = module_index(after, project.roots)
    # Elsewhere nothing has changed, so only the names in these modules have to be read.
    changed = {project.module_of(path) for path in (*plan.file_moves, *plan.file_moves.values(), *changes.paths)}
    changed |= set(modules) ^ set(project.modules)
    touched = {name for module in changed if module for name in (module, parent(module))}
    look_into = touched.__contains__
    read = project.reader(after)
    names = {outcome.path: outcome.names for outcome in outcomes}
    for path in _shadowed(plan, project, modules):
        if path not in names:
            with contextlib.suppress(UnreadableSource):
                names[path] = imported_names(project.source(plan.new_path(path), after))
    sure = {
        (module, name)
        for outcome in outcomes
        if outcome.sure and (module := project.module_of(new_path := plan.new_path(outcome.path)))
        and project.path_of(module, after) == new_path
        for name in outcome.sure
    }
    asked = frozenset[tuple[str, str]]().union(*names.values())
    lacking = unresolved(asked - sure, read, modules, look_into)
    # Made one by one, so that no more than one of their syntax trees is in memory.
    files = (project.source(plan.new_path(path), after) for path, named in names.items() if named & lacking)
    now = dangling(files, read, modules, look_into)
    if not now:
        return
    kept = survivors(plan, project)
    back = {new: old for new, old in plan.back.items() if old not in kept}
    before = (project.source(path) for path in sorted({back.get(item.path, item.path) for item in now}))
    then = dangling(before, project.reader(), project.modules, look_into)
    lost = new_dangling(then, now, moves, {old: new for new, old in back.items()})
    if lost:
        taken = [_taken(item, project, moves) for item in lost]
        remedy = "check file_moves and module_moves in moves.yml for what these lines name"
        declared = [_declared(item, after) for item in lost]
        if any(declared):
            remedy = "import it at the top of the module, so that the function needs no `global`; then run it again"
        if any(taken):
            remedy += (
                "; where a new name is another package's already, give another target, or list the file under exclude"
            )
        raise PhaseError(
            f"{len(lost)} import(s) that resolved before would dangle; nothing was written",
            remedy,
            [f"{item}{clash}{why}" for item, clash, why in zip(lost, taken, declared, strict=True)],
        )


def _shadowed(plan: Plan, project: Project, modules: Mapping[str, bool]) -> list[str]:
    """The files (paths before the move) that import a top-level name which is only now in the tree."""
    tops = {name for name in modules if "." not in name and name not in project.modules}
    if not tops:
        return []
    words = tuple(f"{word} {top}".encode() for top in sorted(tops) for word in ("import", "from"))
    found = {path for path in project.candidates(words) if is_python(path)}
    return sorted(path for path in found if not _why_left(plan, project, path))


def _taken(item: Dangling, project: Project, moves: Moves) -> str:
    """What to say of an import that meant a package outside the tree, whose name something takes that moves."""
    top = item.name.partition(".")[0]
    if not top or top in project.modules:
        return ""
    old = min((old for old, new in moves.moved.items() if is_within(new, top)), key=len, default="")
    return f" ({top} is no module of the tree before the move; {old} would take its name)" if old else ""


def _declared(item: Dangling, tree: Tree) -> str:
    """What to say of an import whose name a function declares global: what else the name means can't be followed."""
    top = item.statement.removeprefix("import ").partition(".")[0].strip()
    declared = re.search(rb"^[ \t]+global\b[^\n]*\b%s\b" % re.escape(top.encode()), tree.read(item.path), re.MULTILINE)
    return f" (`global {top}` makes one name of it for the whole module, so it was left)" if declared else ""


def check_tree(plan: Plan, project: Project) -> list[Dangling]:
    """The imports of the whole tree, as it is now, that find nothing and did before the move.

    The phase's own check reads the files that may refer to what moved; this one reads every file.
    Where the tree before the move is not at hand, imports that name the old place count.
    """
    tree = project.before
    now = dangling(_sources(project, tree), project.reader(tree), module_index(tree, project.roots))
    if not now:
        return []
    before, known = project_before(plan, project)
    moves = moves_of(plan, before)
    if not known:
        return [item for item in now if moves.moves(item.name)]
    back = {new: old for new, old in plan.back.items() if new not in before.baseline or new in plan.file_moves}
    paths = sorted({back.get(item.path, item.path) for item in now})
    files = (before.source(path) for path in paths if path in before.baseline)
    then = dangling(files, before.reader(), before.modules)
    return new_dangling(then, now, moves, {old: new for new, old in back.items()})


def _sources(project: Project, tree: Tree) -> Iterator[SourceFile]:
    """Every Python file, one by one: all their syntax trees at once would take gigabytes."""
    return (project.source(path, tree) for path in tree if is_python(path) and tree.is_regular(path))

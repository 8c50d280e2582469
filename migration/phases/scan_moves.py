"""scan_moves: find what moves and write the plan."""

from __future__ import annotations

from collections import Counter
from collections.abc import Container, Iterable, Iterator, Mapping
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

from migration.core.changes import Finding
from migration.core.errors import UsageError
from migration.core.names import (
    is_python,
    is_under,
    is_within,
    module_of,
    name_problem,
    parent,
    path_problem,
    path_under,
    printable,
)
from migration.core.phase import PhaseResult, Values
from migration.django import companions
from migration.django.label_templates import relabelled
from migration.django.registry import Registry
from migration.django.unmovable_models import refuse
from migration.django.which_case import which_case
from migration.engine.monolith import Monolith
from migration.phases.context import Context, Needs, always
from migration.plan.edited import check_same, in_force, seen_path, seen_text
from migration.plan.plan import App, Plan
from migration.plan.reading import load
from migration.python.exports import symbol_remap
from migration.python.source_file import SourceFile
from migration.repo.disk.atomic_write import write_atomically
from migration.repo.disk.directories import REGENERABLE
from migration.repo.git.entries import SUBMODULE
from migration.repo.protected_files import check_on_disk
from migration.repo.tree.locate import locate, roots_for, target_root
from migration.repo.tree.project import Project
from migration.repo.tree.tool_settings import settings_of


@dataclass(frozen=True)
class Scan:
    """What the scan found.

    :param plan: the plan as the tree has it.
    :param findings: what is left where it is, and what could not be resolved.
    """

    plan: Plan
    findings: tuple[Finding, ...]


NEEDS = Needs("as it is", plan=False, merged=True)
does_not_apply = always


def run(context: Context) -> PhaseResult:
    """Scan, write (or keep) the plan, and keep what the monolith's Django said."""
    scanned, registry = look(context)
    plan, findings = write(context.plan_path, scanned)
    if registry is None:
        context.registry_path.unlink(missing_ok=True)
    else:
        write_atomically(context.registry_path, registry.to_json().encode())
    check_models(plan, registry)  # after the plan is written: it is there that a person can leave models out
    again = [
        Finding(old, 0, f"is there again, although it moved to {new}", "merge it into that file, and delete it")
        for old, new in sorted(context.workspace.returned().items())
    ]
    every = (*findings, *scanned.findings, *again)
    return PhaseResult(
        counts=counts(plan) | ({"left for you to look at": len(every)} if every else {}), findings=every
    )


def check_models(plan: Plan, registry: Registry | None) -> None:
    """Stop where models can't be given a new label.

    :raises PhaseError: naming them.
    """
    if registry is not None and plan.app.relabels:
        refuse(registry, plan)


def look(context: Context) -> tuple[Scan, Registry | None]:
    """What a scan finds, and what the monolith's Django says of the tree before the move.

    :param context: with the plan that a person has written or changed, if there is one.
    :raises MigrationError: if there is nothing to move, or the plan that is there is about another move.
    """
    kept, project, git = context.planned, context.project, context.workspace.git
    product, (source, target) = context.options.product, names(context)
    check_names(product, source, target, kept)
    places = [path_under(root, source.replace(".", "/")) for root in project.roots]
    check_on_disk([path for path in git.left_out() if any(is_under(path, place) for place in places)])
    if kept:
        check_same(context.plan_path, kept, product, source, target)
    else:
        project = replace(project, roots=roots_for(project, source))
    _, place = locate(project, source, target)
    package = parent(target) if place in project.baseline else target  # the source is a single module
    registry = None
    monolith = Monolith(project, context.options, context.workspace)
    if context.options.django and (kept is None or kept.django) and monolith.settings_name:
        registry = monolith.registry_before(package)
    app = which_case(registry, product, source, package) if registry else App("package")
    if registry:
        app = with_companions(app, registry, project)
    scanned = scan(project, product, source, target, app, django=registry is not None, kept=kept)
    submodules = [
        path for path, entry in git.listing().items() if entry.mode == SUBMODULE and is_under(path, place)
    ]
    left = left_behind(*git.untracked(place), submodules, project.baseline.directories)
    kept_in_sessions = in_sessions(scanned.plan, registry) if registry else ()
    return Scan(scanned.plan, (*scanned.findings, *left, *kept_in_sessions)), registry


def in_sessions(plan: Plan, registry: Registry) -> Iterator[Finding]:
    """Authentication backends that move: every session holds the path of the one that its user has logged in by."""
    for path in registry.backends:
        new = plan.new_name(path)
        if new != path:
            yield Finding(
                "AUTHENTICATION_BACKENDS",
                0,
                f"{path} becomes {new}, and sessions hold the old path: whoever is logged in is logged out",
                f"to keep them in, leave a module that imports it at the old path (shims in moves.yml) and {path} in "
                "the setting beside the new one, until the old sessions have run out",
            )


def with_companions(app: App, registry: Registry, project: Project) -> App:
    """The app of the plan with the models that packages make beside its own."""
    sources = {}
    for module in {model.module for model in app.models}:
        path = project.path_of(module)
        if path is not None and path in project.baseline:
            sources[module] = SourceFile(path, project.baseline.read(path), module)
    return companions.of_models(app, registry, sources)


def names(context: Context) -> tuple[str, str]:
    """Source and target: from the command line, the plan, the repo's own settings, or by convention.

    :raises UsageError: if nothing says what the source is.
    """
    project, product = context.project, context.options.product
    source, target = names_said(context.options, context.plan_path, settings_of(project.baseline))
    if not source:
        named = [m for m in project.modules if m.count(".") == 1 and m.endswith("." + product)]
        named = [m for m in named if not is_within(target, m)]  # else it would go into itself
        if len(named) != 1:
            candidates = f"candidates: {', '.join(named)}" if named else "no package of that name is there"
            raise UsageError(
                f"source: nothing says which package {product} is ({candidates})",
                "give source=a.b.c, or set it in the repo's pyproject.toml: "
                f'[tool.phased-migration.products.{product}] source = "a.b.c"',
            )
        source = named[0]
    return source, target


def names_said(options: Values, plan_path: Path, table: Mapping[str, Any]) -> tuple[str, str]:
    """Source and target as the command line, the plan or the repo's own settings say; the source may be empty.

    :param table: these settings (``[tool.phased-migration]``).
    """
    product = options.product
    products = table.get("products")
    own = products.get(product) if isinstance(products, dict) else None
    own = own if isinstance(own, dict) else {}
    source, target = options.source, options.target
    if not (source and target) and plan_path.exists():
        plan = load(plan_path)
        if not source or source == plan.source:
            source, target = source or plan.source, target or plan.target
    source = source or str(own.get("source") or table.get("source", "")).replace("{product}", product)
    usual = table.get("target", "products.{product}.backend")
    return source, target or str(own.get("target") or usual).replace("{product}", product)


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
    goal = path_under(target_root(project, root, target), target.replace(".", "/"))
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

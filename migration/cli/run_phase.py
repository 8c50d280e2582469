"""Running a phase: gather what it needs, let it compute, do it, prove it, keep the figures."""

from __future__ import annotations

import importlib
import os
import re
import secrets
import shutil
import subprocess
import tempfile
import time
from collections.abc import Iterator, Mapping
from dataclasses import astuple, replace
from pathlib import Path
from typing import TYPE_CHECKING, Any

from migration.cli import left_databases, preload, recall, tracker
from migration.cli.session import Session, check_on_disk, save_registry
from migration.cli.up_to_date import inputs, scan_of, tool
from migration.core import progress
from migration.core.changes import Finding
from migration.core.errors import DjangoError, MigrationError, PhaseError, UsageError
from migration.core.names import is_under, parent, path_under
from migration.core.phase import PHASES, TREE_PHASES, PhaseResult
from migration.engine import dependent_migrations
from migration.plan import edited, in_commits, reading
from migration.plan.fits_tree import check_plan
from migration.plan.plan import App, Plan
from migration.repo import corrections, merge_conflicts
from migration.repo.corrections import before_corrections, still_noted
from migration.repo.disk.atomic_write import write_atomically
from migration.repo.git.git import SUBMODULE
from migration.repo.protected_files import uncommitted_error
from migration.repo.tree import baseline_copy
from migration.repo.tree.project import Project, Tree, settings_of, source_path

if TYPE_CHECKING:  # each phase loads what it needs: all of it takes a fifth of the time of a small move
    from migration.django.process import Django
    from migration.django.registry import Registry
    from migration.phases.scan_moves import Scan
    from migration.phases.verify_migrations import Place

PURE = ("prepare_structure", "move_files", "update_imports", "prepare_models")


def execute(session: Session, phase: str) -> dict[str, Any]:
    """Run one phase on the repo.

    :returns: what doit keeps of it: figures and findings, as plain JSON values.
    :raises MigrationError: if the phase failed; the tree is as it was before it.
    """
    start = time.perf_counter()
    taken_back = uncover(session) if phase != "run_tests" else []
    check_on_disk(session.git.left_out() & session.workspace.ledger.touched)  # not there, and yet not deleted
    if phase in ("scan_moves", TREE_PHASES[0]):
        merge_conflicts.refuse(session.git, session.workspace.ledger.touched, session.plan_at_hand())
    recalled = recall.recall(session, work_out) if phase == "scan_moves" else None
    if recalled:
        session.workspace.recall(recalled.ledger, recalled.blobs)
        if not edited.seen_path(session.plan_path).exists():
            write_atomically(edited.seen_path(session.plan_path), edited.seen_text(recalled.scanned).encode())
    removed = session.workspace.absorb().removed
    stands_on = inputs(session)
    if phase == "scan_moves":
        result = run_scan(session, recalled.scanned if recalled else None)
        plan = session.plan()
    else:
        plan = session.plan()
        if not _applies(phase, plan, session):
            left = left_databases.take_away(session) if phase == "verify_migrations" else ()
            result = PhaseResult(skipped=_why_not(phase, plan, session), findings=left)
        else:
            result = compute(session, phase, plan)
    only = plan.new_path(session.options.file) if phase == "update_imports" and session.options.file else None
    if phase == "move_files":
        preload.begin()
    lost = do(session, phase, result, only) if phase in TREE_PHASES else []
    if only and "prepare_models" in session.workspace.ledger.phases:
        # The file was taken back to what stands before both; the other one has its part in it too.
        do(session, "prepare_models", compute(session, "prepare_models", plan), only)
    details = {"references": result.kinds, "left": result.left}
    return {
        "run": str(time.time_ns()),
        "inputs": "" if only else stands_on,  # the other files still have their turn
        "names": [plan.source, plan.target],
        **({"plan": scan_of(session)} if phase == "scan_moves" else {}),
        "timestamp": tracker.now(),
        "seconds": round(time.perf_counter() - start, 2),
        "summary": result.summary,
        "counts": {**result.counts, **{name: dict(figures) for name, figures in details.items() if figures}},
        "operations": len(result.changes.renames) + len(result.changes.removes) + len(result.changes.writes),
        "files_modified": sorted({write.path for write in result.changes.writes}
                                 | {rename.target for rename in result.changes.renames}),
        "findings": [
            *taken_back, *_recalled(recalled), *_removed(removed), *lost, *(str(finding) for finding in result.findings)
        ],
        **({"table": [dict(row) for row in result.table]} if result.table else {}),
        "tool": tool(phase),
        "reasons": {
            path: [list(astuple(reason)) for reason in reasons] for path, reasons in result.reasons.items()
        },
    }


def _removed(paths: Mapping[str, str]) -> list[str]:
    """A line for each file that a person has removed.

    :param paths: where it was before the move -> where it was removed.
    """
    was = {old: f" (before the move {old})" if old != place else "" for old, place in paths.items()}
    return [
        f"{place}: was removed by hand and stays removed{was[old]} -> "
        "to have it back, take its removal back in git (git restore), and run again"
        for old, place in sorted(paths.items())
    ]


def _recalled(recalled: recall.Recalled | None) -> list[str]:
    """A line, where the record of the move had to be told again."""
    if recalled is None:
        return []
    base = " and ".join(commit[:10] for commit in recalled.ledger.base)
    return [f"there was no record of this move here; what was done is told from its commits since {base}"]


def uncover(session: Session) -> list[str]:
    """Take back the moves of other products that stand on this one.

    :returns: a line for each, with what to do.
    """
    found = []
    for product in session.workspace.uncover():
        path = session.home / "moves" / product / session.tracker_path.name
        if path.exists():
            tracker.Tracker(path, product, PHASES).forget()
        found.append(f"{product} stands on this move and was taken back -> run it again: doit product={product}")
    return found


def do(session: Session, phase: str, result: PhaseResult, only: str | None = None) -> list[str]:
    """Bring the tree to what a phase has worked out, and prove that it is there.

    :param only: the one file (at its path after the move) that was worked on.
    :returns: a line for each edit by hand that has no place any more.
    :raises PhaseError: if a file is not as it should be.
    """
    left = corrections.left_by(phase, result.findings)
    lost = session.workspace.apply(phase, result.changes, only=only, left=left)
    session.changed_by_us()
    if wrong := session.workspace.differing(phase):
        raise PhaseError(
            f"{phase}: {len(wrong)} file(s) are not as they should be", "run the same command again", wrong
        )
    return lost


def compute(session: Session, phase: str, plan: Plan) -> PhaseResult:
    """What a phase would do to the tree as it stands; nothing is changed."""
    if phase in ("validate_django", "generate_migrations"):
        session.workspace.settle(phase if phase in TREE_PHASES else "generate_migrations")
    project = session.project(phase, plan.roots)
    if phase == "run_tests":
        return run_tests(session, project)
    if phase == "verify_migrations":
        return verify(session, project, plan)
    known = registry(session, plan)
    if phase == TREE_PHASES[0]:
        check_plan(plan, project.baseline)  # before anything is changed, not only when the files move
    if phase == TREE_PHASES[0] and (dirty := in_the_way(session, plan, known)):
        raise uncommitted_error(dirty, merging=bool(session.git.merging()))
    if phase in ("validate_django", "generate_migrations"):
        module = importlib.import_module(f"migration.phases.{phase}")
        try:
            done: PhaseResult = module.run(plan, project, known, _django(session, project))
        except DjangoError as error:
            raise with_noted(error, still_noted(session.workspace)) from error
        return done
    return pure(phase, plan, project, known, session.options.python)


def with_noted(error: DjangoError, noted: Mapping[str, Mapping[int, str]]) -> DjangoError:
    """What Django says, with the lines that were left for a person and may be its cause.

    :param noted: path -> number -> text of such lines.
    """
    words = re.findall(r"'([\w.]+)'", error.message)
    named = [
        f"left for you: {path}:{number}: {text.strip()}"
        for path, lines in noted.items()
        for number, text in lines.items()
        if f"{path}:" in error.message or any(re.search(rf"\b{re.escape(word)}\b", text) for word in words)
    ]
    if not named:
        return error
    remedy = "correct the lines that were left for you as they must be after the move, then run the same command again"
    return DjangoError(error.message, remedy, [*error.details, *named])


def pure(phase: str, plan: Plan, project: Project, known: Registry | None, python: str) -> PhaseResult:
    """The phases that need no more than the tree: they can be previewed.

    :param known: what Django said before the move.
    :param python: the interpreter beside which the repo's formatters are.
    """
    if phase == "prepare_models" and (known is None or plan.app.kind == "package"):
        return PhaseResult(skipped="nothing to do: no models and no app move")
    if phase == "update_imports":
        preload.end()
    module = importlib.import_module(f"migration.phases.{phase}")
    with_django = phase in ("prepare_structure", "prepare_models")
    result: PhaseResult = module.run(plan, project, known) if with_django else module.run(plan, project)
    if phase == "update_imports":
        from migration.engine import repo_formatter

        return repo_formatter.formatted(result, plan, project, python)
    return result


def run_scan(session: Session, then: Plan | None = None) -> PhaseResult:
    """Scan, and write (or keep) the plan.

    :param then: what the scan found when the move was made, where that had to be told from its commits.
    """
    from migration.phases import scan_moves

    found, known = look(session)
    if then is not None and not session.plan_path.exists():
        write_atomically(session.plan_path, in_force(session, found.plan, then)[1].encode())
    plan, findings = scan_moves.write(session.plan_path, found)
    if known is None:
        session.registry_path.unlink(missing_ok=True)
    else:
        save_registry(session, known.to_json())
    check_models(plan, known)  # after the plan is written: it is there that a person can leave models out
    again = [
        Finding(old, 0, f"is there again, although it moved to {new}", "merge it into that file, and delete it")
        for old, new in sorted(session.workspace.returned().items())
    ]
    every = (*findings, *found.findings, *again)
    counts = scan_moves.counts(plan)
    return PhaseResult(counts=counts | ({"left for you to look at": len(every)} if every else {}), findings=every)


def check_models(plan: Plan, known: Registry | None) -> None:
    """Stop where models can't be given a new label.

    :raises PhaseError: naming them.
    """
    if known is not None and plan.app.relabels:
        from migration.django.unmovable_models import refuse

        refuse(known, plan)


def look(session: Session) -> tuple[Scan, Registry | None]:
    """What a scan finds, and what the monolith's Django says of the tree before the move."""
    from migration.django.process import which_case
    from migration.phases import scan_moves

    kept = edited.edited(session.plan_path)
    project = session.project(TREE_PHASES[0], kept.roots if kept else None)
    product, (source, target) = session.options.product, session.names(project)
    scan_moves.check_names(product, source, target, kept)
    places = [path_under(root, source.replace(".", "/")) for root in project.roots]
    check_on_disk([path for path in session.git.left_out() if any(is_under(path, place) for place in places)])
    if kept:
        edited.check_same(session.plan_path, kept, product, source, target)
    else:
        project = replace(project, roots=scan_moves.roots_for(project, source))
    _, place = scan_moves.locate(project, source, target)
    package = parent(target) if place in project.baseline else target  # the source is a single module
    known = None
    with_django = session.options.django and (kept is None or kept.django)
    if with_django and (settings := _settings_name(session, project)):
        known = ask_baseline(session, project, settings, package)
    app = which_case(known, product, source, package) if known else App("package")
    found = scan_moves.scan(project, product, source, target, app, django=known is not None, kept=kept)
    listing = session.git.listing()
    submodules = [path for path, entry in listing.items() if entry.mode == SUBMODULE and is_under(path, place)]
    left = scan_moves.left_behind(*session.git.untracked(place), submodules, project.baseline.directories)
    return scan_moves.Scan(found.plan, (*found.findings, *left)), known


def ask_baseline(session: Session, project: Project, settings: str, package: str) -> Registry:
    """Ask Django about the tree before the move: in place, or in a copy once files have moved.

    :param package: the app's after the move; an entry for it in INSTALLED_APPS that a person has added ahead is no
        mistake.
    """
    workspace = session.workspace
    absent = "" if source_path(project.baseline, project.roots, package) else package

    def ask(repo: Path) -> Registry:
        return _django_at(session, project, settings, repo).ask("registry", "check", absent=absent).registry

    if workspace.states(None) == workspace.states(TREE_PHASES[0]) and not workspace.ledger.corrected:
        return ask(session.repo)
    local = baseline_copy.local_files(project.before)
    with tempfile.TemporaryDirectory(prefix="phased-migration-") as directory:
        baseline_copy.write_tree(before_corrections(workspace), Path(directory), local)
        return ask(Path(directory))


def fold(session: Session, plan: Plan, known: Registry | None) -> Iterator[tuple[str, PhaseResult, Tree]]:
    """All that can be worked out without touching anything: (phase, its result, the tree after it).

    :param known: what Django said before the move.
    """
    baseline = session.workspace.baseline()
    tree = baseline
    for phase in PURE:
        result = pure(phase, plan, session.project_at(baseline, tree, plan.roots), known, session.options.python)
        tree = tree.changed(result.changes)
        yield phase, result, tree


def work_out(session: Session) -> tuple[Plan, Iterator[tuple[str, PhaseResult, Tree]]]:
    """The plan that a scan finds, and what each phase makes of the tree that it finds; nothing is touched.

    :raises MigrationError: where a run would stop.
    """
    found, known = look(session)
    plan, tree = in_force(session, found.plan, found.plan)[0], session.workspace.baseline()
    plan = replace(plan, file_moves={old: new for old, new in plan.file_moves.items() if old in tree})
    return found.plan, _worked_out(session, plan, known)


def in_force(session: Session, scanned: Plan, then: Plan) -> tuple[Plan, str, list[Finding]]:
    """The plan as it stands after a scan, its text, and what people should know about it.

    :param then: what the scan found when the move was made; it matters where only commits tell the plan.
    :raises PlanError: if the plan that is there can't be used.
    """
    if session.told is None or not in_commits.is_edited(session.told) or session.plan_path.exists():
        return edited.in_force(session.plan_path, scanned)
    text = in_commits.text(session.told, scanned, then)
    note = Finding(str(session.plan_path), 0, "is told from the commits of the move, where it was edited by hand")
    return reading.loads(text, f"the plan that the commits of {session.options.product} tell"), text, [note]


def _worked_out(session: Session, plan: Plan, known: Registry | None) -> Iterator[tuple[str, PhaseResult, Tree]]:
    from migration.phases import generate_migrations

    tree = session.workspace.baseline()
    for phase, result, after in fold(session, plan, known):
        yield phase, result, tree
        tree = after
    if known is None or not _applies("generate_migrations", plan, session):
        return
    with tempfile.TemporaryDirectory(prefix="phased-migration-") as directory:
        baseline_copy.write_tree(tree, Path(directory), baseline_copy.local_files(tree))
        project = session.project_at(session.workspace.baseline(), tree, plan.roots)
        django = _django_at(session, project, _settings_name(session, project), Path(directory))
        yield "generate_migrations", generate_migrations.run(plan, project, known, django), tree


def in_the_way(session: Session, plan: Plan, known: Registry | None) -> list[str]:
    """Files with uncommitted changes (not ours) that some phase would change, sorted."""
    dirty = session.git.uncommitted() - session.workspace.ledger.touched
    if dirty:
        dirty -= session.workspace.stack.left()
    if not dirty:
        return []
    back = plan.back
    found: set[str] = set()
    try:
        for _, result, _ in fold(session, plan, known):
            found.update(back.get(path, path) for path in result.changes.paths)
    except MigrationError:
        pass  # the phase will say so itself when its turn comes
    return sorted(found & dirty)


def registry(session: Session, plan: Plan) -> Registry | None:
    """What Django said before the move, as the scan has kept it; None where Django is left out.

    :raises PhaseError: if the scan's record is missing or broken.
    """
    if not (plan.django and session.options.django):
        return None
    from migration.django.registry import Registry

    try:
        return Registry.from_json(session.registry_path.read_text(encoding="utf-8"))
    except (FileNotFoundError, ValueError) as error:
        raise PhaseError(
            f"{session.registry_path} can't be read ({error})",
            "run the scan again: doit forget scan_moves, then doit (and where there is no Django, "
            "write django: no into moves.yml)",
        ) from error


def _applies(phase: str, plan: Plan, session: Session) -> bool:
    if phase == "verify_migrations" and not session.options.verify:
        return False
    if phase in ("prepare_models", "generate_migrations", "verify_migrations"):
        return plan.django and session.options.django and plan.app.kind != "package"
    if phase == "validate_django":
        return plan.django and session.options.django
    return True


def _why_not(phase: str, plan: Plan, session: Session) -> str:
    if not session.options.django:
        return "left out: django=no"
    if phase == "verify_migrations" and not session.options.verify:
        return "left out: verify=no"
    return "nothing to do: no models and no app move" if plan.django else "nothing to do: no Django settings here"


def _settings_name(session: Session, project: Project) -> str:
    """The settings module: the command line, the environment, the repo's own table, or manage.py."""
    from migration.django.process import find_settings

    named = session.options.settings or str(settings_of(project.baseline).get("settings", ""))
    found = named or find_settings(session.repo, project.before) or ""
    return found or os.environ.get("DJANGO_SETTINGS_MODULE", "")


def _django(session: Session, project: Project) -> Django:
    settings = _settings_name(session, project)
    if not settings:
        raise UsageError("settings: nothing names the settings module", "give settings=a.b.settings")
    return _django_at(session, project, settings, session.repo)


def _django_at(session: Session, project: Project, settings: str, repo: Path) -> Django:
    from migration.django.process import Django

    ours = dependent_migrations.ever_made(session.workspace.made)
    return Django(session.options.python, repo, settings, project.roots, ours=ours, label=session.options.product)


def run_tests(session: Session, project: Project) -> PhaseResult:
    """Run the command that ``[tool.phased-migration] test`` names, with the monolith's interpreter.

    :raises PhaseError: with the end of its output, if it fails.
    """
    command = settings_of(project.before).get("test")
    if not command:
        return PhaseResult(skipped="nothing to do: the repo's pyproject.toml names no [tool.phased-migration] test")
    if not isinstance(command, list) or not all(isinstance(word, str) for word in command):
        raise PhaseError(
            "pyproject.toml: [tool.phased-migration] test is no list of words", 'write test = ["manage.py", "test"]'
        )
    try:
        done = progress.run(
            [session.options.python, *command], cwd=session.repo, capture_output=True, encoding="utf-8",
            errors="replace", stdin=subprocess.DEVNULL, env=_quiet_environment(),
        )
    except OSError as error:
        raise PhaseError(
            f"the interpreter {session.options.python} can't be run: {error.strerror}",
            "give the Python that runs the monolith: doit python=/path/to/venv/bin/python ...",
        ) from error
    lines = (done.stdout + done.stderr).strip().splitlines()
    if done.returncode:
        raise PhaseError(
            f"the repo's own tests fail after the move (exit code {done.returncode}): {' '.join(command)}",
            "see the output; run the same command in the repo for the whole of it",
            lines[-25:],
        )
    ran = next((line for line in reversed(lines) if line.startswith("Ran ") or " passed" in line), "passed")
    return PhaseResult(skipped=f"{' '.join(command)}: {ran.strip('= ')}, all green")


def verify(session: Session, project: Project, plan: Plan) -> PhaseResult:
    """Try the migrations on throw-away databases, with a copy of the tree before the move beside the moved one.

    :raises MigrationError: if they can't be tried, or lose something.
    """
    from migration.django.left_databases import Trial
    from migration.phases import verify_migrations

    session.workspace.settle()
    settings, directory = _django(session, project).settings, session.verify_path
    left = left_databases.take_away(session)
    local = baseline_copy.local_files(project.before)
    try:
        tree = before_corrections(session.workspace)
        with baseline_copy.baseline_copy(tree, directory / "baseline", local) as copy:
            place = _place(session, directory / "databases")
            before, after = (_django_at(session, project, settings, repo) for repo in (copy, session.repo))
            absent = "" if source_path(project.baseline, project.roots, plan.package) else plan.package
            lets = plan.trial
            Trial(before.python, str(copy), settings, before.roots, absent, lets.allow, lets.programs).write(directory)
            result = verify_migrations.run(plan, before, after, place, absent)
            return replace(result, findings=(*left, *result.findings))
    finally:
        shutil.rmtree(directory, ignore_errors=True)


def _place(session: Session, directory: Path) -> Place:
    """Where a trial works: databases under names that no other run has."""
    from migration.phases.verify_migrations import Place

    token, product = secrets.token_hex(16), session.options.product
    prefix = f"test_phased_{re.sub('[^a-z0-9_]', '_', product.lower())[:16]}_{session.checkout}_{token[:8]}"
    return Place(prefix, directory, token, product, session.checkout)


def _quiet_environment() -> dict[str, str]:
    return {**os.environ, "PYTHONDONTWRITEBYTECODE": "1"}

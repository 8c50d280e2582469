"""update_imports: rewrite every reference to what moved, and nothing else."""

from __future__ import annotations

import contextlib
import re
from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace

from migration.core.changes import ChangeSet, Finding, Write
from migration.core.errors import PhaseError
from migration.core.names import is_python, is_within, parent, prefixes
from migration.core.phase import PhaseResult, Reason
from migration.core.references import Moves, SourceFile, TextFile, UnreadableSource
from migration.django.label_templates import unfound
from migration.engine import residue
from migration.engine.coverage.findings import Place, covered, places
from migration.engine.moves_of_plan import moves_of
from migration.engine.residue import Residue
from migration.engine.rewrite_text import left_out
from migration.engine.workers import Outcome, Task, work
from migration.plan.plan import Plan
from migration.python.dangling_imports import Dangling, dangling, imported_names, new_dangling, unresolved
from migration.repo.tree.project import Project, Tree, module_index
from migration.rewriters import templates
from migration.text.globs import MATCHES, glob_needles, is_pattern_file
from migration.text.paths import path_needles


def run(plan: Plan, project: Project) -> PhaseResult:
    """Rewrite the references in every file that may hold one.

    :raises PhaseError: if a file that refers to what moves can't be parsed, if a rewrite would
        change more than references, or if an import would dangle that did not before; what is wrong
        in several files is reported at once.
    """
    moves = moves_of(plan, project)
    paths = candidates(plan, project, moves)
    python = [_python(plan, project, path) for path in paths if is_python(path)]
    texts = [TextFile(path, project.before.read(plan.new_path(path))) for path in paths if not is_python(path)]
    files: list[SourceFile | TextFile] = [*python, *texts]
    outcomes = work([_task(plan, project, source) for source in files], moves, project.jobs)
    findings = _refuse_failures(plan, moves, python, outcomes[: len(python)])
    modes = project.before.modes
    writes, kinds = [], Counter[str]()
    reasons: dict[str, tuple[Reason, ...]] = {}
    for source, outcome in zip(files, outcomes, strict=True):
        rewritten = outcome.rewritten
        if rewritten is None:
            continue
        findings += rewritten.findings
        if rewritten.raw is not None:
            new_path = plan.new_path(source.path)
            writes.append(Write(new_path, rewritten.raw, mode=modes[new_path]))
            edits = [reference for reference in rewritten.references if reference.text is not None]
            kinds.update(reference.kind for reference in edits)
            reasons[new_path] = tuple(
                Reason(source.line_of(r.start), r.kind, r.old, r.new) for r in sorted(edits, key=lambda r: r.start)
            )
    changes = ChangeSet(writes=tuple(writes))
    counts = {"files rewritten": len(writes), "files read": len(paths)}
    left: dict[str, int] = {}
    if project.only is None:
        findings += unfound(plan, project.baseline)
        done = replace(project, before=project.before.changed(changes))
        check(plan, project, moves, changes, done.before, outcomes)
        settled = covered(plan, project.baseline, done.before, moves, project.candidates)
        above = places(plan, settled)
        changes = _with_entries(changes, done.before, settled.contents)
        counts |= {"entries added": len(settled.written)} if settled.written else {}
        findings = _with_places(plan, findings, above)
        done = replace(project, before=project.before.changed(changes))
        kept, residues = _left(plan, done, moves, outcomes, above)
        findings += kept
        left = residue.reasons(residues)
        counts |= {"old names left": len(residues)} if residues else {}
    elif plan.cover:
        settled = covered(plan, project.baseline, project.before.changed(changes), moves, project.candidates)
        own = plan.new_path(_only(plan, project, survivors(plan, project), project.only))
        entries = {path: raw for path, raw in settled.contents.items() if path == own}
        changes = _with_entries(changes, project.before, entries)
    if findings:
        counts["left for you to look at"] = len(findings)
    return PhaseResult(changes, counts, dict(kinds), tuple(findings), left=left, reasons=reasons)


def _with_entries(changes: ChangeSet, after: Tree, contents: Mapping[str, bytes]) -> ChangeSet:
    """The changes with the files that get entries for the new place; in ``contents`` all is rewritten already."""
    entries = (
        Write(path, raw, create=path not in after, mode=after.modes.get(path, "100644"))
        for path, raw in contents.items()
    )
    return ChangeSet(writes=(*(write for write in changes.writes if write.path not in contents), *entries))


def _with_places(plan: Plan, findings: Iterable[Finding], above: Sequence[Place]) -> list[Finding]:
    """The findings, with those about lines that took in what moved in place of what a pattern's text tells."""
    lines = {(at.path, at.line) for at in above}
    kept = [
        finding for finding in findings
        if MATCHES not in finding.message or (plan.new_path(finding.path), finding.line) not in lines
    ]
    return kept + [Finding(at.path, at.line, at.message, at.remedy) for at in above if not at.decided]


def _left(
    plan: Plan, done: Project, moves: Moves, outcomes: Iterable[Outcome], above: Sequence[Place]
) -> tuple[list[Finding], list[Residue]]:
    """What still names the old place when all is done, and a finding for each place that nothing explains.

    Files that the plan leaves at the old place are none: it says so itself.

    :param done: the project with the tree as it is then.
    :param above: lines of configuration that no longer take in what moved; they are named by themselves.
    """
    settled = {
        plan.new_path(outcome.path)
        for outcome in outcomes
        if outcome.rewritten and all(reference.text is not None for reference in outcome.rewritten.references)
    }
    found = [item for item in residue.find(plan, done, settled, moves, above) if item.kind != "file"]
    unexplained = [item for item in found if not item.decided and item.kind != residue.COVER]
    reason = f"still names {plan.source}, and nothing says why"
    return [Finding(item.path, item.line, f"{item.text}: {reason}") for item in unexplained], found


def candidates(plan: Plan, project: Project, moves: Moves) -> list[str]:
    """The files (paths before the move) that may refer to what moves, sorted.

    git lists the files that hold one of the needles; a moved file always counts, for its relative
    imports.

    :raises PhaseError: if the one file that was asked for is none that may be rewritten.
    """
    kept = survivors(plan, project)
    if project.only is not None:
        return [_only(plan, project, kept, project.only)]
    # Where only a part of a package moves, what stays in it may refer to it by dots and nothing more.
    directories = {path.rpartition("/")[0] for path in plan.file_moves}
    needles = sorted({*moves.needles, *path_needles(moves), *glob_needles(moves), *templates.needles(moves)})
    found = {*plan.file_moves, *kept.values()}
    with ThreadPoolExecutor(1) as beside:
        searched = beside.submit(project.candidates, tuple(needles))  # git works while we look at the names
        for path in project.baseline:
            module = project.module_of(path)
            within = any(name in moves.packages for name in prefixes(module or ""))
            if within or path.rpartition("/")[0] in directories or is_pattern_file(path):
                found.add(path)
        found.update(searched.result())
    merged = set(plan.file_moves.values()) - {*plan.file_moves, *kept.values()}
    return sorted(path for path in found - merged - kept.keys() if not _why_left(plan, project, path))


def _python(plan: Plan, project: Project, path: str) -> SourceFile:
    return SourceFile(path, project.before.read(plan.new_path(path)), project.module_of(path))


def survivors(plan: Plan, project: Project) -> dict[str, str]:
    """Moved files of which nothing is left, because the file at the target was kept -> that file.

    An empty ``__init__.py`` vanishes into one that holds something, and what that one says, it says
    at its own place.
    """
    baseline, before = project.baseline, project.before
    found = {}
    for old, new in plan.file_moves.items():
        if new in baseline and new not in plan.file_moves and old in baseline and new in before:
            text = baseline.read(old)
            if not text.strip() and before.read(new) != text:
                found[old] = new
    return found


def _only(plan: Plan, project: Project, kept: Mapping[str, str], path: str) -> str:
    """The path before the move of the one file that was asked for."""
    back = {new: old for old, new in plan.file_moves.items() if old not in kept}
    old = back.get(path, kept.get(path, path))
    if reason := _why_left(plan, project, old):
        raise PhaseError(f"file: {path} {reason}", "give file=PATH of another file, relative to the repo")
    return old


def _why_left(plan: Plan, project: Project, path: str) -> str:
    """Why a file (path before the move) is not looked into; empty if it is."""
    if path not in project.baseline or plan.new_path(path) not in project.before:
        return "is no tracked file"
    if plan.excludes(path):
        return "is listed under exclude"
    if not project.baseline.is_regular(path):
        return "is a symbolic link"
    if is_python(path) or plan.includes(path):
        return ""
    reason = left_out(path, project.before.read(plan.new_path(path)))
    return f"is {reason}, and such files are left unless moves.yml lists them under include" if reason else ""


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
    back = {new: old for old, new in plan.file_moves.items() if old not in kept}
    before = (project.source(path) for path in sorted({back.get(item.path, item.path) for item in now}))
    then = dangling(before, project.reader(), project.modules, look_into)
    lost = new_dangling(then, now, moves, {old: new for new, old in back.items()})
    if lost:
        taken = [_taken(item, project, moves) for item in lost]
        remedy = "check file_moves and module_moves in moves.yml for what these lines name"
        if any(taken):
            remedy += (
                "; where a new name is another package's already, give another target, or list the file under exclude"
            )
        raise PhaseError(
            f"{len(lost)} import(s) that resolved before would dangle; nothing was written",
            remedy,
            [f"{item}{clash}" for item, clash in zip(lost, taken, strict=True)],
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


def _task(plan: Plan, project: Project, source: SourceFile | TextFile) -> Task:
    new_path = plan.new_path(source.path)
    if isinstance(source, TextFile):
        return Task(source.path, source.raw, new_path, python=False)
    return Task(source.path, source.raw, new_path, True, source.module, project.module_of(new_path))


def _refuse_failures(plan: Plan, moves: Moves, files: list[SourceFile], outcomes: list[Outcome]) -> list[Finding]:
    """Unreadable Python that does not mention what moves is left alone, and named; all else fails.

    :raises PhaseError: naming every file that can't be rewritten.
    """
    mention = _mention(moves)
    failed, left = [], []
    for source, outcome in zip(files, outcomes, strict=True):
        if not outcome.error:
            continue
        path = plan.new_path(source.path)
        relative = source.path in plan.file_moves and _RELATIVE.search(source.raw)
        if outcome.unreadable and not relative and not mention.search(source.raw):
            reason = f"can't be read ({outcome.error}) and was left; it does not seem to mention what moves"
            left.append(Finding(path, outcome.line, reason))
        else:
            failed.append(str(Finding(path, outcome.line, outcome.error)))
    if failed:
        raise PhaseError(
            f"{len(failed)} file(s) that refer to {plan.source} can't be rewritten; nothing was written",
            "correct these lines (or list the file under exclude in moves.yml), then run the same command again",
            failed,
        )
    return left


_RELATIVE = re.compile(rb"\bfrom\s*\.")


def _mention(moves: Moves) -> re.Pattern[bytes]:
    """What text that can't be parsed looks like where it names something that moves."""
    forms = []
    for package in sorted(moves.packages):
        above, _, last = package.rpartition(".")
        name = rb"\b%s\b" % re.escape(last.encode())
        names = rb"(?:\([^)]*|[^\n]*)" + name
        dotted = re.escape(package.encode()).replace(rb"\.", rb"\s*\.\s*")
        forms.append((rb"(?<![\w.])%s\b" if above else rb"\b(?:import|from)\s+%s\b") % dotted)
        forms.append(rb"\bfrom\s*\.[\s.\w]*?(?:%s|\bimport\s*%s)" % (name, names))
        if above:
            parent_name = re.escape(above.encode()).replace(rb"\.", rb"\s*\.\s*")
            forms.append(rb"\bfrom\s+%s\s+import\s*%s" % (parent_name, names))
            forms.append(rb"\bimport\s+%s\s+as\s(?s:.*)\.%s" % (parent_name, name))
    return re.compile(b"|".join(forms) or rb"(?!)")

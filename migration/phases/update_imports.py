"""update_imports: rewrite every reference to what moved, and nothing else."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import replace

from migration.core.changes import ChangeSet, Finding, Write
from migration.core.errors import PhaseError
from migration.core.moves import Moves
from migration.core.names import is_python
from migration.core.phase import PhaseResult, Reason
from migration.core.references import TextFile
from migration.django.label_templates import unfound
from migration.engine import residue
from migration.engine.candidates import asked_for, candidates, survivors
from migration.engine.coverage.findings import Place, covered, places
from migration.engine.import_check import check
from migration.engine.moves_of_plan import moves_of
from migration.engine.repo_formatter import formatted
from migration.engine.residue import Residue
from migration.engine.workers import Outcome, Rewriters, Task, work
from migration.phases.context import Context, Needs, always
from migration.plan.plan import Plan
from migration.python.source_file import SourceFile
from migration.repo.tree.project import Project
from migration.repo.tree.tree import Tree
from migration.rewriters import OF_NAMES
from migration.text.globs import MATCHES

NEEDS = Needs()
does_not_apply = always


def run(context: Context) -> PhaseResult:
    """Rewrite the references in every file that may hold one.

    :raises PhaseError: if a file that refers to what moves can't be parsed, if a rewrite would
        change more than references, or if an import would dangle that did not before; what is wrong
        in several files is reported at once.
    """
    plan, project = context.plan, context.project
    return formatted(rewritten(plan, project), plan, project, context.options.python)


def rewritten(plan: Plan, project: Project, rewriters: Rewriters = OF_NAMES) -> PhaseResult:
    """The references in every file that may hold one, rewritten; nothing is formatted.

    :param rewriters: the kinds of references that are looked for.
    :raises PhaseError: as :func:`run` does.
    """
    moves = moves_of(plan, project)
    paths = candidates(plan, project, moves, rewriters)
    python = [_python(plan, project, path) for path in paths if is_python(path)]
    texts = [TextFile(path, project.before.read(plan.new_path(path))) for path in paths if not is_python(path)]
    files: list[SourceFile | TextFile] = [*python, *texts]
    outcomes = work([_task(plan, project, source) for source in files], moves, project.jobs, rewriters)
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
        findings = _with_places(findings, above)
        done = replace(project, before=project.before.changed(changes))
        kept, residues = _left(plan, done, moves, outcomes, above)
        findings += kept
        left = residue.reasons(residues)
        counts |= {"old names left": len(residues)} if residues else {}
    elif plan.cover:
        settled = covered(plan, project.baseline, project.before.changed(changes), moves, project.candidates)
        own = plan.new_path(asked_for(plan, project, survivors(plan, project), project.only))
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


def _with_places(findings: Iterable[Finding], above: Sequence[Place]) -> list[Finding]:
    """The findings, with those about lines that took in what moved in place of what a pattern's text tells."""
    lines = {(at.path, at.line) for at in above}
    kept = [
        finding for finding in findings
        if MATCHES not in finding.message or (finding.path, finding.line) not in lines
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


def _python(plan: Plan, project: Project, path: str) -> SourceFile:
    return SourceFile(path, project.before.read(plan.new_path(path)), project.module_of(path))


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

"""update_imports: rewrite every reference to what moved, and nothing else."""

from __future__ import annotations

import functools
import re
from collections import Counter
from collections.abc import Callable, Iterable, Iterator
from concurrent.futures import Executor, ProcessPoolExecutor
from dataclasses import dataclass

from migration.changes import ChangeSet, Finding, Write
from migration.errors import MigrationError, PhaseError
from migration.mapping import moves_of
from migration.names import is_python, parent
from migration.phase import PhaseResult
from migration.plan import Plan
from migration.project import Project, Tree, module_index
from migration.references import Moves, SourceFile, UnreadableSource
from migration.resolve import dangling, new_dangling
from migration.rewrite import Rewritten, rewrite

# Below this many bytes of source, starting more processes costs more than it saves.
_WORTH_A_PROCESS = 4_000_000


@dataclass(frozen=True, slots=True)
class Outcome:
    """What became of one file: rewritten (or left) as ``rewritten`` says, or failed with ``error``."""

    path: str
    rewritten: Rewritten | None = None
    error: str = ""
    line: int = 0


def run(plan: Plan, project: Project) -> PhaseResult:
    """Rewrite the references in every file that may hold one.

    :raises PhaseError: if a file that refers to what moves can't be parsed, if a rewrite would
        change more than references, or if an import would dangle that did not before.
    """
    moves = moves_of(plan, project)
    files = [
        SourceFile(path, project.before.read(plan.new_path(path)), project.module_of(path))
        for path in candidates(plan, project, moves)
    ]
    outcomes = list(_work(files, moves, project.jobs))
    _refuse_failures(plan, files, outcomes)
    modes = project.before.modes
    writes, kinds = [], Counter[str]()
    findings: list[Finding] = []
    reasons: dict[str, tuple[str, ...]] = {}
    for source, outcome in zip(files, outcomes, strict=True):
        done = outcome.rewritten
        if done is None:
            continue
        findings += done.findings
        if done.raw is not None:
            new_path = plan.new_path(source.path)
            writes.append(Write(new_path, done.raw, mode=modes[new_path]))
            edits = [reference for reference in done.references if reference.text is not None]
            kinds.update(reference.kind for reference in edits)
            reasons[new_path] = tuple(
                f"{source.line_of(r.start)}: {r.kind} {r.old} -> {r.new}" for r in sorted(edits, key=lambda r: r.start)
            )
    changes = ChangeSet(writes=tuple(writes))
    if project.only is None:
        check(plan, project, moves, changes, [source.path for source in files])
    counts = {"files rewritten": len(writes), "files read": len(files)}
    counts |= {f"{kind} references": count for kind, count in sorted(kinds.items())}
    if findings:
        counts["left for you to look at"] = len(findings)
    return PhaseResult(changes, counts, tuple(findings), reasons=reasons)


def candidates(plan: Plan, project: Project, moves: Moves) -> list[str]:
    """The Python files (paths before the move) that may refer to what moves, sorted.

    git lists the files that hold one of the needles; a moved file always counts, for its relative
    imports.
    """
    merged = set(plan.file_moves.values()) - set(plan.file_moves)
    if project.only is not None:
        old = {new: old for old, new in plan.file_moves.items()}.get(project.only, project.only)
        if old not in project.baseline or not is_python(old):
            raise PhaseError(f"file: {project.only} is no tracked Python file", "give file=PATH relative to the repo")
        return [old]
    # Where only a part of a package moves, its siblings may refer to it by a dot and nothing more.
    directories = {path.rpartition("/")[0] for path in plan.file_moves}
    found = {*project.candidates(moves.needles), *plan.file_moves}
    found |= {path for path in project.baseline if path.rpartition("/")[0] in directories}
    return sorted(
        path
        for path in found
        if is_python(path)
        and path in project.baseline
        and not plan.excludes(path)
        and project.baseline.is_regular(path)
        and path not in merged
        and plan.new_path(path) in project.before
    )


def check(plan: Plan, project: Project, moves: Moves, changes: ChangeSet, paths: Iterable[str]) -> None:
    """Resolve the imports of every file that may refer to what moved, before and after.

    :raises PhaseError: naming each import that resolved before and no longer does.
    """
    after = project.before.changed(changes)
    modules = module_index(after, project.roots)
    # Elsewhere nothing has changed, so only the names in these modules have to be read.
    changed = {project.module_of(path) for path in (*plan.file_moves, *plan.file_moves.values(), *changes.paths)}
    changed |= set(modules) ^ set(project.modules)
    touched = {name for module in changed if module for name in (module, parent(module))}
    files = [project.source(plan.new_path(path), after) for path in paths]
    look_into = touched.__contains__
    now = dangling(files, _reader(project, after), modules, look_into)
    if not now:
        return
    back = {new: old for old, new in plan.file_moves.items()}
    before = [project.source(path) for path in sorted({back.get(item.path, item.path) for item in now})]
    then = dangling(before, _reader(project, project.baseline), project.modules, look_into)
    lost = new_dangling(then, now, moves, plan.file_moves)
    if lost:
        raise PhaseError(
            f"{len(lost)} import(s) that resolved before would dangle; nothing was written",
            "check file_moves and module_moves in moves.yml for what these lines name",
            [str(item) for item in lost],
        )


def _reader(project: Project, tree: Tree) -> Callable[[str], SourceFile | None]:
    def read(module: str) -> SourceFile | None:
        path = project.path_of(module, tree)
        return project.source(path, tree) if path else None

    return functools.cache(read)


def _work(files: list[SourceFile], moves: Moves, jobs: int) -> Iterator[Outcome]:
    tasks = [(source.path, source.raw, source.module) for source in files]
    if jobs > 1 and sum(len(source.raw) for source in files) >= _WORTH_A_PROCESS:
        with ProcessPoolExecutor(jobs, initializer=_start, initargs=(moves,)) as pool:
            yield from work_on(tasks, pool)
    else:
        _start(moves)
        yield from map(_one, tasks)


def work_on(tasks: list[tuple[str, bytes, str | None]], pool: Executor) -> Iterator[Outcome]:
    """The outcomes of rewriting files on an executor whose workers were started with the moves."""
    yield from pool.map(_one, tasks, chunksize=16)


_moves: Moves | None = None


def _start(moves: Moves) -> None:
    global _moves
    _moves = moves


def _one(task: tuple[str, bytes, str | None]) -> Outcome:
    path, raw, module = task
    assert _moves is not None
    try:
        return Outcome(path, rewrite(SourceFile(path, raw, module), _moves))
    except UnreadableSource as error:
        return Outcome(path, error=error.message, line=error.line)
    except MigrationError as error:
        return Outcome(path, error=error.message)


def _refuse_failures(plan: Plan, files: list[SourceFile], outcomes: list[Outcome]) -> None:
    """Unparsable Python that can't refer to what moves is left alone; all other failures count."""
    name = re.escape(plan.source.encode()).replace(rb"\.", rb"(?:\s*\.\s*)")
    last = re.escape(plan.source.rpartition(".")[2].encode())
    mention = re.compile(rb"(?<![\w.])%s\b|\bfrom\s[^\n]*\bimport\b[^\n]*\b%s\b|\.%s\b" % (name, last, last))
    failed = []
    for source, outcome in zip(files, outcomes, strict=True):
        if outcome.error and (not outcome.line or source.path in plan.file_moves or mention.search(source.raw)):
            failed.append(str(Finding(plan.new_path(source.path), outcome.line, outcome.error)))
    if failed:
        raise PhaseError(
            f"{len(failed)} file(s) that refer to {plan.source} can't be rewritten; nothing was written",
            "correct these lines (or list the file under exclude in moves.yml), then run the same command again",
            failed,
        )

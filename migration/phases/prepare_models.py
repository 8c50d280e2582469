"""prepare_models: tables pinned and model labels made right, so that no database notices the move.

An app that moves keeps its label, unless the plan gives it another one: then its migrations are
rewritten too. A plain package has no models: nothing to do.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Container

from migration.core.changes import ChangeSet, Finding, Write
from migration.core.errors import PhaseError
from migration.core.names import is_python, module_of, parent, prefixes
from migration.core.phase import PhaseResult, Reason
from migration.core.references import TextFile
from migration.django import app_config
from migration.django.model_moves import ModelMoves, Past
from migration.django.registry import Registry
from migration.django.unmovable_models import refuse
from migration.engine.claims import open_questions
from migration.engine.edited import edited
from migration.engine.rewrite_models import Prepared, prepare
from migration.phases.context import NO_MODELS, Context, Needs, without_models
from migration.plan.plan import Plan
from migration.python.source_file import SourceFile, UnreadableSource
from migration.repo.tree.project import Project
from migration.rewriters import OF_MODELS, File, migration_history
from migration.text.text_style import TOO_LARGE, left_out

NEEDS = Needs(registry=True)
does_not_apply = without_models


def run(context: Context) -> PhaseResult:
    """What the move asks of models and of the AppConfig.

    :raises PhaseError: if a model can't be moved so, or a file would still name an old label.
    """
    plan, project, registry = context.plan, context.project, context.registry
    if registry is None:
        return PhaseResult(skipped=NO_MODELS)
    if not plan.app.relabels:
        return _pin_app(plan, project)
    refuse(registry, plan)
    homes = {project.path_of(module) for module in needed_in(registry, plan, project.modules)}
    models = ModelMoves(plan, registry, _past(plan, project, registry), frozenset(path for path in homes if path))
    done, problems = _work(models, project)
    if problems:
        raise PhaseError(
            f"{len(problems)} place(s) would name an old label or table; nothing was written",
            "correct these lines, then run the same command again",
            [str(problem) for problem in problems],
        )
    writes, kinds, findings = [], Counter[str](), list[Finding]()
    reasons: dict[str, tuple[Reason, ...]] = {}
    for path, file, prepared in done:
        new_path = plan.new_path(path)
        notes: list[Reason] = []
        findings += open_questions(file, prepared.references, new_path, "see for yourself")
        for reference in prepared.references:
            line = file.line_of(reference.start)
            if reference.text is not None:
                kinds[reference.kind] += 1
                notes.append(Reason(line, reference.kind, reference.old, reference.new))
        reasons |= {new_path: tuple(notes)} if notes else {}
        if prepared.raw is not None:
            writes.append(Write(new_path, prepared.raw))
    if plan.app.kind == "app":
        writes = _with_config(plan, project, writes)
    counts = {"files rewritten": len(writes), "models": len(plan.app.models)}
    return PhaseResult(ChangeSet(writes=tuple(writes)), counts, dict(kinds), tuple(findings), reasons=reasons)


def _work(models: ModelMoves, project: Project) -> tuple[list[tuple[str, File, Prepared]], list[Finding]]:
    """Each file (its path before the move) with what becomes of it, and what is wrong."""
    done: list[tuple[str, File, Prepared]] = []
    problems: list[Finding] = []
    for path in _files(models, project):
        new_path = models.plan.new_path(path)
        raw = project.before.read(new_path)
        file = SourceFile(path, raw, project.module_of(path)) if is_python(path) else TextFile(path, raw)
        try:
            prepared = prepare(file, models)
        except UnreadableSource as error:
            problems.append(Finding(new_path, error.line, error.message))
            continue
        problems += prepared.problems
        done.append((path, file, prepared))
    return done, problems


def _pin_app(plan: Plan, project: Project) -> PhaseResult:
    """An app that moves keeps its label: write it out in the AppConfig that the move has brought."""
    writes = tuple(_with_config(plan, project, []))
    return PhaseResult(ChangeSet(writes=writes), {"files rewritten": len(writes)})


def _with_config(plan: Plan, project: Project, writes: list[Write]) -> list[Write]:
    """The same writes, with the label written out in the AppConfig that the move has brought."""
    before = next(
        (old for old, new in plan.file_moves.items() if module_of(new, project.roots) == parent(plan.app.config)), None
    )
    if before is None:
        return writes
    path = plan.new_path(before)
    raw = next((write.data for write in writes if write.path == path), project.before.read(path))
    source = SourceFile(before, raw, project.module_of(before))
    app = plan.app
    pinned = edited(source, app_config.pin(source, app.config, plan.source, plan.target, app.label, app.old_label))
    if pinned is None:
        return writes
    others = [write for write in writes if write.path != path]
    return [*others, Write(path, pinned)]


def _past(plan: Plan, project: Project, registry: Registry) -> Past:
    """What the migrations of an app that gets another label say together.

    :raises PhaseError: if one can't be read.
    """
    if not plan.app.rewrites_history:
        return Past()
    models = ModelMoves(plan, registry)
    own = [path for path in project.baseline if migration_history.is_own(path, models)]
    sources = []
    for path in own:
        source = SourceFile(path, project.before.read(plan.new_path(path)), None)
        try:
            source.tree  # noqa: B018  parsed here, so that the error names the file
        except UnreadableSource as error:
            raise PhaseError(
                f"{plan.new_path(path)}:{error.line}: {error.message}", "correct the migration, then run it again"
            ) from error
        sources.append(source)
    return migration_history.past_of(sources, plan)


def _files(models: ModelMoves, project: Project) -> list[str]:
    """The files (paths before the move) that have to be looked at, sorted."""
    plan = models.plan
    needles = sorted({needle for rewriter in OF_MODELS for needle in rewriter.needles(models)})
    by_path = {rewriter.by_path for rewriter in OF_MODELS if rewriter.by_path}
    named = set(project.candidates(tuple(needles)))
    named |= {path for path in project.baseline if any(is_looked_into(path, models) for is_looked_into in by_path)}
    merged = set(plan.file_moves.values()) - set(plan.file_moves)
    return sorted(
        path
        for path in named
        if path in project.baseline
        and path not in merged
        and not plan.excludes(path)
        and plan.new_path(path) in project.before
        and (path.endswith(".py") or _is_read(path, plan, project))
    )


def _is_read(path: str, plan: Plan, project: Project) -> bool:
    """Whether a file that is not Python is looked into; some kinds are looked for in large ones, too."""
    if path.endswith(".pyi") or not project.baseline.is_regular(path):
        return False
    reason = left_out(path, project.before.read(plan.new_path(path)), project.baseline)
    any_size = tuple(ending for rewriter in OF_MODELS for ending in rewriter.any_size)
    return not reason or plan.includes(path) or (reason == TOO_LARGE and path.endswith(any_size))


def needed_in(registry: Registry, plan: Plan, modules: Container[str]) -> set[str]:
    """The modules (dotted, before the move) that hold classes this phase has to look at.

    Those of moved models and of their abstract bases, and of every model with a relation to one.

    :param modules: every importable module of the tree.
    """
    moved = plan.app.moved_labels
    found: set[str] = set()
    for model in registry.models:
        ends = {end.lower() for field in model.fields for end in (field.target, field.through)}
        if model.label.lower() in moved or ends & moved.keys():
            for path in (model.path, *model.abstract):
                found.update([prefix for prefix in prefixes(path) if prefix in modules][:1])
    return found

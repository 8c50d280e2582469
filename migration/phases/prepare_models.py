"""prepare_models: tables pinned and model labels made right, so that no database notices the move.

An app that moves keeps its label, unless the plan gives it another one: then its migrations are
rewritten too. A plain package has no models: nothing to do.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Container, Iterable, Sequence

from migration.core.changes import ChangeSet, Finding, Write, apply_edits
from migration.core.errors import PhaseError
from migration.core.names import is_python, is_under, module_of, parent, prefixes
from migration.core.phase import PhaseResult, Reason
from migration.core.references import TextFile
from migration.django import app_config
from migration.django.labels import labels_of
from migration.django.model_classes import moved_labels
from migration.django.registry import Registry
from migration.django.unmovable_models import refuse
from migration.engine.rewrite_models import Prepared, prepare, prepare_text
from migration.plan.plan import Plan, rewrites
from migration.python.source_file import SourceFile, UnreadableSource
from migration.repo.tree.project import Project
from migration.rewriters import (
    fixtures,
    migration_history,
)
from migration.text.text_style import TOO_LARGE, left_out


def run(plan: Plan, project: Project, registry: Registry | None) -> PhaseResult:
    """What the move asks of models and of the AppConfig.

    :param registry: what Django said before the move.
    :raises PhaseError: if a model can't be moved so, or a file would still name an old label.
    """
    if registry is None or plan.app.kind == "package":
        return PhaseResult(skipped="nothing to do: no models and no app move")
    if not plan.app.relabels:
        return _pin_app(plan, project)
    refuse(registry, plan)
    past = _past(plan, project, registry)
    done, problems = _work(plan, project, registry, past)
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
        for reference in prepared.references:
            line = file.line_of(reference.start)
            if reference.text is None:
                findings.append(Finding(new_path, line, f"{reference.old}: {reference.reason}", "see for yourself"))
            else:
                kinds[reference.kind] += 1
                notes.append(Reason(line, reference.kind, reference.old, reference.new))
        reasons |= {new_path: tuple(notes)} if notes else {}
        if prepared.raw is not None:
            writes.append(Write(new_path, prepared.raw))
    if plan.app.kind == "app":
        writes = _with_config(plan, project, writes)
    counts = {"files rewritten": len(writes), "models": len(plan.app.models)}
    return PhaseResult(ChangeSet(writes=tuple(writes)), counts, dict(kinds), tuple(findings), reasons=reasons)


def _work(
    plan: Plan, project: Project, registry: Registry, past: migration_history.Past
) -> tuple[list[tuple[str, SourceFile | TextFile, Prepared]], list[Finding]]:
    """Each file (its path before the move) with what becomes of it, and what is wrong."""
    done: list[tuple[str, SourceFile | TextFile, Prepared]] = []
    problems: list[Finding] = []
    for path in _files(plan, project, registry):
        new_path = plan.new_path(path)
        raw = project.before.read(new_path)
        if not is_python(path):
            text = TextFile(path, raw)
            done.append((path, text, prepare_text(text, plan, registry)))
            continue
        source = SourceFile(path, raw, project.module_of(path))
        try:
            prepared = prepare(source, plan, registry, past)
        except UnreadableSource as error:
            problems.append(Finding(new_path, error.line, error.message))
            continue
        problems += prepared.problems
        done.append((path, source, prepared))
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
    edits = app_config.pin(source, app.config, plan.source, plan.target, app.label, app.old_label)
    if not edits:
        return writes
    others = [write for write in writes if write.path != path]
    return [*others, Write(path, source.encode(apply_edits(source.data, edits)))]


def is_in(path: str, directories: Sequence[str]) -> bool:
    """Whether a path lies in one of the directories."""
    return any(is_under(path, directory) for directory in directories)


def _past(plan: Plan, project: Project, registry: Registry) -> migration_history.Past:
    """What the migrations of an app that gets another label say together.

    :raises PhaseError: if one can't be read.
    """
    if not rewrites(plan):
        return migration_history.Past()
    own = [path for path in project.baseline if migration_history.is_own(path, plan, registry)]
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
    return migration_history.past_of(sources, plan, registry)


def _files(plan: Plan, project: Project, registry: Registry) -> list[str]:
    """The files (paths before the move) that have to be looked at, sorted."""
    named = {project.path_of(module) for module in needed_in(registry, plan, project.modules)}
    known = labels_of(plan, registry)
    named |= set(project.candidates(needles(plan, known.permissions)))
    if rewrites(plan):
        directories = [app.migrations_path for app in registry.apps if app.migrations_path]
        named |= {path for path in project.baseline if path.endswith(".py") and is_in(path, directories)}
    merged = set(plan.file_moves.values()) - set(plan.file_moves)
    return sorted(
        path
        for path in named
        if path
        and path in project.baseline
        and path not in merged
        and not plan.excludes(path)
        and plan.new_path(path) in project.before
        and (path.endswith(".py") or _is_read(path, plan, project))
    )


def _is_read(path: str, plan: Plan, project: Project) -> bool:
    """Whether a file that is not Python is looked into: fixtures whatever their size."""
    if path.endswith(".pyi") or not project.baseline.is_regular(path):
        return False
    reason = left_out(path, project.before.read(plan.new_path(path)))
    return not reason or plan.includes(path) or (reason == TOO_LARGE and path.endswith(fixtures.ENDINGS))


def needed_in(registry: Registry, plan: Plan, modules: Container[str]) -> set[str]:
    """The modules (dotted, before the move) that hold classes this phase has to look at.

    Those of moved models and of their abstract bases, and of every model with a relation to one.

    :param modules: every importable module of the tree.
    """
    moved = moved_labels(plan)
    found: set[str] = set()
    for model in registry.models:
        ends = {end.lower() for field in model.fields for end in (field.target, field.through)}
        if model.label.lower() in moved or ends & moved.keys():
            for path in (model.path, *model.abstract):
                found.update([prefix for prefix in prefixes(path) if prefix in modules][:1])
    return found


def needles(plan: Plan, codes: Iterable[str] = ()) -> tuple[bytes, ...]:
    """Byte strings one of which is in every other file that may name a moved model by its label.

    :param codes: permissions (``old.codename``) that the models define themselves.
    """
    app = plan.app
    if not app.relabels:
        return ()
    old = app.old_label
    named = {f"{old}.{name}" for model in app.models for name in (model.name, model.name.lower())}
    named |= {f'"{old}"', f"'{old}'", f":{old}_", f"perms.{old}", f">{old}<", f"[{old}", f"- {old}"}
    named |= {"get_model", "get_registered_model", "has_perm", "permission_required", "dumpdata"}
    named |= {"manage.py", "django-admin"} if app.kind == "app" else set()
    named |= set(codes)
    return tuple(sorted(label.encode() for label in named))

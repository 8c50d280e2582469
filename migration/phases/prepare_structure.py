"""prepare_structure: the packages, the AppConfig and the settings entry that the product needs."""

from __future__ import annotations

import sys
from collections.abc import Iterator

from migration.core.changes import ChangeSet, Finding, Write
from migration.core.errors import PhaseError
from migration.core.names import (
    directories_of,
    is_python,
    is_under,
    is_within,
    last_part,
    module_of,
    parent,
    path_under,
    root_of,
    swap_prefix,
)
from migration.core.phase import PhaseResult
from migration.django import app_config
from migration.django.registry import Registry
from migration.django.settings.edit_installed_apps import Settings, SettingsEdit, add_app, replace_app
from migration.engine.edited import edited
from migration.phases.context import Context, Needs, always
from migration.plan.plan import Plan
from migration.python.source_file import SourceFile
from migration.repo.tree.project import Project, source_path

NEEDS = Needs(registry=True, merged=True)
does_not_apply = always


def run(context: Context) -> PhaseResult:
    """Create what is missing at the target and list the app in the settings.

    :raises PhaseError: if INSTALLED_APPS has no place where an entry can be put; the error holds the
        line that a person has to add, after which the next run goes on.
    """
    plan, project, registry = context.plan, context.project, context.registry
    directory = target_directory(plan)
    missing = {*_missing_packages(plan, project, directory), *_scattered_packages(plan, project, directory)}
    writes = [Write(path, b"", create=True) for path in sorted(missing)]
    counts = {"packages created": len(writes)}
    if registry is not None and plan.app.kind != "package":
        writes += _app_files(plan, project, directory)
        settings = _settings(plan, project, registry)
        writes += settings
        counts["settings files edited"] = len(settings)
    counts = {"files created": sum(write.create for write in writes), **counts}
    return PhaseResult(ChangeSet(writes=tuple(writes)), counts, findings=tuple(_hiding(plan, project)))


def _hiding(plan: Plan, project: Project) -> Iterator[Finding]:
    """One for each module that would come to lie at the top under the name of one of the standard library."""
    tops = {name: new for new in plan.file_moves.values() if (name := _top(new, project))}
    for name, path in sorted(tops.items()):
        if name in sys.stdlib_module_names and name not in project.modules:
            yield Finding(
                path,
                0,
                f"{name} is a module of the standard library too, and takes its place for programs that find both",
                "give another target",
            )


def _top(path: str, project: Project) -> str:
    """The first part of the name of a module, ``""`` where a file is none."""
    return (project.module_of(path) or "").partition(".")[0]


def target_directory(plan: Plan) -> str:
    """The directory of the target package, or of the package that holds a target module."""
    inner = plan.target.replace(".", "/")
    for new in plan.file_moves.values():
        for ending in ("/", ".py", ".pyi"):
            at = f"/{new}".find(f"/{inner}{ending}")
            if at >= 0:
                found = new[: at + len(inner)]
                return found if ending == "/" else found.rpartition("/")[0] or "."
    raise PhaseError(
        f"no entry of file_moves leads to {plan.target}",
        "correct file_moves (or target) in moves.yml, or delete it and run scan_moves for a fresh one",
    )


def _missing_packages(plan: Plan, project: Project, directory: str) -> list[str]:
    """``__init__.py`` files for new directories, where the repo uses regular packages.

    A directory of Python that exists without one is a namespace package and stays one, unless it was
    made by an earlier run, and holds what people have added since. What the move itself brings along
    is not made here.
    """
    before, brought = project.before, set(plan.file_moves.values())
    root = max((r for r in project.roots if is_under(directory, r)), key=len, default=".")
    missing: list[str] = []
    current = directory
    while current not in (root, "."):
        path = f"{current}/__init__.py"
        ours = path in project.made or not any(is_python(p) for p in before.under(current))
        if path not in before and path not in brought and ours:
            missing.append(path)
        current = current.rpartition("/")[0] or "."
    if current != root or not missing:
        return []
    regular = not project.made.isdisjoint(missing) or _uses_regular_packages(plan, project, directory)
    return sorted(missing) if regular else []


def _scattered_packages(plan: Plan, project: Project, directory: str) -> set[str]:
    """``__init__.py`` files for new directories that a plan sends single files to, beside those above the target.

    Such a directory becomes what the one is that its files come from, a regular package or a namespace: in a
    namespace among regular packages, ``find_packages`` and linters find nothing.
    """
    tree, brought = project.baseline, set(plan.file_moves.values())
    with_python = directories_of(path for path in project.before if is_python(path))
    visited: set[str] = set()
    missing: set[str] = set()
    for old, new in plan.file_moves.items():
        if module_of(new, project.roots) is None or f"{old.rpartition('/')[0]}/__init__.py" not in tree:
            continue
        root, current = root_of(new, project.roots), new.rpartition("/")[0]
        while current and current != root and current not in visited and not is_under(directory, current):
            visited.add(current)
            path = f"{current}/__init__.py"
            if path in project.made or (path not in brought and current not in with_python):
                missing.add(path)
            current = current.rpartition("/")[0]
    return missing


def _uses_regular_packages(plan: Plan, project: Project, directory: str) -> bool:
    """What the nearest surroundings do: the target's existing parents and siblings, else the source."""
    before, brought = project.before, set(plan.file_moves.values())
    current = directory.rpartition("/")[0]
    while current:
        if current in before.directories:
            siblings = [d for d in before.directories if d.rpartition("/")[0] == current]
            packages = [d for d in siblings if any(is_python(p) for p in before if p.startswith(d + "/"))]
            if f"{current}/__init__.py" in before:
                return True
            if packages:
                return any(f"{d}/__init__.py" in before for d in packages)
        current = current.rpartition("/")[0]
    if any(path.endswith("/__init__.py") for path in brought):
        return True
    found = source_path(project.baseline, project.roots, parent(plan.source)) if parent(plan.source) else None
    return bool(found and f"{found[1]}/__init__.py" in project.baseline)


def _app_files(plan: Plan, project: Project, directory: str) -> list[Write]:
    """``apps.py`` with the AppConfig, the migrations package and ``models``; none where the move brings them."""
    brought = set(plan.file_moves.values())
    app, made = plan.app, []
    config_module = parent(app.config)
    path = path_under(directory, last_part(config_module) + ".py") if config_module else ""
    if is_within(config_module, plan.package) and path not in brought and path not in project.before:
        text = app_config.render(plan.package, app.label, last_part(app.config), app.default_auto_field)
        made.append(Write(path, text.encode(), create=True))
    migrations = path_under(directory, "migrations/__init__.py")
    has_migrations = any(is_under(path, path_under(directory, "migrations")) for path in (*brought, *project.before))
    if app.kind == "extraction" and (migrations in project.made or not has_migrations):
        made.append(Write(migrations, b"", create=True))
    models = path_under(directory, "models.py")
    has_models = any(path == models or is_under(path, models[:-3]) for path in (*brought, *project.before))
    if app.kind == "extraction" and app.models and (models in project.made or not has_models):
        made.append(Write(models, _models_module(plan).encode(), create=True))
    return made


def _models_module(plan: Plan) -> str:
    """The text of ``models.py`` where the models live in other modules.

    Django looks for an app's models there and nowhere else, and without that module ``migrate`` makes
    neither content types nor permissions for them; see
    https://docs.djangoproject.com/en/stable/ref/applications/#django.apps.AppConfig.models_module.
    """
    lines = [f"from {plan.new_name(model.module)} import {model.name}\n" for model in plan.app.models]
    names = "".join(f'    "{model.name}",\n' for model in sorted(plan.app.models, key=lambda model: model.name))
    return f"{''.join(sorted(lines))}\n__all__ = [\n{names}]\n"


def _settings(plan: Plan, project: Project, registry: Registry) -> list[Write]:
    """The settings files with the app's entry.

    :raises PhaseError: if no place for the entry is found, or what an edit changes is more than that.
    """
    settings = _settings_files(project, registry)
    edit = _edit(plan, registry, settings)
    if edit.by_hand is not None:
        raise PhaseError(f"the app can't be added to the settings: {edit.by_hand.message}", edit.by_hand.remedy)
    after = {source.path: raw for source, entries in edit.edits if (raw := edited(source, entries)) is not None}
    files = {
        module: SourceFile(source.path, after.get(source.path, source.raw), source.module)
        for module, source in settings.files.items()
    }
    if _edit(plan, registry, Settings(settings.module, files, settings.installed)).edits:
        raise PhaseError("the settings would change again on the next run", "report this: it is a defect")
    return [Write(path, raw) for path, raw in after.items()]


def _edit(plan: Plan, registry: Registry, settings: Settings) -> SettingsEdit:
    if plan.app.kind == "extraction":
        owner = registry.app(plan.app.old_label)
        return add_app(settings, plan.app.config, [owner.entry] if owner else [])
    entry = plan.app.entry
    if not is_within(entry, plan.source):
        return SettingsEdit(place=entry)
    return replace_app(settings, entry, swap_prefix(entry, plan.source, plan.target))


def _settings_files(project: Project, registry: Registry) -> Settings:
    """The settings modules that Django loaded, and their siblings in the same directories."""
    loaded = {item.path for item in registry.settings_modules if item.path in project.before}
    directories = {path.rpartition("/")[0] for path in loaded if path.rpartition("/")[0]}
    beside = {p for p in project.before if p.endswith(".py") and p.rpartition("/")[0] in directories}
    files = {}
    for path in sorted(loaded | {p for p in beside if b"INSTALLED_APPS" in project.before.read(p)}):
        source = project.source(path, project.before)
        if source.module:
            files[source.module] = source
    return Settings(registry.settings, files, registry.installed_apps)

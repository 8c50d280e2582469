"""The plan as a map that other tools can read: what everything was called, and what it is called now (pure)."""

from __future__ import annotations

from collections.abc import Iterator

from migration.core.names import is_python, module_of
from migration.plan.plan import Plan


def map_of(plan: Plan) -> dict[str, object]:
    """Old names to new ones, each kind sorted; what stays is left out.

    ``modules`` follow their files, namespace packages the plan's ``module_moves``. ``symbols`` are those that the
    moved packages re-export: each leads past the package to where it is defined. ``labels`` are those of models.

    :returns: plain JSON values.
    """
    modules = {old: new for old, new in sorted({**plan.module_moves, **dict(_modules(plan))}.items()) if old != new}
    symbols = {
        f"{package}.{name}": f"{modules.get(home, plan.new_name(home))}.{name}"
        for package, homes in plan.symbol_remap.items()
        for name, home in homes.items()
    }
    labels = {f"{plan.app.old_label}.{model.name}": f"{plan.app.label}.{model.name}" for model in plan.app.models}
    return {
        "product": plan.product,
        "source": plan.source,
        "target": plan.target,
        "modules": modules,
        "symbols": dict(sorted(symbols.items())),
        "paths": {old: new for old, new in sorted(plan.file_moves.items()) if old != new},
        "labels": dict(sorted(labels.items())) if plan.app.relabels else {},
    }


def _modules(plan: Plan) -> Iterator[tuple[str, str]]:
    for old, new in plan.file_moves.items():
        before, after = (module_of(path, plan.roots) for path in (old, new))
        if is_python(old) and is_python(new) and before and after:
            yield before, after

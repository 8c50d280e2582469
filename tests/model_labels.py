"""Hand-written registries for the tests of the rewriters of model labels and tables."""

from __future__ import annotations

from migration.model_source import is_frozen
from migration.plan import App, Model, Plan
from migration.prepare_models import Prepared, prepare
from migration.references import SourceFile
from migration.registry import AppInfo, FieldInfo, ModelInfo, Registry

HERE = "core.warehouse.models"


def model(
    label: str,
    module: str,
    *relations: tuple[str, str] | tuple[str, str, str],
    bases: tuple[str, ...] = (),
    **more: object,
) -> ModelInfo:
    """A model with relations ``(field, target label[, class that declares it])``."""
    name = label.partition(".")[2]
    own = f"{module}.{name}"
    fields = tuple(
        FieldInfo(
            item[0],
            target=item[1].partition("|")[0],
            through=item[1].partition("|")[2],
            declared_in=item[2] if len(item) == 3 else own,
        )
        for item in relations
    )
    table = f"{label.partition('.')[0]}_{name.lower()}"
    return ModelInfo(label, module, name, table, abstract=bases, mro=(own, *bases), fields=fields, **more)  # type: ignore[arg-type]


REGISTRY = Registry(
    apps=(
        AppInfo("core", "core", "core", "", migrations_path="core/migrations"),
        AppInfo("ee", "ee", "ee", "", migrations_path="ee/migrations"),
    ),
    models=(
        model("core.Team", "core.models"),
        model(
            "core.Note",
            "core.models",
            ("table", "core.Table"),
            ("team", "core.Team"),
            ("tags", "core.Tag|core.NoteTag"),
            ("owner", "core.Team", "core.base.Owned"),
            bases=("core.base.Owned",),
        ),
        model("core.NoteTag", "core.models", ("tag", "core.Tag"), ("note", "core.Note")),
        model(
            "core.Table",
            HERE,
            ("team", "core.Team"),
            ("parent", "core.Table"),
            ("tags", "core.Tag"),
            ("owner", "core.Team", "core.base.Owned"),
            ("label", "core.Tag", "core.warehouse.base.Tagged"),
            bases=("core.base.Owned", "core.warehouse.base.Tagged"),
        ),
        model("core.Tag", HERE, ("table", "core.Table"), ("use", "core.Table|core.NoteTag")),
        model(
            "ee.Report",
            "ee.models",
            ("table", "core.Table"),
            ("thing", "ee.Thing", "ee.base.Shared"),
            bases=("ee.base.Shared",),
        ),
        model("ee.Thing", "ee.models"),
        model("core.Thing", "core.models"),
        model("core.Heir", HERE, meta_base=1),
        model("core.Shared", HERE, ("thing", "core.Thing", "ee.base.Shared"), bases=("ee.base.Shared",)),
    ),
)
MOVED = ("Table", "Tag", "Shared", "Heir")
PLAN = Plan(
    "data_warehouse",
    "core.warehouse",
    "products.data_warehouse",
    {},
    {"core.warehouse": "products.data_warehouse"},
    app=App(
        "extraction",
        "core",
        "data_warehouse",
        models=tuple(Model(name, HERE, f"core_{name.lower()}") for name in MOVED),
    ),
)


def prepared(text: str | bytes, module: str | None, plan: Plan = PLAN) -> Prepared:
    """The file after prepare_models; checks that a second run finds nothing more to change."""
    raw = text if isinstance(text, bytes) else text.encode()
    path = "script.py" if module is None else module.replace(".", "/") + ".py"
    source = SourceFile(path, raw, module)
    done = prepare(source, plan, REGISTRY)
    again = prepare(SourceFile(path, done.raw or raw, module), plan, REGISTRY)
    assert again.raw is None, again.references
    assert not (is_frozen(source, REGISTRY) and done.references)
    return done

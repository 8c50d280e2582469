"""Hand-written registries for the tests of the rewriters of model labels and tables."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

from migration.core.references import TextFile
from migration.django.model_moves import ModelMoves
from migration.django.registry import AppInfo, FieldInfo, ModelInfo, ModuleFile, Registry
from migration.engine.rewrite_models import Prepared, prepare
from migration.plan.plan import App, Model, Plan
from migration.python.source_file import SourceFile

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
        AppInfo("core", "core", "core", "", migrations_path="core/migrations", migrated=True),
        AppInfo("ee", "ee", "ee", "", migrations_path="ee/migrations", migrated=True),
    ),
    settings_modules=(ModuleFile("site.settings", "site/settings.py"),),
    models=(
        model("core.Team", "core.models", permissions=("shared", "pay")),
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
            permissions=("query_table", "shared"),
            default_permissions=("view", "hide"),
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
    models = ModelMoves(plan, REGISTRY)
    done = prepare(source, models)
    again = prepare(SourceFile(path, done.raw or raw, module), models)
    places = [reference.start for reference in done.references]
    assert len(places) == len(set(places)), "a place is found by two rewriters"
    assert again.raw is None, again.references
    assert not (models.is_frozen(path) and done.references)
    return done


# An app that moves and changes its label: every model of it goes, the label with them.
WHOLE = replace(
    PLAN,
    source="core",
    app=App(
        "app",
        "core",
        "depot",
        models=tuple(Model(m.name, m.module, m.table) for m in REGISTRY.models if m.app_label == "core"),
    ),
)


def check(
    text: str, expected: str | None = None, left: Sequence[str] = (), plan: Plan = PLAN, module: str | None = "core.util"
) -> None:
    """Assert that a Python file becomes ``expected`` (stays as it is without).

    :param left: for each place that is left: a part of ``<line>: <old>: <reason>``.
    """
    done = prepared(text, module, plan)
    assert (done.raw or text.encode()).decode() == (text if expected is None else expected)
    assert not done.problems
    _check_left(text, done, left)


def check_text(
    path: str, text: str, expected: str | None = None, left: Sequence[str] = (), plan: Plan = PLAN
) -> None:
    """The same for a file that is not Python."""
    models = ModelMoves(plan, REGISTRY)
    done = prepare(TextFile(path, text.encode()), models)
    after = done.raw or text.encode()
    assert after.decode() == (text if expected is None else expected)
    assert prepare(TextFile(path, after), models).raw is None, "a second run changes something"
    _check_left(text, done, left)


def _check_left(text: str, done: Prepared, left: Sequence[str]) -> None:
    lines = [text.encode()[: reference.start].count(b"\n") + 1 for reference in done.references]
    found = [f"{line}: {r.old}: {r.reason}" for line, r in zip(lines, done.references, strict=True) if r.is_open]
    assert len(found) == len(left), found
    for line, part in zip(found, left, strict=True):
        assert part in line, line

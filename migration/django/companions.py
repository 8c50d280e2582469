"""Models that a package makes at run time beside one of the repo's: histories, events, translations.

No class statement in the repo declares them, and they take the label of the model they are made for. So they move with
it, and the package's own option keeps their table. Where the option that names their app is given, they stay.
https://django-simple-history.readthedocs.io/en/latest/historical_model.html
https://django-pghistory.readthedocs.io/en/latest/event_tracking/
https://django-parler.readthedocs.io/en/latest/api/parler.models.html
"""

from __future__ import annotations

import ast
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, replace

from migration.django.model_classes import call_name, classes, string
from migration.django.registry import ModelInfo, Registry
from migration.plan.plan import App, Model
from migration.python.source_file import SourceFile


@dataclass(frozen=True, slots=True)
class Maker:
    """What makes such models.

    :param base: a class that all of them inherit from.
    :param calls: names of what is called in the class of the model they are made for, or with it.
    :param option: the argument that names their table.
    :param nested: whether the table is ``db_table`` in a dict that this argument is given.
    :param app: the argument that names their app; empty for none.
    """

    base: str
    calls: tuple[str, ...]
    option: str
    nested: bool = False
    app: str = ""

    def pin(self, table: str) -> str:
        """The argument that keeps a table."""
        return f'{self.option}={{"db_table": "{table}"}}' if self.nested else f'{self.option}="{table}"'


MAKERS = (
    Maker("simple_history.models.HistoricalChanges", ("HistoricalRecords", "register"), "table_name", app="app"),
    Maker("pghistory.models.Event", ("track", "create_event_model"), "meta", nested=True, app="app_label"),
    Maker("parler.models.TranslatedFieldsModelMixin", ("TranslatedFields",), "meta", nested=True),
)


def maker_of(model: ModelInfo) -> Maker | None:
    """What has made a model at run time; None for a model that a class statement declares, and for makers unknown."""
    if not model.made_for:
        return None
    return next((maker for maker in MAKERS if maker.base in model.mro), None)


def of_models(app: App, registry: Registry, sources: Mapping[str, SourceFile]) -> App:
    """The app of the plan with the companions of its models, which move along.

    :param app: what moves; of an extraction.
    :param sources: the modules of the models, by name.
    """
    if app.kind != "extraction":
        return app
    moving = {f"{app.old_label}.{model.name}".lower(): model.module for model in app.models}
    made = [
        Model(info.name, moving[info.made_for.lower()], info.table)
        for info in registry.models
        if info.app_label == app.old_label and info.label.lower() not in moving and info.made_for.lower() in moving
        and not stays(info, registry, sources.get(moving[info.made_for.lower()]))
    ]
    return replace(app, models=tuple(sorted((*app.models, *made), key=lambda model: model.name)))


def stays(info: ModelInfo, registry: Registry, source: SourceFile | None) -> bool:
    """Whether a companion names its app, and so stays when its model moves."""
    maker = maker_of(info)
    if maker is None or source is None or not maker.app:
        return False
    return any(
        string(keyword.value) == info.app_label
        for call in calls_for(source, info, registry, maker)
        for keyword in call.keywords
        if keyword.arg == maker.app
    )


def calls_for(source: SourceFile, info: ModelInfo, registry: Registry, maker: Maker) -> list[ast.Call]:
    """The calls that may have made a companion: in the class of its model, before it, or with it as first argument.

    :raises UnreadableSource: if the file can't be parsed.
    """
    owner = registry.by_label.get(info.made_for.lower())
    if owner is None:
        return []
    found: list[ast.Call] = []
    for path, node in classes(source):
        if path == owner.path:
            found += [*_calls(node.decorator_list, maker), *_calls(node.body, maker)]
    for call in _calls(source.tree.body, maker):
        if call not in found and call.args and isinstance(call.args[0], ast.Name) and call.args[0].id == owner.qualname:
            found.append(call)
    return found


def _calls(nodes: Iterable[ast.AST], maker: Maker) -> Iterator[ast.Call]:
    for node in nodes:
        if isinstance(node, ast.Call):
            inner: ast.AST = node
        elif isinstance(node, (ast.Expr, ast.Assign, ast.AnnAssign)) and isinstance(node.value, ast.Call):
            inner = node.value
        else:
            continue
        if isinstance(inner, ast.Call) and call_name(inner) in maker.calls:
            yield inner


def pinned(call: ast.Call, maker: Maker) -> bool:
    """Whether a call names the table of what it makes."""
    value = next((keyword.value for keyword in call.keywords if keyword.arg == maker.option), None)
    if value is None or not maker.nested:
        return value is not None
    return not isinstance(value, ast.Dict) or any(string(key) == "db_table" for key in value.keys)

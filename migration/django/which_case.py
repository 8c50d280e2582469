"""Which case a move is: an extraction, an app, or a plain package."""

from __future__ import annotations

from migration.core.errors import MigrationError
from migration.core.names import is_within, swap_prefix
from migration.django.app_config import class_name
from migration.django.registry import ModelInfo, Registry
from migration.plan.plan import App, Model


def which_case(registry: Registry, product: str, source: str, package: str) -> App:
    """What the move means to Django: the plan's ``app``.

    :param product: the product's name, which becomes the label in an extraction.
    :param source: dotted name of the package or module that moves.
    :param package: dotted name of the package that holds its models afterwards: the target, or the one around it
        where that is a module; empty where a module has none.
    :raises MigrationError: if apps lie below the source, its models belong to several apps, the product's
        name is the label of another app, or there is no package for an app.
    """
    nested = [app for app in registry.apps if app.name.startswith(source + ".")]
    if nested:
        raise MigrationError(
            f"{source} holds installed apps of its own",
            "move each of them as a product of its own first (each keeps its label), then this one",
            [f"{app.name} (label {app.label})" for app in nested],
        )
    under = [model for model in registry.models if is_within(model.module, source) and not model.auto_created]
    models = tuple(Model(model.name, model.module, model.table) for model in under)
    own = next((app for app in registry.apps if app.name == source), None)
    if own is not None:
        config = own.config
        if not is_within(config, source):  # the default AppConfig, or one that stays where it is
            stays = config != "django.apps.config.AppConfig"
            config = config if stays else f"{package}.apps.{class_name(product)}"
        else:
            config = swap_prefix(config, source, package)
        return App("app", own.label, own.label, config, own.entry, own.default_auto_field, models)
    if not models:
        return App("package")
    return _extraction(registry, product, package, under, models)


def _extraction(
    registry: Registry, product: str, package: str, under: list[ModelInfo], models: tuple[Model, ...]
) -> App:
    labels = sorted({model.app_label for model in under})
    if len(labels) > 1:
        raise MigrationError(
            "the models under the source belong to several apps: " + ", ".join(labels),
            "move one app's models at a time",
            [f"{model.label} in {model.module}" for model in under],
        )
    taken = registry.app(product)
    if taken is not None:
        raise MigrationError(
            f"the label {product} is taken by the installed app {taken.name}",
            "choose another product name",
        )
    if not package:
        raise MigrationError(
            f"{under[0].module} holds models, and its new place is a module of no package: Django needs one for an app",
            f"give a target in a package: target={product}.models",
        )
    surrounding = registry.app(labels[0])
    field_class = surrounding.default_auto_field if surrounding else ""
    config = f"{package}.apps.{class_name(product)}"
    return App("extraction", labels[0], product, config, "", field_class, models)

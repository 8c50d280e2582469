"""What the monolith's Django says about itself: apps, models, migrations, checks (plain values).

The probe answers in JSON; here the answer gets its types. The scan keeps the registry of the tree
before the move (``moves/<product>/django.json``), so the values convert both ways and are sorted:
the same code base gives the same bytes.
"""

from __future__ import annotations

import dataclasses
import json
import types
import typing
from collections.abc import Mapping
from dataclasses import dataclass
from functools import cache, cached_property
from typing import Any, TypeVar

T = TypeVar("T")


@dataclass(frozen=True, slots=True)
class Named:
    """An index or a constraint of a model.

    :param name: as it is in the database.
    :param code: the call that makes it, as a migration writes it; empty where none can.
    :param imports: the import statements that the call needs.
    :param origin: what its name comes from: ``label`` (``%(app_label)s`` in the Meta of an abstract base), ``base``
        (such a Meta, without it), ``table`` (Django has named it from the table); empty where a Meta of the model's
        own or a metaclass names it.
    :param declared_in: for ``label`` the abstract base.
    :param declared_file: the repo's file with that base; empty where it lies outside.
    """

    name: str
    code: str = ""
    imports: tuple[str, ...] = ()
    origin: str = ""
    declared_in: str = ""
    declared_file: str = ""


@dataclass(frozen=True, slots=True)
class FieldInfo:
    """A field that a model owns (its own or from an abstract base; not from a concrete parent).

    :param name: attribute name.
    :param column: database column; empty where there is none.
    :param cls: dotted path of the field's class.
    :param target: label of the related model (``posthog.Team``); empty where it is no relation.
    :param through: label of a many-to-many's through model; empty otherwise.
    :param through_auto: whether Django made the through model by itself.
    :param table: table of a many-to-many relation; empty otherwise.
    :param accessor: name of the reverse accessor on the target; empty where there is none.
    :param query_name: what filters on the target call the relation; empty where they can't.
    :param declared_in: ``module.QualName`` of the class in whose body the field stands.
    :param declared_file: the repo's file with that class; empty where it lies outside.
    :param pin: the call that makes the same field with the label written out in its names; empty where these don't
        depend on it.
    :param pin_imports: the import statements that the call needs.
    """

    name: str
    column: str = ""
    cls: str = ""
    target: str = ""
    through: str = ""
    through_auto: bool = False
    table: str = ""
    accessor: str = ""
    query_name: str = ""
    declared_in: str = ""
    declared_file: str = ""
    pin: str = ""
    pin_imports: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class ModelInfo:
    """A model as the registry holds it; abstract ones appear only in ``mro`` and ``abstract``.

    :param label: ``posthog.DataWarehouseTable``.
    :param mro: ``module.QualName`` of each class of the MRO but ``object``, itself first.
    :param abstract: those of ``mro`` that are abstract models.
    :param parents: labels of concrete parents (multi-table inheritance).
    :param proxy_for: label of the model that a proxy stands for; empty for no proxy.
    :param swappable: the setting that swaps the model; empty where there is none.
    :param swapped: label of what it is swapped for; empty where it is not.
    :param explicit_table: whether a Meta names the table.
    :param meta_base: which of the direct bases (from 0) brings the Meta that the model has where it
        declares none of its own; -1 for none.
    :param constraints: those that a Meta lists.
    :param indexes: those that a Meta lists, or that a metaclass adds.
    :param default_related_name: where it holds ``%(app_label)s``: as it is written, the abstract base that it comes
        from, and the repo's file with that; otherwise nothing.
    :param unique_together: sets of field names, each joined by commas.
    :param bases: what a migration's state has for bases: labels, and paths of classes that are no models.
    :param made_for: label of the model beside which it was made at run time; empty where a class statement declares it.
    :param managers: those a migration's state has (``use_in_migrations``), as ``name: class``.
    """

    label: str
    module: str
    qualname: str
    table: str
    managed: bool = True
    proxy: bool = False
    proxy_for: str = ""
    swappable: str = ""
    swapped: str = ""
    explicit_table: bool = False
    meta_base: int = -1
    auto_created: bool = False
    mro: tuple[str, ...] = ()
    abstract: tuple[str, ...] = ()
    parents: tuple[str, ...] = ()
    fields: tuple[FieldInfo, ...] = ()
    constraints: tuple[Named, ...] = ()
    indexes: tuple[Named, ...] = ()
    default_related_name: tuple[str, ...] = ()
    unique_together: tuple[str, ...] = ()
    permissions: tuple[str, ...] = ()
    default_permissions: tuple[str, ...] = ()
    bases: tuple[str, ...] = ()
    managers: tuple[str, ...] = ()
    made_for: str = ""

    @property
    def app_label(self) -> str:
        """The label of the app that owns it."""
        return self.label.partition(".")[0]

    @property
    def name(self) -> str:
        """The class name as the label has it."""
        return self.label.partition(".")[2]

    @property
    def path(self) -> str:
        """``module.QualName``."""
        return f"{self.module}.{self.qualname}"


@dataclass(frozen=True, slots=True)
class AppInfo:
    """An installed app, in the order of INSTALLED_APPS.

    :param name: its package (dotted).
    :param entry: how INSTALLED_APPS writes it: the package or the AppConfig class.
    :param config: dotted path of its AppConfig class.
    :param path: its directory, relative to the repo; empty where it lies outside.
    :param models_module: dotted name of its ``models`` module; empty where there is none.
    :param default_auto_field: dotted path of the field class.
    :param migrations_module: dotted name; empty where migrations are switched off.
    :param migrations_path: its directory, relative to the repo; empty where it has none there.
    :param migrated: whether it has a migrations package.
    :param leaves: names of the migrations that no other of the same app stands on.
    """

    label: str
    name: str
    entry: str
    config: str
    path: str = ""
    verbose_name: str = ""
    models_module: str = ""
    default_auto_field: str = ""
    migrations_module: str = ""
    migrations_path: str = ""
    migrated: bool = False
    leaves: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class ModuleFile:
    """A module and its file, relative to the repo."""

    name: str
    path: str


@dataclass(frozen=True, slots=True)
class ArgumentInfo:
    """An argument of a command.

    :param takes: how many words: a number, ``?``, ``*`` or ``+``.
    :param flag: ``--exclude``; empty for one without.
    :param label: whether these are labels of apps or models.
    """

    takes: str
    flag: str = ""
    label: bool = False


@dataclass(frozen=True, slots=True)
class CommandInfo:
    """A command of ``manage.py``, as its parser has it.

    :param positional: the arguments without a flag, in order.
    """

    name: str
    positional: tuple[ArgumentInfo, ...] = ()
    options: tuple[ArgumentInfo, ...] = ()


@dataclass(frozen=True, slots=True)
class Database:
    """A database that the settings name, by what tells it from others; secrets are none of it.

    :param name: its name, or the path of its file (relative to the repo where it lies in it).
    :param host: host and port, the directory of a socket, or ``""``.
    """

    alias: str
    engine: str
    name: str
    host: str

    def __str__(self) -> str:
        return f"{self.alias}: {self.engine}, {self.name or 'no name'}" + (f" at {self.host}" if self.host else "")


@dataclass(frozen=True, slots=True)
class Pending:
    """An operation that ``makemigrations`` would write now."""

    app: str
    operation: str


@dataclass(frozen=True, slots=True)
class Message:
    """A message of Django's system checks.

    :param level: ``DEBUG``, ``INFO``, ``WARNING``, ``ERROR`` or ``CRITICAL``.
    :param obj: what it is about, e.g. the label of a model or field.
    """

    level: str
    id: str
    text: str
    hint: str = ""
    obj: str = ""

    @property
    def serious(self) -> bool:
        """Whether ``manage.py check`` fails because of it."""
        return self.level in ("ERROR", "CRITICAL")


@dataclass(frozen=True, slots=True)
class Checks:
    """The answers of ``manage.py check`` and ``migrate --plan``.

    :param plan: the migrations that ``migrate`` would apply, as ``app.name``, in order.
    :param database: why the plan is the one for an empty database; empty where the real one answered.
    """

    messages: tuple[Message, ...] = ()
    plan: tuple[str, ...] = ()
    database: str = ""


@dataclass(frozen=True)
class Registry:
    """Everything the probe says about one state of the code base.

    :param django: Django's version.
    :param settings: dotted name of the settings module.
    :param settings_modules: the repo's modules that were loaded for the settings, in load order.
    :param installed_apps: the entries of INSTALLED_APPS as they are written.
    :param databases: those that the settings name.
    :param contenttypes: whether ``django.contrib.contenttypes`` is installed.
    :param pending: what ``makemigrations`` would write.
    :param checks: None where only the registry was asked for.
    :param backends: dotted paths of the authentication backends.
    :param commands: those that may take labels.
    :param receivers: ``signal: receiver``, dotted names, for each function of the repo that listens to a signal.
    """

    django: str = ""
    settings: str = ""
    settings_modules: tuple[ModuleFile, ...] = ()
    installed_apps: tuple[str, ...] = ()
    apps: tuple[AppInfo, ...] = ()
    models: tuple[ModelInfo, ...] = ()
    auth_user_model: str = ""
    databases: tuple[Database, ...] = ()
    contenttypes: bool = False
    pending: tuple[Pending, ...] = ()
    checks: Checks | None = None
    receivers: tuple[str, ...] = ()
    commands: tuple[CommandInfo, ...] = ()
    backends: tuple[str, ...] = ()

    @cached_property
    def by_label(self) -> Mapping[str, ModelInfo]:
        """Models by label in lower case, as Django compares labels."""
        return {model.label.lower(): model for model in self.models}

    @cached_property
    def by_path(self) -> Mapping[str, tuple[ModelInfo, ...]]:
        """Concrete models by ``module.QualName`` of each class of their MRO.

        The model itself and, for an abstract base, everything that inherits from it.
        """
        found: dict[str, list[ModelInfo]] = {}
        for model in self.models:
            for path in {model.path, *model.abstract}:
                found.setdefault(path, []).append(model)
        return {path: tuple(models) for path, models in found.items()}

    def app(self, label: str) -> AppInfo | None:
        """The installed app with this label."""
        return next((app for app in self.apps if app.label == label), None)

    def to_json(self) -> str:
        """The registry as JSON text, one item per line, ending in a newline."""
        return json.dumps(dataclasses.asdict(self), indent=1, sort_keys=True, ensure_ascii=False) + "\n"

    @classmethod
    def from_json(cls, text: str) -> Registry:
        """What :meth:`to_json` wrote.

        :raises ValueError: if the text is not JSON or doesn't have this shape.
        """
        return load(cls, json.loads(text))


@cache
def _hints(kind: Any) -> dict[str, Any]:
    return typing.get_type_hints(kind)


def load(kind: type[T], value: object) -> T:
    """A plain JSON value as an instance of the dataclass ``kind``; unknown keys are an error.

    :raises ValueError: if the value doesn't have the shape.
    """
    if not isinstance(value, dict):
        raise ValueError(f"{kind.__name__}: an object is expected, not {type(value).__name__}")
    hints = _hints(typing.cast(typing.Hashable, kind))
    unknown = sorted(set(value) - set(hints))
    if unknown:
        raise ValueError(f"{kind.__name__}: unknown keys {', '.join(unknown)}")
    try:
        return kind(**{name: _convert(hints[name], item) for name, item in value.items()})
    except TypeError as error:
        raise ValueError(f"{kind.__name__}: {error}") from error


def _convert(hint: Any, value: object) -> object:
    origin, args = typing.get_origin(hint), typing.get_args(hint)
    if origin in (types.UnionType, typing.Union):
        return None if value is None else _convert(args[0], value)
    if origin is tuple and isinstance(value, list):
        kinds = [args[0]] * len(value) if args[-1] is Ellipsis else args
        return tuple(_convert(kind, item) for kind, item in zip(kinds, value, strict=True))
    if dataclasses.is_dataclass(hint):
        return load(typing.cast(type, hint), value)
    if isinstance(hint, type) and isinstance(value, hint):
        return value
    raise ValueError(f"{hint} is expected, not {value!r}")

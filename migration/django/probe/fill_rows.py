"""The part of the probe that fills a throw-away database: fixtures, generated rows, grants.

Rows are made for every model that moves and for every model with a relation to one (also a generic
one), with what these need: at least two of each, one with all columns filled and one with those left
empty that may be. Values follow the fields: defaults, choices, lengths, uniqueness, relations to rows
that exist. Whatever can't be filled is named with the database's own reason.

Rows are written as ``loaddata`` writes them (``save_base(raw=True)``), with the save signals muted:
nothing of the monolith's own logic runs, no mail is sent and no task is queued.

Kept to the syntax of Python 3.8; imports nothing of ours.
"""

from __future__ import annotations

import contextlib
import os
from typing import Any, Dict, Iterator, List  # noqa: UP035  Python 3.8

Plain = Dict[str, Any]  # noqa: UP006
Notes = List[Dict[str, str]]  # noqa: UP006  what could not be filled or loaded, and why

ROWS = 2  # of each model
ATTEMPTS = 4  # with other values, where the database refuses some
MAX_FIXTURE = 5_000_000  # bytes


def load(alias: str, moved: list[Any], values: Any) -> Notes:
    """Fill one database.

    :param moved: the model classes that move.
    :param values: the module ``field_values``.
    :returns: what was left out, as ``{"what": …, "why": …}``.
    """
    with muted_signals():
        notes = load_fixtures(alias)
        filler = Filler(alias, moved, values)
        filler.fill()
        notes += [{"what": label, "why": why} for label, why in sorted(filler.refused.items())]
        notes += grant(alias, moved, filler)
    return notes


@contextlib.contextmanager
def muted_signals() -> Iterator[None]:
    """No receiver of the monolith's hears of the rows."""
    from django.db.models import signals

    muted = (signals.pre_save, signals.post_save, signals.m2m_changed)
    kept = [signal.receivers for signal in muted]
    for signal in muted:
        signal.receivers = []
        signal.sender_receivers_cache.clear()
    try:
        yield
    finally:
        for signal, receivers in zip(muted, kept):  # noqa: B905  Python 3.8
            signal.receivers = receivers
            signal.sender_receivers_cache.clear()


# ---- fixtures


def load_fixtures(alias: str) -> Notes:
    """Load every fixture that ``loaddata`` would find by name, in whatever order works."""
    from django.core.management import call_command
    from django.db import transaction

    waiting, notes = [], []
    for path in fixture_files():
        if os.path.getsize(path) > MAX_FIXTURE:
            notes.append({"what": path, "why": f"a fixture of more than {MAX_FIXTURE:,} bytes"})
        else:
            waiting.append(path)
    failed: dict[str, str] = {}
    while waiting:
        failed = {}
        for path in waiting:
            try:
                with transaction.atomic(using=alias):
                    call_command("loaddata", path, database=alias, verbosity=0)
            except (Exception, SystemExit) as error:  # whatever a fixture of any age may raise is the reason
                failed[path] = first_line(error)
        if len(failed) == len(waiting):  # no other order helps
            break
        waiting = list(failed)
    return notes + [{"what": path, "why": f"a fixture that does not load: {why}"} for path, why in failed.items()]


def fixture_files() -> list[str]:
    """Absolute paths, sorted within their directory."""
    from django.apps import apps
    from django.conf import settings
    from django.core import serializers

    directories = [os.path.join(config.path, "fixtures") for config in apps.get_app_configs()]
    directories += [os.path.abspath(str(directory)) for directory in settings.FIXTURE_DIRS]
    endings = tuple("." + kind for kind in serializers.get_public_serializer_formats())
    found = []
    for directory in dict.fromkeys(directories):
        names = sorted(os.listdir(directory)) if os.path.isdir(directory) else []
        found += [os.path.join(directory, name) for name in names if name.endswith(endings)]
    return found


# ---- generated rows


class Filler:
    """Makes rows in one database.

    :param moved: the model classes that move.
    """

    def __init__(self, alias: str, moved: list[Any], values: Any) -> None:
        self.alias = alias
        self.values = values
        self.moved = moved
        self.refused: dict[str, str] = {}
        self.number = 0  # of the row, so that values differ
        self.turn = 0  # how many rows of the present model were asked for before
        self.under_way: list[Any] = []

    def fill(self) -> None:
        """Rows of every model that moves or has a relation to one that does, through models last."""
        models = [model for model in related(self.moved) if self.here(model)]
        for model in sorted(models, key=lambda model: (model not in self.moved, bool(model._meta.auto_created))):
            if not model._meta.managed:
                self.refused[model._meta.label] = "its table is not of Django's making (managed = False)"
                continue
            wanted = max(ROWS, len(self.moved)) if generic_keys(model) else ROWS
            for self.turn in range(wanted):
                try:
                    self.make(model)
                except self.values.CannotFill as error:
                    if not self.rows(model, 1):
                        self.refused[model._meta.label] = str(error)

    def here(self, model: Any) -> bool:
        """Whether the model has its table in this database."""
        from django.db import router

        return bool(router.allow_migrate_model(self.alias, model)) and not model._meta.swapped

    def make(self, model: Any) -> Any:
        """A new row, with as many columns filled as the database takes.

        :raises CannotFill: with the database's reason.
        """
        if model in self.under_way:
            circle = " -> ".join(one._meta.label for one in [*self.under_way, model])
            raise self.values.CannotFill(f"required relations form a circle: {circle}")
        self.under_way.append(model)
        try:
            return self.attempt(model)
        finally:
            self.under_way.pop()

    def attempt(self, model: Any) -> Any:
        from django.db import DatabaseError, transaction
        from django.db.models import Model

        optional = [field.name for field in model._meta.local_concrete_fields if field.null]
        first = self.rows(model, 1) == []
        ways = [optional, []] if first else [[], optional]  # one row full, one bare
        ways += [[name] for name in optional[:8]]  # a check may ask for one of several
        reason = ""
        for wanted in ways:
            for _ in range(ATTEMPTS):
                self.number += 1
                try:
                    with transaction.atomic(using=self.alias):
                        row = self.built(model, set(wanted))
                        Model.save_base(row, raw=True, force_insert=True, using=self.alias)
                        return row
                except self.values.CannotFill:
                    if not wanted:
                        raise
                    break  # a column that may be empty can't be filled
                except (DatabaseError, ValueError, TypeError, OverflowError) as error:
                    reason = reason or first_line(error)
        raise self.values.CannotFill(reason or "no combination of its optional columns can be filled")

    def built(self, model: Any, wanted: set[str]) -> Any:
        """An unsaved row.

        :param wanted: names of the columns that may be empty and are to be filled.
        """
        from django.db.models import AutoField

        try:
            row = model()
        except Exception as error:  # a constructor of the monolith's own
            raise self.values.CannotFill(f"{model.__name__}() can't be called: {first_line(error)}") from error
        targets = self.generic_targets(model)
        for field in model._meta.local_concrete_fields:
            if field.name in targets:
                setattr(row, field.attname, targets[field.name])
            elif getattr(field, "generated", False) or isinstance(field, AutoField):
                continue
            elif field.null and field.name not in wanted:
                setattr(row, field.attname, None)
            elif field.remote_field:
                setattr(row, field.attname, self.relation(model, field))
            elif not given_by_default(field):
                setattr(row, field.attname, self.values.value_for(field, self.number))
        return row

    def relation(self, model: Any, field: Any) -> Any:
        """The value of a foreign key: of a row that is there (and free, where only one may refer to it)."""
        target = field.remote_field.model._meta.concrete_model
        attribute = field.target_field.attname
        if field.remote_field.parent_link:
            return getattr(self.make(target), attribute)
        if target is content_type():
            return self.content_type_of(self.moved[self.number % len(self.moved)])
        if not self.here(target):
            if field.null:
                return None
            why = f"{field.name} refers to {target._meta.label}, which has no table in this database"
            raise self.values.CannotFill(why)
        rows = self.rows(target, 8)
        if field.unique:
            manager = model._base_manager.using(self.alias)
            taken = set(manager.values_list(field.attname, flat=True))
            rows = [row for row in rows if getattr(row, attribute) not in taken]
        if not rows and field.null and (target is model or target in self.under_way):
            return None
        row = rows[self.number % len(rows)] if rows else self.make(target)
        return getattr(row, attribute)

    def rows(self, model: Any, limit: int) -> list[Any]:
        """Rows that are there, in the order of their keys."""
        return list(model._base_manager.using(self.alias).order_by("pk")[:limit])

    def content_type_of(self, model: Any) -> Any:
        manager = content_type().objects.db_manager(self.alias)
        return manager.get_for_model(model, for_concrete_model=False).pk

    def generic_targets(self, model: Any) -> Plain:
        """The columns of generic foreign keys: a row of a moved model, another one each time."""
        found: Plain = {}
        for key in generic_keys(model):
            fields = {field.name: field for field in model._meta.local_concrete_fields}
            if key.ct_field not in fields or key.fk_field not in fields:
                continue  # they belong to a parent
            column = fields[key.fk_field]
            for step in range(len(self.moved)):
                target = self.moved[(self.turn + step) % len(self.moved)]
                rows = self.rows(target, 1) if self.here(target) and target._meta.managed else []
                if rows and fits(column, rows[0].pk):
                    found[key.ct_field] = self.content_type_of(target)
                    found[key.fk_field] = column.to_python(rows[0].pk)
                    break
        return found


def content_type() -> Any:
    """The model ContentType, or None where it is not installed."""
    from django.apps import apps

    installed = apps.is_installed("django.contrib.contenttypes")
    return apps.get_model("contenttypes", "ContentType") if installed else None


def generic_keys(model: Any) -> list[Any]:
    """The GenericForeignKeys of a model."""
    return [field for field in model._meta.private_fields if hasattr(field, "ct_field") and hasattr(field, "fk_field")]


def fits(column: Any, key: Any) -> bool:
    """Whether a generic foreign key's column takes a key."""
    from django.core.exceptions import ValidationError

    try:
        return bool(str(column.to_python(key)) == str(key))
    except (ValidationError, TypeError, ValueError):
        return False


def related(moved: list[Any]) -> list[Any]:
    """The models that move, and those with a relation to one: by key, many-to-many, or generic."""
    from django.apps import apps

    kind, known, found = content_type(), set(moved), list(moved)
    for model in apps.get_models(include_auto_created=True):
        if model in known or model._meta.proxy or model is kind:
            continue
        ends = {field.remote_field.model for field in model._meta.local_fields if field.remote_field}
        if ends & known or generic_keys(model) or (kind in ends and model._meta.label != "auth.Permission"):
            found.append(model)
    return [model for model in found if not model._meta.proxy]


def given_by_default(field: Any) -> bool:
    """Whether the value that the field has by itself will do."""
    if field.unique and not callable(field.default):
        return False
    from django.db.models.fields import NOT_PROVIDED

    by_database = getattr(field, "db_default", NOT_PROVIDED) is not NOT_PROVIDED
    return bool(field.has_default() or by_database) and field.get_default() is not None


def first_line(error: BaseException) -> str:
    """What an exception says, in one line."""
    return f"{type(error).__name__}: {error}".strip().splitlines()[0]


# ---- permissions


def grant(alias: str, moved: list[Any], filler: Filler) -> Notes:
    """Give every permission on the moved models to a group and to a user."""
    from django.apps import apps
    from django.contrib.auth import get_user_model
    from django.db import router

    if not apps.is_installed("django.contrib.auth") or content_type() is None:
        return []
    Permission, Group = apps.get_model("auth", "Permission"), apps.get_model("auth", "Group")
    if not all(router.allow_migrate_model(alias, model) for model in (Permission, Group, content_type())):
        return []
    kinds = [filler.content_type_of(model) for model in moved]
    permissions = Permission.objects.using(alias).filter(content_type__in=kinds).order_by("pk")
    granted(Group.objects.using(alias).create(name="phased-migration"), "permissions", permissions, alias)
    user_model = get_user_model()
    if "user_permissions" not in {field.name for field in user_model._meta.many_to_many}:
        return []
    try:
        user = next(iter(filler.rows(user_model, 1)), None) or filler.make(user_model)
    except filler.values.CannotFill as error:
        return [{"what": user_model._meta.label, "why": f"so permissions are granted to a group only: {error}"}]
    granted(user, "user_permissions", permissions, alias)
    return []


def granted(holder: Any, name: str, permissions: Any, alias: str) -> None:
    """Write the rows of a many-to-many relation to permissions."""
    field = holder._meta.get_field(name)
    manager = field.remote_field.through._base_manager.using(alias)
    for permission in permissions:
        ends = {f"{field.m2m_field_name()}_id": holder.pk, f"{field.m2m_reverse_field_name()}_id": permission.pk}
        manager.get_or_create(**ends)


# ---- content types that are there twice


def double_permissions(permission: Any, first: Any, second: Any, alias: str) -> None:
    """The permissions of a second content type, granted to those who have the first one's."""
    manager = permission._base_manager.using(alias)
    for number, one in enumerate(manager.filter(content_type=first).order_by("pk")):
        two = manager.create(content_type=second, codename=one.codename, name=one.name)
        for model, field in references(permission, alias):
            if number % 2 == 0:
                repoint(model, field, one.pk, two.pk, alias)
                continue
            rows = model._base_manager.using(alias)
            for row in rows.filter(**{field.name: one.pk}):
                row.pk = None
                setattr(row, field.attname, two.pk)
                row.save(using=alias, force_insert=True)


def references(target: Any, alias: str) -> Iterator[tuple[Any, Any]]:
    """The models and foreign keys that refer to a model in a database, many-to-many ones too."""
    from django.apps import apps
    from django.db import router

    for model in apps.get_models(include_auto_created=True):
        if model._meta.proxy or not model._meta.managed or not router.allow_migrate_model(alias, model):
            continue
        for field in model._meta.local_concrete_fields:
            if field.remote_field and field.remote_field.model is target:
                yield model, field


def repoint(model: Any, field: Any, old: Any, new: Any, alias: str) -> None:
    """Let every other row that refers to ``old`` refer to ``new``."""
    rows = model._base_manager.using(alias)
    keys = list(rows.filter(**{field.name: old}).order_by("pk").values_list("pk", flat=True))
    rows.filter(pk__in=keys[::2]).update(**{field.attname: new})

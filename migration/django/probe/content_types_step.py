"""The step of a generated migration that moves content types; its functions are copied into it.

It stands in the old app's migration, which is the last of the move and takes the old models out of
the state. ``post_migrate`` creates a content type (and permissions) for every model of the state at
the end of each run of ``migrate``. Had the step come with the new app's first migration, a run that
stops there (``migrate data_warehouse``) would create the old rows anew, because the old models were
still in the state. After the last migration nothing does. What such a run did create, under the new
label, is merged by this step.

Of two rows for one model the older is kept, whichever label it has: that is the one other rows refer
to. The younger was created by ``post_migrate`` between two runs, or by old code that was still
running during a deploy. So the step is right both times it may run, and backwards.

With ``deploy: rolling`` it is written a second time, as the old app's next migration. Old code that
still runs after the first one makes the old rows anew, whenever it asks for a content type, and Django
applies a migration once: what merges them has to be a migration that is deployed later. Its reverse
does nothing, so it can be repeated (``migrate core 0007``, ``migrate core 0008``) as often as somebody
finds such rows, and nothing has to be run by hand or to stay in the product for good (as a receiver of
``post_migrate`` would).
"""

from __future__ import annotations

from typing import Any

from django.db import connections, router

OLD_LABEL = ""
NEW_LABEL = ""
MODELS: list[str] = []


def move_content_types(apps: Any, schema_editor: Any) -> None:
    """Give the content types of the moved models their new label; ids and permissions stay."""
    relabel(apps, schema_editor, NEW_LABEL)


def return_content_types(apps: Any, schema_editor: Any) -> None:
    """Give them their old label back."""
    relabel(apps, schema_editor, OLD_LABEL)


def relabel(apps: Any, schema_editor: Any, label: str) -> None:
    """Leave one content type per model, the older one, and give it the label."""
    alias = schema_editor.connection.alias
    ContentType = apps.get_model("contenttypes", "ContentType")
    if not router.allow_migrate_model(alias, ContentType):
        return
    for model in MODELS:
        rows = ContentType.objects.using(alias).filter(app_label__in=[OLD_LABEL, NEW_LABEL], model=model)
        kept, *doubles = rows.order_by("pk") or [None]
        for double in doubles:
            merge(kept, double, alias)
        if kept is not None and kept.app_label != label:
            kept.app_label = label
            kept.save(using=alias, update_fields=["app_label"])
    ContentType.objects.clear_cache()


def merge(kept: Any, double: Any, alias: str) -> None:
    """Point whatever refers to a row at another one, then delete it.

    Where both have a row of the same kind (a permission, a grant), these are merged in turn. Tables that this
    state names and the database does not have (another name ran ahead) are left out; should rows there refer
    to the double, the database refuses to delete it.
    """
    for relation in double._meta.get_fields(include_hidden=True):
        if not relation.auto_created or relation.concrete or relation.many_to_many:
            continue
        model, field = relation.related_model, relation.field
        if not has_table(alias, model) or not router.allow_migrate_model(alias, model):
            continue
        value = getattr(kept, field.target_field.attname)
        rows = model._base_manager.using(alias)
        doubles = rows.filter(**{field.name: double})
        if not unique_with(field):
            doubles.update(**{field.attname: value})
            continue
        for row in doubles:
            twin = find_twin(row, field, value, rows)
            if twin is None:
                rows.filter(pk=row.pk).update(**{field.attname: value})
            else:
                merge(twin, row, alias)
    # by itself: delete() would ask every table that may refer to it
    double._meta.base_manager.using(alias).filter(pk=double.pk)._raw_delete(alias)


def has_table(alias: str, model: Any) -> bool:
    """Whether the database has the table of a model; a name in quotes holds a schema, which is not listed."""
    connection, table = connections[alias], model._meta.db_table
    with connection.cursor() as cursor:
        names = connection.introspection.table_names(cursor)
    return '"' in table or table.lower() in [name.lower() for name in names]


def unique_with(field: Any) -> list[Any]:
    """The sets of field names that must be unique together and hold the field."""
    meta = field.model._meta
    found = [*meta.unique_together, *(constraint.fields for constraint in meta.total_unique_constraints)]
    return [names for names in found if field.name in names] + ([[field.name]] if field.unique else [])


def find_twin(row: Any, field: Any, value: Any, rows: Any) -> Any:
    """The row that leaves no room for ``row`` to refer to ``value``, because both would be the same."""
    for names in unique_with(field):
        attributes = [row._meta.get_field(name).attname for name in names]
        wanted = {attribute: getattr(row, attribute) for attribute in attributes}
        wanted[field.attname] = value
        twin = None if None in wanted.values() else rows.filter(**wanted).first()
        if twin is not None:
            return twin
    return None

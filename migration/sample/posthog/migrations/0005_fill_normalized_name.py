from django.db import migrations

from posthog.warehouse.util import normalize_name


def fill_normalized_name(apps, schema_editor):
    DataWarehouseTable = apps.get_model("posthog", "DataWarehouseTable")
    for table in DataWarehouseTable.objects.using(schema_editor.connection.alias).filter(normalized_name=""):
        table.normalized_name = normalize_name(table.name)
        table.save(update_fields=["normalized_name"])


class Migration(migrations.Migration):
    dependencies = [
        ("posthog", "0004_external_data_schemas"),
    ]

    operations = [
        migrations.RunPython(fill_normalized_name, migrations.RunPython.noop, elidable=True),
    ]

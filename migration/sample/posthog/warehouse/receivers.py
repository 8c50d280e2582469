"""
Connected when `posthog.warehouse.models` is imported, which Django does at startup.
"""

from django.db.models.signals import post_delete, post_save
from django.dispatch import receiver

from ..models.activity_log import log_activity
from . import signals
from .models.external_data_source import ExternalDataSource
from .models.snapshot import DataWarehouseTableSnapshot
from .models.table import DataWarehouseTable
from .util import normalize_name


@receiver(post_save, sender=DataWarehouseTable, dispatch_uid="warehouse_table_saved")
def table_saved(sender, instance: DataWarehouseTable, created: bool, raw: bool = False, **kwargs) -> None:
    if raw:
        return
    if instance.normalized_name != normalize_name(instance.name):
        instance.normalized_name = normalize_name(instance.name)
        sender.raw_objects.filter(pk=instance.pk).update(normalized_name=instance.normalized_name)
    if created:
        log_activity(instance, "created", user=instance.created_by, name=instance.name)


@receiver(signals.table_synced, dispatch_uid="warehouse_table_synced")
def table_synced(sender, table: DataWarehouseTable, rows: int, **kwargs) -> None:
    table.row_count = rows
    table.save(update_fields=["row_count"])
    DataWarehouseTableSnapshot.objects.create(
        team=table.team, table=table, row_count=rows, size_in_s3_mib=table.size_in_s3_mib
    )


@receiver(post_delete, sender=ExternalDataSource, dispatch_uid="warehouse_source_deleted")
def source_deleted(sender, instance: ExternalDataSource, **kwargs) -> None:
    signals.source_removed.send(sender, source=instance, deleted_schemas=instance.schema_names())

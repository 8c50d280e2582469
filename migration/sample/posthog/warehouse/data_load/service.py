import logging

from django.utils import timezone

from ... import task_queue
from .. import registry, s3, signals
from ..models import DataWarehouseTable, ExternalDataJob, ExternalDataSchema, SyncAlert
from ..types import SourceInput, SyncResult

logger = logging.getLogger(__name__)


def schedule_sync(schema: ExternalDataSchema):
    """Starts a sync in the background."""
    return task_queue.send_task("posthog.warehouse.tasks.sync_schema", (str(schema.pk),))


def refresh_size(table: DataWarehouseTable) -> float:
    table.size_in_s3_mib = s3.get_size_of_folder(table.url_pattern)
    table.save(update_fields=["size_in_s3_mib"])
    return table.size_in_s3_mib


def run_sync(schema: ExternalDataSchema) -> SyncResult:
    job = ExternalDataJob.objects.create(team=schema.team, pipeline=schema.source, schema=schema)
    source_input = SourceInput(
        team=schema.team,
        source_type=schema.source.source_type,
        prefix=schema.source.table_prefix(),
        job_inputs=schema.source.job_inputs,
    )
    try:
        load = registry.get_loader(schema.source.source_type)
        result = load(source_input, schema.name)
    except Exception as error:
        logger.exception("Sync of %s failed", schema.name)
        job.status = ExternalDataJob.Status.FAILED
        job.latest_error = str(error)
        job.save()
        fire_alert(schema, job)
        raise
    table = result.table
    table.external_data_source = schema.source
    table.save(update_fields=["external_data_source"])
    job.status = ExternalDataJob.Status.COMPLETED
    job.rows_synced = result.rows
    job.save()
    schema.table = table
    schema.latest_job = job
    schema.last_synced_at = timezone.now()
    schema.save()
    signals.table_synced.send(ExternalDataSchema, table=table, rows=result.rows)
    return SyncResult(table=table, schema=schema, rows=result.rows)


def fire_alert(schema: ExternalDataSchema, job: ExternalDataJob) -> bool:
    alert = SyncAlert.objects.filter(table=schema.table).first() if schema.table else None
    if alert is None:
        return False
    failures = ExternalDataJob.objects.filter(schema=schema, status=ExternalDataJob.Status.FAILED).count()
    if not alert.should_fire(failures):
        return False
    alert.last_failed_job = job
    alert.save()
    return True

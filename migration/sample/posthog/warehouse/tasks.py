from datetime import timedelta

from django.utils import timezone

from ..task_queue import shared_task
from . import constants
from .data_load import saved_query_service, service
from .models import (
    DataWarehouseSavedQuery,
    DataWarehouseTable,  # only those that are not deleted
    ExternalDataJob,
    ExternalDataSchema,
)


@shared_task
def sync_schema(schema_id: str) -> int:
    schema = ExternalDataSchema.objects.get(pk=schema_id)
    return service.run_sync(schema).rows


@shared_task
def sync_stale_schemas() -> list[str]:
    """Syncs what is due and returns the names."""
    synced = []
    for schema in ExternalDataSchema.objects.filter(should_sync=True).order_by("name"):
        if schema.is_due(timezone.now()):
            sync_schema.delay(str(schema.pk))
            synced.append(schema.name)
    return synced


@shared_task(name="posthog.warehouse.tasks.materialize_all")
def materialize_all() -> int:
    queries = DataWarehouseSavedQuery.objects.exclude(status=DataWarehouseSavedQuery.Status.COMPLETED)
    return sum(saved_query_service.materialize(query) is not None for query in queries)


@shared_task(name="warehouse-fail-stuck-jobs")
def fail_stuck_jobs(older_than_seconds: float | None = None) -> int:
    age = constants.STUCK_JOB_AFTER if older_than_seconds is None else timedelta(seconds=older_than_seconds)
    return ExternalDataJob.objects.filter(
        status=ExternalDataJob.Status.RUNNING, created_at__lt=timezone.now() - age
    ).update(status=ExternalDataJob.Status.FAILED, latest_error="The job died")


@shared_task
def refresh_table_sizes(team_id: int) -> int:
    refreshed = 0
    for table in DataWarehouseTable.objects.filter(team_id=team_id):
        service.refresh_size(table)
        refreshed += 1
    return refreshed

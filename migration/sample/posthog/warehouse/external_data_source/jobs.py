from posthog.task_queue import shared_task

from .. import models as warehouse_models


@shared_task
def cancel_running_jobs(source_id: str) -> int:
    return warehouse_models.ExternalDataJob.objects.filter(
        pipeline_id=source_id, status=warehouse_models.ExternalDataJob.Status.RUNNING
    ).update(status=warehouse_models.ExternalDataJob.Status.FAILED, latest_error="Cancelled")


@shared_task
def delete_source(source_id: str) -> list[str]:
    """Deletes a source, and hides its tables instead of deleting them."""
    source = warehouse_models.ExternalDataSource.objects.get(pk=source_id)
    cancel_running_jobs(source_id)
    hidden = []
    for table in source.tables.order_by("name"):
        table.external_data_source = None
        table.save(update_fields=["external_data_source"])
        table.soft_delete()
        hidden.append(table.name)
    source.delete()
    return hidden


def latest_status(source: "warehouse_models.ExternalDataSource") -> str:
    run = warehouse_models.get_latest_run_if_exists(source.team_id, source.pk)
    return run.status if run else "Never run"

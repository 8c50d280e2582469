import posthog.warehouse.models.table
import posthog.models.insight
from posthog.task_queue import shared_task


@shared_task
def find_insights_without_table() -> list[str]:
    """Names of insights that read from a table that was deleted."""
    deleted = posthog.warehouse.models.table.DataWarehouseTable.raw_objects.filter(deleted=True)
    insights = posthog.models.insight.Insight.objects.filter(source_table__in=deleted)
    return list(insights.order_by("name").values_list("name", flat=True))


@shared_task
def annotate_table(table_id: str, content: str) -> int:
    table = posthog.warehouse.models.table.DataWarehouseTable.objects.get(pk=table_id)
    # bound by the same import, but not part of the warehouse
    annotation = posthog.models.Annotation.objects.create(team=table.team, content=content, table=table)
    return annotation.pk

from pathlib import Path

from django.db import transaction

from posthog import warehouse
from posthog.models import log_activity
from posthog.warehouse.s3 import folder_url

STATS_TEMPLATE = Path(__file__).parent / "table_stats.sql"


def stats_sql(table: "warehouse.models.DataWarehouseTable") -> str:
    return STATS_TEMPLATE.read_text().format(
        name=table.hogql_name, url_pattern=table.url_pattern, format=table.format
    )


def referenced_tables(query):
    """The team's tables whose name is a word of the query."""
    words = set(query.sql().replace(",", " ").replace("(", " ").replace(")", " ").lower().split())
    tables = warehouse.models.DataWarehouseTable.objects.for_team(query.team)
    return [table for table in tables if table.hogql_name in words or table.name.lower() in words]


@transaction.atomic
def update_lineage(query) -> list[str]:
    tables = referenced_tables(query)
    query.tables.set(tables)
    warehouse.models.DataWarehouseModelPath.objects.filter(saved_query=query).delete()
    for table in tables:
        warehouse.models.DataWarehouseModelPath.objects.create(
            team=query.team, path=f"{table.hogql_name}.{query.hogql_name}", table=table, saved_query=query
        )
    return sorted(table.hogql_name for table in tables)


def materialize(query):
    """Makes a table of a view; returns the job, or None where there is nothing to read from."""
    if not update_lineage(query):
        return None
    job = warehouse.models.DataModelingJob.objects.create(
        team=query.team, saved_query=query, started_by=query.owner
    )
    job.rows_materialized = sum(table.row_count or 0 for table in query.tables.all())
    job.save(update_fields=["rows_materialized"])
    if query.materialized_table is None:
        query.materialized_table = warehouse.models.DataWarehouseTable.objects.create(
            team=query.team,
            name=f"{query.name}_materialized",
            format=warehouse.models.DataWarehouseTable.TableFormat.Parquet,
            url_pattern=folder_url(query.team_id, query.name),
            row_count=job.rows_materialized,
        )
    query.status = query.Status.COMPLETED
    query.save()
    log_activity(query, "materialized", user=query.owner, rows=job.rows_materialized)
    return job

import posthog
import posthog.warehouse.s3
from posthog.models import Team
from posthog.task_queue import shared_task

BILLED_PRODUCTS = ("analytics", "data_warehouse")


def billed_products(team: Team) -> dict[str, int]:
    # what is on the bill, not the package of that name
    products = {name: 0 for name in BILLED_PRODUCTS}
    products["data_warehouse"] = sum(synced_rows(team).values())
    return products


def synced_rows(team: Team) -> dict[str, int]:
    from posthog.warehouse.models import ExternalDataJob

    rows: dict[str, int] = {}
    for job in ExternalDataJob.objects.filter(team=team, status=ExternalDataJob.Status.COMPLETED):
        rows[job.schema.name] = rows.get(job.schema.name, 0) + job.rows_synced
    return rows


def stored_size(team: Team) -> str:
    tables = posthog.warehouse.models.DataWarehouseTable.objects.for_team(team)
    return posthog.warehouse.util.human_size(
        sum(posthog.warehouse.s3.get_size_of_folder(table.url_pattern) for table in tables)
    )


@shared_task
def send_usage_report() -> list[dict]:
    return [
        {"team": team.name, "products": billed_products(team), "stored": stored_size(team)}
        for team in Team.objects.order_by("pk")
    ]

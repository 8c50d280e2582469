from django.conf import settings
from django.db.models import Sum
from django.http import JsonResponse

import posthog
import posthog.warehouse.util
from posthog.api.utils import team_required
from posthog.warehouse import models as wm


@team_required
def summary_view(request, team) -> JsonResponse:
    tables = wm.DataWarehouseTable.objects.for_team(team)
    totals = tables.aggregate(rows=Sum("row_count"), size=Sum("size_in_s3_mib"))
    return JsonResponse(
        {
            "tables": tables.count(),
            "synced_tables": tables.synced().count(),
            "rows": totals["rows"] or 0,
            "size": posthog.warehouse.util.human_size(totals["size"]),
            "sources": wm.ExternalDataSource.objects.filter(team=team).count(),
            "views": wm.DataWarehouseSavedQuery.objects.filter(team=team, deleted=False).count(),
            "insights": posthog.models.Insight.objects.filter(team=team, source_table__isnull=False).count(),
            "docs": settings.WAREHOUSE_DOCS_URL,
        }
    )

from django.http import JsonResponse

from posthog.api.utils import team_required
from posthog.warehouse.data_load.saved_query_service import stats_sql

from .models import EarlyAccessFeature


@team_required
def feature_list(request, team) -> JsonResponse:
    results = []
    for feature in EarlyAccessFeature.objects.filter(team=team).select_related("usage_table").order_by("name"):
        usage_sql = stats_sql(feature.usage_table) if feature.usage_table else None
        results.append({"name": feature.name, "stage": feature.stage, "usage_sql": usage_sql})
    return JsonResponse({"results": results})

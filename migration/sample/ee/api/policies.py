from django.http import JsonResponse
from django.shortcuts import get_object_or_404

import posthog.warehouse.models as warehouse_models
from ee.models import TableAccessPolicy
from posthog.api.utils import team_required


@team_required
def policy_list(request, team) -> JsonResponse:
    policies = TableAccessPolicy.objects.filter(team=team).select_related("table").order_by("table__name", "role")
    return JsonResponse(
        {"results": [{"table": p.table.name, "role": p.role, "access": p.access} for p in policies]}
    )


@team_required
def check(request, team, table_id, action: str) -> JsonResponse:
    table = get_object_or_404(warehouse_models.DataWarehouseTable, team=team, pk=table_id)
    roles = [policy.role for policy in table.access_policies.order_by("role") if policy.allows(action)]
    return JsonResponse({"table": table.name, "roles": roles})

"""
Which views are built on a table, and which views on those.

This file comes from a colleague with another editor: its lines end in CR LF.
"""

from django.http import JsonResponse

from ...api.utils import team_required
from ..models import (
    DataWarehouseModelPath,
    DataWarehouseSavedQuery,
)


def downstream_of(team, table_name: str) -> list[str]:
    paths = DataWarehouseModelPath.objects.filter(team=team, path__startswith=f"{table_name}.")
    names = {label for path in paths for label in path.labels[1:]}
    dependents = DataWarehouseSavedQuery.objects.filter(team=team, depends_on__name__in=names)
    return sorted(names | {query.hogql_name for query in dependents})


@team_required
def lineage_view(request, team, table_name: str) -> JsonResponse:
    return JsonResponse({"table": table_name, "downstream": downstream_of(team, table_name)})

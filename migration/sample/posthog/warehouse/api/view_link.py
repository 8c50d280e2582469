from django.http import HttpRequest, JsonResponse

from ...api.utils import TeamView
from ..models import DataWarehouseSavedQuery, DataWarehouseViewLink


class ViewLinkListView(TeamView):
    def get(self, request: HttpRequest) -> JsonResponse:
        links = DataWarehouseViewLink.objects.filter(team=self.team).select_related("saved_query").order_by("table")
        return JsonResponse({"results": [{"table": link.table, "view": link.saved_query.name} for link in links]})

    def post(self, request: HttpRequest) -> JsonResponse:
        data = self.payload("table", "from_join_key", "saved_query", "to_join_key")
        link = DataWarehouseViewLink.objects.create(
            team=self.team,
            table=data["table"],
            from_join_key=data["from_join_key"],
            saved_query=self.get_object(DataWarehouseSavedQuery, data["saved_query"]),
            to_join_key=data["to_join_key"],
            created_by=request.user,
        )
        return JsonResponse({"id": str(link.pk), "table": link.table}, status=201)

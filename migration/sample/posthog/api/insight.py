from django.http import JsonResponse

from posthog.api.utils import TeamView
from posthog.models import Insight

# views of the warehouse that are also shown in the list of insights
from posthog.warehouse.models import DataWarehouseSavedQuery as View
from posthog.warehouse.models import DataWarehouseTable


class InsightListView(TeamView):
    def get(self, request) -> JsonResponse:
        insights = Insight.objects.filter(team=self.team).select_related("source_table").order_by("name")
        return JsonResponse({"results": [self.serialize(insight) for insight in insights]})

    def post(self, request) -> JsonResponse:
        data = self.payload("name")
        table = None
        if data.get("source_table"):
            table = self.get_object(DataWarehouseTable, data["source_table"])
        insight = Insight.objects.create(
            team=self.team, name=data["name"], source_table=table, created_by=request.user
        )
        insight.saved_queries.set(View.objects.filter(team=self.team, name__in=data.get("saved_queries", [])))
        return JsonResponse(self.serialize(insight), status=201)

    def serialize(self, insight: Insight) -> dict:
        return {
            "id": insight.pk,
            "name": insight.name,
            "source_table": insight.source_table.name if insight.source_table else None,
            "saved_queries": sorted(view.name for view in insight.saved_queries.all()),
        }

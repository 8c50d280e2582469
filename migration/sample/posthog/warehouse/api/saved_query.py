from django.http import HttpRequest, JsonResponse

from ...api.utils import TeamView
from ..data_load.saved_query_service import materialize, update_lineage
from ..models import (DataWarehouseSavedQuery,  # the view itself
                      DataWarehouseSavedQueryFolder as Folder,
                      DataWarehouseSavedQueryTag, DataWarehouseTag)  # fmt: skip
from . import serializers


class SavedQueryListView(TeamView):
    def get(self, request: HttpRequest) -> JsonResponse:
        queries = DataWarehouseSavedQuery.objects.filter(team=self.team, deleted=False).order_by("name")
        if folder := request.GET.get("folder"):
            queries = queries.filter(folder__name=folder)
        return JsonResponse({"results": [serializers.saved_query(query) for query in queries]})

    def post(self, request: HttpRequest) -> JsonResponse:
        data = self.payload("name", "query")
        folder = None
        if data.get("folder"):
            folder, _ = Folder.objects.get_or_create(team=self.team, name=data["folder"], parent=None)
        query = DataWarehouseSavedQuery(
            team=self.team, name=data["name"], query=data["query"], folder=folder, owner=request.user
        )
        self.clean(query)
        query.save()
        for name in data.get("tags", []):
            tag, _ = DataWarehouseTag.objects.get_or_create(team=self.team, name=name)
            DataWarehouseSavedQueryTag.objects.create(saved_query=query, tag=tag, added_by=request.user)
        update_lineage(query)
        return JsonResponse(serializers.saved_query(query), status=201)


class SavedQueryRunView(TeamView):
    def post(self, request: HttpRequest, pk) -> JsonResponse:
        query = self.get_object(DataWarehouseSavedQuery, pk)
        job = materialize(query)
        if job is None:
            return JsonResponse({"detail": "The query reads from no table."}, status=400)
        return JsonResponse({"rows": job.rows_materialized, "table": query.materialized_table.name})

from django.http import HttpRequest, JsonResponse

from ...api.utils import BadRequest, TeamView
from ..models import DataWarehouseCredential, DataWarehouseTable
from ..permissions import can_create
from . import serializers


class TableListView(TeamView):
    def get(self, request: HttpRequest) -> JsonResponse:
        tables = DataWarehouseTable.objects.for_team(self.team).order_by("name")
        return JsonResponse({"results": [serializers.table(table) for table in tables]})

    def post(self, request: HttpRequest) -> JsonResponse:
        if not can_create(request.user, DataWarehouseTable):
            return JsonResponse({"detail": "You may not create tables."}, status=403)
        data = self.payload("name", "url_pattern")
        credential = None
        if keys := data.get("credential"):
            credential = DataWarehouseCredential.objects.create(
                team=self.team,
                access_key=keys["access_key"],
                access_secret=keys["access_secret"],
                created_by=request.user,
            )
        table = DataWarehouseTable(
            team=self.team,
            name=data["name"],
            url_pattern=data["url_pattern"],
            format=data.get("format", DataWarehouseTable.TableFormat.CSVWithNames),
            columns=data.get("columns", {}),
            credential=credential,
            created_by=request.user,
        )
        self.clean(table)
        table.save()
        return JsonResponse(serializers.table(table), status=201)


class TableDetailView(TeamView):
    def get(self, request: HttpRequest, pk) -> JsonResponse:
        return JsonResponse(serializers.table(self.get_object(DataWarehouseTable, pk)))

    def delete(self, request: HttpRequest, pk) -> JsonResponse:
        table = self.get_object(DataWarehouseTable, pk)
        if table.external_data_source_id:
            raise BadRequest("The table belongs to a source, delete that instead.")
        table.soft_delete()
        return JsonResponse({}, status=204)

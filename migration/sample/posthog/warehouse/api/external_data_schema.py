from django.http import HttpRequest, JsonResponse

from ...api.utils import TeamView
from ..models import ExternalDataSchema
from .serializers import schema as serialize_schema


class SchemaSyncView(TeamView):
    def post(self, request: HttpRequest, pk) -> JsonResponse:
        from ..data_load import schedule_sync

        schema = self.get_object(ExternalDataSchema, pk)
        rows = schedule_sync(schema)
        schema.refresh_from_db()
        return JsonResponse({**serialize_schema(schema), "rows": rows})

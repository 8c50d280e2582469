from django.db import transaction
from django.http import HttpRequest, JsonResponse

from ...api.utils import BadRequest, TeamView
from ...task_queue import send_task
from ..external_data_source.jobs import latest_status
from ..external_data_source.sources import SOURCES, missing_fields
from ..models import ExternalDataSchema, ExternalDataSource
from ..types import SourceInput
from .serializers import source as serialize_source


class SourceListView(TeamView):
    def get(self, request: HttpRequest) -> JsonResponse:
        sources = ExternalDataSource.objects.filter(team=self.team).order_by("created_at")
        return JsonResponse({"results": [serialize_source(source) for source in sources]})

    @transaction.atomic
    def post(self, request: HttpRequest) -> JsonResponse:
        source_input = SourceInput.from_payload(self.team, self.payload("source_type"))
        if source_input.source_type not in SOURCES:
            raise BadRequest(f"Unknown type of source: {source_input.source_type}")
        if missing := missing_fields(source_input.source_type, source_input.job_inputs):
            raise BadRequest(f"Missing: {', '.join(missing)}")
        source = ExternalDataSource.objects.create(
            team=self.team,
            source_type=source_input.source_type,
            prefix=source_input.prefix,
            job_inputs=source_input.job_inputs,
            created_by=request.user,
        )
        for name in sorted(SOURCES[source.source_type]["rows"]):
            ExternalDataSchema.objects.create(team=self.team, source=source, name=name, created_by=request.user)
        return JsonResponse(serialize_source(source), status=201)


class SourceDetailView(TeamView):
    def get(self, request: HttpRequest, pk) -> JsonResponse:
        source = self.get_object(ExternalDataSource, pk)
        return JsonResponse({**serialize_source(source), "latest_status": latest_status(source)})

    def delete(self, request: HttpRequest, pk) -> JsonResponse:
        source = self.get_object(ExternalDataSource, pk)
        hidden = send_task("posthog.warehouse.external_data_source.jobs.delete_source", (str(source.pk),))
        return JsonResponse({"hidden_tables": hidden})

import uuid

from django.db import models

from posthog.models.team import Team
from posthog.models.utils import CreatedMetaFields, UUIDModel


def generate_connection_id() -> str:
    return f"conn-{uuid.uuid4()}"


class ExternalDataSource(CreatedMetaFields, UUIDModel):
    class Type(models.TextChoices):
        STRIPE = "Stripe"
        POSTGRES = "Postgres"
        MANUAL = "Manual"

    class Status(models.TextChoices):
        RUNNING = "Running"
        PAUSED = "Paused"
        ERROR = "Error"
        COMPLETED = "Completed"

    source_type = models.CharField(max_length=128, choices=Type.choices)
    connection_id = models.CharField(max_length=400, default=generate_connection_id)
    status = models.CharField(max_length=400, choices=Status.choices, default=Status.RUNNING)
    prefix = models.CharField(max_length=100, blank=True, default="")
    job_inputs = models.JSONField(default=dict, blank=True)
    team = models.ForeignKey(Team, on_delete=models.CASCADE, related_name="external_data_sources")

    def __str__(self) -> str:
        return f"{self.source_type} {self.prefix}".strip()

    def schema_names(self) -> list[str]:
        from posthog.warehouse.models import ExternalDataSchema

        return list(ExternalDataSchema.objects.filter(source=self).order_by("name").values_list("name", flat=True))

    def table_prefix(self) -> str:
        return f"{self.prefix}{self.source_type.lower()}_"

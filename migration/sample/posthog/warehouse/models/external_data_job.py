from __future__ import annotations

from django.db import models

from posthog.models.utils import UUIDModel
from django.utils import timezone


class ExternalDataJob(UUIDModel):
    class Status(models.TextChoices):
        RUNNING = "Running"
        COMPLETED = "Completed"
        FAILED = "Failed"

    team = models.ForeignKey("Team", on_delete=models.CASCADE)
    pipeline = models.ForeignKey("posthog.ExternalDataSource", on_delete=models.CASCADE, related_name="jobs")
    schema = models.ForeignKey("posthog.ExternalDataSchema", on_delete=models.CASCADE, related_name="jobs")
    status = models.CharField(max_length=64, choices=Status.choices, default=Status.RUNNING)
    rows_synced = models.BigIntegerField(default=0)
    latest_error = models.TextField(blank=True, default="")
    created_at = models.DateTimeField(default=timezone.now)

    class Meta: ordering = ["-created_at"]  # noqa: E701

    def __str__(self) -> str:
        return f"{self.schema} {self.status}"


def get_latest_run_if_exists(team_id: int, pipeline_id) -> ExternalDataJob | None:
    return ExternalDataJob.objects.filter(team_id=team_id, pipeline_id=pipeline_id).first()

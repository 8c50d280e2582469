from django.db import models
from django.utils import timezone

from ...models import Team, User


class DataModelingJob(models.Model):
    team = models.ForeignKey(Team, on_delete=models.CASCADE)
    saved_query = models.ForeignKey(
        "posthog.DataWarehouseSavedQuery", on_delete=models.SET_NULL, null=True, related_name="modeling_jobs"
    )
    started_by = models.ForeignKey(User, on_delete=models.SET_NULL, null=True, blank=True)
    rows_materialized = models.IntegerField(default=0)
    error = models.TextField(blank=True, default="")
    created_at = models.DateTimeField(default=timezone.now)

    class Meta:
        ordering = ["-created_at", "-id"]
        get_latest_by = "created_at"

    @property
    def ok(self) -> bool:
        return not self.error

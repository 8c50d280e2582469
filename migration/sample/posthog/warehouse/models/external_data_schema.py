from datetime import datetime

from django.db import models

from ...models.utils import CreatedMetaFields, UUIDModel
from ..constants import SYNC_FREQUENCIES
from . import external_data_source as sources


class ExternalDataSchema(CreatedMetaFields, UUIDModel):
    name = models.CharField(max_length=400)
    team = models.ForeignKey("posthog.Team", on_delete=models.CASCADE)
    source = models.ForeignKey(sources.ExternalDataSource, on_delete=models.CASCADE, related_name="schemas")
    table = models.ForeignKey("DataWarehouseTable", on_delete=models.SET_NULL, null=True, blank=True)
    latest_job = models.ForeignKey(
        "ExternalDataJob", on_delete=models.SET_NULL, null=True, blank=True, related_name="+"
    )
    should_sync = models.BooleanField(default=True)
    sync_frequency = models.CharField(
        max_length=16, choices=[(name, name) for name in SYNC_FREQUENCIES], default="daily"
    )
    last_synced_at = models.DateTimeField(null=True, blank=True)

    class Meta:
        verbose_name = "schema"
        constraints = [models.UniqueConstraint(fields=["source", "name"], name="unique_schema_per_source")]

    def __str__(self) -> str:
        return self.name

    def is_due(self, now: datetime) -> bool:
        if self.last_synced_at is None:
            return True
        return self.last_synced_at + SYNC_FREQUENCIES[self.sync_frequency] <= now

from django.db import models

from posthog.models.utils import TeamOwnedModel


class DataWarehouseTableSnapshot(TeamOwnedModel):
    """How big a table was after a sync."""

    table = models.ForeignKey("DataWarehouseTable", on_delete=models.CASCADE, related_name="snapshots")
    row_count = models.BigIntegerField(default=0)
    size_in_s3_mib = models.FloatField(null=True, blank=True)

    def __str__(self) -> str:
        return f"{self.table}: {self.row_count}"

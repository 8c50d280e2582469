from django.db import models

from ...models.utils import UUIDModel
from .saved_query import DataWarehouseSavedQuery
from .table import DataWarehouseTable


class DataWarehouseModelPath(UUIDModel):
    """How a view comes to its data, from a table down: "orders.clean_orders.revenue"."""

    team = models.ForeignKey("Team", on_delete=models.CASCADE)
    path = models.CharField(max_length=1000)
    table = models.ForeignKey(DataWarehouseTable, on_delete=models.CASCADE, null=True, blank=True, related_name="paths")
    saved_query = models.ForeignKey(
        DataWarehouseSavedQuery, on_delete=models.CASCADE, null=True, blank=True, related_name="paths"
    )

    class Meta:
        indexes = [
            models.Index(fields=["team", "path"], name="team_id_path"),
            models.Index(fields=["team", "saved_query"], name="team_id_saved_query_id"),
        ]
        constraints = [
            models.UniqueConstraint(fields=["team", "path"], name="unique_team_id_path"),
        ]

    @property
    def labels(self) -> list[str]:
        return self.path.split(".")

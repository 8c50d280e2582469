from django.db import models

from ...models.utils import CreatedMetaFields, UUIDModel
from .saved_query import DataWarehouseSavedQuery


class DataWarehouseViewLink(CreatedMetaFields, UUIDModel):
    """Links a view to a table. From before there were joins; its table was named by hand."""

    team = models.ForeignKey("Team", on_delete=models.CASCADE)
    table = models.CharField(max_length=128)
    from_join_key = models.CharField(max_length=400)
    saved_query = models.ForeignKey(DataWarehouseSavedQuery, on_delete=models.CASCADE)
    to_join_key = models.CharField(max_length=400)

    class Meta:
        db_table = "warehouse_view_links"

    def __str__(self) -> str:
        return f"{self.table} -> {self.saved_query}"

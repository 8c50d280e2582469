from __future__ import annotations

from typing import Any

from django.db import models

from ...models.utils import CreatedMetaFields, DeletedMetaFields, UUIDModel
from ..constants import BYTES_PER_MIB
from ..util import split_url_pattern, validate_table_name
from .credential import DataWarehouseCredential
from .managers import DataWarehouseTableManager
from .mixins import HogQLNamed

__all__ = ["DataWarehouseTable", "CLICKHOUSE_TYPES"]

# type of a column -> its type in a query
CLICKHOUSE_TYPES = {
    "String": "string",
    "Int64": "integer",
    "Float64": "float",
    "Bool": "boolean",
    "DateTime64": "datetime",
}


class DataWarehouseTable(HogQLNamed, CreatedMetaFields, UUIDModel, DeletedMetaFields):
    class TableFormat(models.TextChoices):
        CSV = "CSV", "CSV"
        CSVWithNames = "CSVWithNames", "CSV with names"
        Parquet = "Parquet", "Parquet"
        JSON = "JSONEachRow", "JSON"

    name = models.CharField(max_length=128, validators=[validate_table_name])
    normalized_name = models.CharField(max_length=128, blank=True, default="")
    format = models.CharField(max_length=128, choices=TableFormat.choices, default=TableFormat.CSVWithNames)
    team = models.ForeignKey("Team", on_delete=models.CASCADE)
    url_pattern = models.CharField(max_length=500)
    credential = models.ForeignKey(DataWarehouseCredential, on_delete=models.SET_NULL, null=True, blank=True)
    external_data_source = models.ForeignKey(
        "ExternalDataSource", on_delete=models.CASCADE, null=True, blank=True, related_name="tables"
    )
    columns = models.JSONField(default=dict, blank=True, help_text="Name of the column to its type")
    row_count = models.IntegerField(null=True, blank=True)
    size_in_s3_mib = models.FloatField(null=True, blank=True)

    objects = DataWarehouseTableManager()
    raw_objects = models.Manager()

    def __str__(self) -> str:
        return self.name

    @property
    def bucket(self) -> str:
        return split_url_pattern(self.url_pattern)[0]

    @property
    def size_in_bytes(self) -> int | None:
        return None if self.size_in_s3_mib is None else int(self.size_in_s3_mib * BYTES_PER_MIB)

    def hogql_columns(self) -> dict[str, str]:
        return {name: CLICKHOUSE_TYPES.get(type, "unknown") for name, type in self.columns.items()}

    def get_joins(self) -> models.QuerySet[Any]:
        from .join import DataWarehouseJoin

        return DataWarehouseJoin.objects.filter(team_id=self.team_id, source_table_name=self.hogql_name)

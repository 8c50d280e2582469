import json
import os

from ..data_load.source_templates import columns_of
from ..models import DataWarehouseTable
from ..s3 import folder_url
from ..types import SourceInput, SyncResult

with open(os.path.join(os.path.dirname(__file__), "sources.json")) as file:
    SOURCES = json.load(file)


class SourceError(Exception):
    pass


def missing_fields(source_type: str, job_inputs: dict) -> list[str]:
    return [field for field in SOURCES[source_type]["fields"] if not job_inputs.get(field)]


def _load(source_input: SourceInput, schema: str) -> SyncResult:
    offered = SOURCES[source_input.source_type]["rows"]
    if schema not in offered:
        raise SourceError(f"{source_input.source_type} has no {schema}")
    table, _ = DataWarehouseTable.objects.get_or_create(
        team=source_input.team,
        name=f"{source_input.prefix}{schema}",
        defaults={
            "format": DataWarehouseTable.TableFormat.Parquet,
            "url_pattern": folder_url(source_input.team.pk, schema),
            "columns": columns_of(source_input.source_type, schema),
        },
    )
    return SyncResult(table=table, rows=offered[schema])


def load_stripe(source_input: SourceInput, schema: str) -> SyncResult:
    return _load(source_input, schema)


def load_postgres(source_input: SourceInput, schema: str) -> SyncResult:
    return _load(source_input, schema)

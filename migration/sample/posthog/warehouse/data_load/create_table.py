import csv
from collections.abc import Iterable
from pathlib import Path
from typing import Any

from ...models.team import Team
from ...models.user import User
from ..models.credential import DataWarehouseCredential
from ..models.table import CLICKHOUSE_TYPES, DataWarehouseTable
from ..s3 import folder_url
from ..types import SourceInput, SyncResult


def guess_type(values: Iterable[str]) -> str:
    values = [value for value in values if value != ""]
    if not values:
        return "String"
    for type, convert in (("Int64", int), ("Float64", float)):
        try:
            for value in values:
                convert(value)
        except ValueError:
            continue
        return type
    return "String"


def read_rows(path: Path) -> list[dict[str, str]]:
    with open(path, newline="", encoding="utf-8") as file:
        return list(csv.DictReader(file))


def guess_columns(rows: list[dict[str, str]]) -> dict[str, str]:
    if not rows:
        return {}
    columns = {name: guess_type(row[name] for row in rows) for name in rows[0]}
    assert set(columns.values()) <= set(CLICKHOUSE_TYPES)
    return columns


def create_table_from_rows(
    team: Team,
    name: str,
    rows: list[dict[str, str]],
    *,
    user: User | None = None,
    credential: DataWarehouseCredential | None = None,
) -> DataWarehouseTable:
    table = DataWarehouseTable(
        team=team,
        name=name,
        created_by=user,
        credential=credential,
        url_pattern=f"{folder_url(team.pk, name)}/*.csv",
        columns=guess_columns(rows),
        row_count=len(rows),
    )
    table.full_clean(exclude=["columns"])
    table.save()
    return table


def load_manual(source_input: SourceInput, name: str, rows: list[dict[str, Any]] | None = None) -> SyncResult:
    rows = rows or []
    table = create_table_from_rows(source_input.team, f"{source_input.prefix}{name}", rows)
    return SyncResult(table=table, rows=len(rows))

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING

try:
    from posthog.warehouse.compat import clean_name
    from posthog.warehouse.models import DataWarehouseJoin, DataWarehouseSavedQuery, DataWarehouseTable

    HAS_WAREHOUSE = True
except ImportError:  # the lite edition comes without it
    HAS_WAREHOUSE = False

if TYPE_CHECKING:
    from posthog.models import Team
    from posthog.warehouse.models.table import DataWarehouseTable as Table


class UnknownTable(LookupError):
    pass


@dataclass
class HogQLTable:
    name: str
    columns: dict[str, str] = field(default_factory=dict)
    table: Table | None = None
    view: DataWarehouseSavedQuery | None = None
    joins: dict[str, DataWarehouseJoin] = field(default_factory=dict)


@dataclass
class Database:
    tables: dict[str, HogQLTable] = field(default_factory=dict)

    def get(self, name: str) -> HogQLTable:
        try:
            return self.tables[clean_name(name)]
        except KeyError:
            raise UnknownTable(name) from None


EVENTS = HogQLTable("events", {"uuid": "string", "event": "string", "timestamp": "datetime"})


def create_database(team: Team) -> Database:
    database = Database({"events": EVENTS})
    if not HAS_WAREHOUSE:
        return database
    for table in DataWarehouseTable.objects.for_team(team):
        database.tables[table.hogql_name] = HogQLTable(table.hogql_name, table.hogql_columns(), table=table)
    for view in DataWarehouseSavedQuery.objects.filter(team=team, deleted=False):
        database.tables[view.hogql_name] = HogQLTable(view.hogql_name, dict(view.columns), view=view)
    for join in DataWarehouseJoin.objects.filter(team=team, deleted=False):
        if join.source_table_name in database.tables:
            database.tables[join.source_table_name].joins[join.field_name] = join
    return database

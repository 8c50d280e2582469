from importlib import import_module


class Completer:
    from posthog.warehouse.models.table import CLICKHOUSE_TYPES as types
    from posthog.warehouse.util import normalize_name

    normalize = staticmethod(normalize_name)

    def __init__(self, team) -> None:
        self.team = team
        self.models = import_module("posthog.warehouse.models")

    def names(self, start: str) -> list[str]:
        start = self.normalize(start)
        tables = self.models.DataWarehouseTable.objects.for_team(self.team)
        views = self.models.DataWarehouseSavedQuery.objects.filter(team=self.team, deleted=False)
        names = {item.hogql_name for item in [*tables, *views]}
        return sorted(name for name in names if name.startswith(start))

    def columns(self, table_name: str) -> list[str]:
        table = self.models.DataWarehouseTable.objects.for_team(self.team).filter(name=table_name).first()
        return [f"{name}: {self.types[type]}" for name, type in table.columns.items()] if table else []

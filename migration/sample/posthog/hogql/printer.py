from posthog import warehouse as wh
from posthog.hogql.database import Database


def print_table(database: Database, name: str) -> str:
    """The table function of a warehouse table, or the query of a view."""
    found = database.get(name)
    if found.view is not None:
        return f"({found.view.sql()})"
    if isinstance(found.table, wh.models.DataWarehouseTable):
        return _print_s3(found.table)
    return found.name


def _print_s3(table: "wh.models.DataWarehouseTable") -> str:
    arguments = [table.url_pattern]
    if table.credential:
        arguments += [table.credential.access_key, table.credential.access_secret]
    arguments.append(table.format)
    return "s3({})".format(", ".join(f"'{argument}'" for argument in arguments))


def print_joins(database: Database, name: str) -> list[str]:
    return [
        f"LEFT JOIN {print_table(database, join.joining_table_name)} AS {join.field_name} ON {join.condition()}"
        for join in database.get(name).joins.values()
    ]

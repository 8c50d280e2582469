from ..models import DataWarehouseTable, ExternalDataSchema, ExternalDataSource


def make_table(team, name: str = "orders", **fields) -> DataWarehouseTable:
    fields.setdefault("url_pattern", f"https://bucket.example.com/{name}/*.csv")
    fields.setdefault("columns", {"id": "Int64", "total": "Float64"})
    return DataWarehouseTable.objects.create(team=team, name=name, **fields)


def make_schema(team, name: str = "charge", source_type: str = "Stripe", **fields) -> ExternalDataSchema:
    source = ExternalDataSource.objects.create(team=team, source_type=source_type, prefix="shop_")
    return ExternalDataSchema.objects.create(team=team, source=source, name=name, **fields)

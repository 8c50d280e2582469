from ...models.user import User
from .. import models as m
from ..data_load.source_templates import label_of
from ..util import human_size


def user_basic(user: User | None) -> dict | None:
    return None if user is None else {"id": user.pk, "username": user.username}


def credential(item: m.DataWarehouseCredential | None) -> dict | None:
    return None if item is None else {"id": str(item.pk), "access_key": item.masked_key}


def table(item: m.DataWarehouseTable) -> dict:
    return {
        "id": str(item.pk),
        "name": item.name,
        "hogql_name": item.hogql_name,
        "format": item.format,
        "url_pattern": item.url_pattern,
        "credential": credential(item.credential),
        "columns": item.hogql_columns(),
        "row_count": item.row_count,
        "size": human_size(item.size_in_s3_mib),
        "created_by": user_basic(item.created_by),
    }


def saved_query(item: m.DataWarehouseSavedQuery) -> dict:
    return {
        "id": str(item.pk),
        "name": item.name,
        "query": item.query,
        "status": item.status,
        "folder": item.folder.path if item.folder else None,
        "tags": sorted(tag.name for tag in item.tags.all()),
        "tables": sorted(table.name for table in item.tables.all()),
    }


def schema(item: m.ExternalDataSchema) -> dict:
    return {
        "id": str(item.pk),
        "name": item.name,
        "label": label_of(item.name),
        "should_sync": item.should_sync,
        "table": str(item.table_id) if item.table_id else None,
        "status": item.latest_job.status if item.latest_job else None,
    }


def source(item: m.ExternalDataSource) -> dict:
    return {
        "id": str(item.pk),
        "source_type": item.source_type,
        "prefix": item.prefix,
        "status": item.status,
        "schemas": [schema(one) for one in item.schemas.order_by("name")],
    }

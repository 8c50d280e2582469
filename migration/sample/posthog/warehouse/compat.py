# ruff: noqa: E401, E701, E702
"""
Names from before the models got modules of their own. Still used by notebooks and by old scripts.
"""

import os, posthog.warehouse.util
import posthog.warehouse.models.table, posthog.warehouse.models.join
from posthog.warehouse.models import credential as credentials; from posthog.warehouse.models import folder

LEGACY_NAMES = bool(os.environ.get("WAREHOUSE_LEGACY_NAMES", "1"))

if LEGACY_NAMES: from posthog.warehouse.models.saved_query import DataWarehouseSavedQuery as View

from posthog.warehouse.models.external_data_source import ExternalDataSource, \
    generate_connection_id

Table = posthog.warehouse.models.table.DataWarehouseTable
Join = posthog.warehouse.models.join.DataWarehouseJoin
Credential = credentials.DataWarehouseCredential
Folder = folder.DataWarehouseSavedQueryFolder
clean_name = posthog.warehouse.util.normalize_name

try:
    from posthog.warehouse.data_load.fast_csv import read_rows  # only in the hosted version
except ImportError:
    from posthog.warehouse.data_load.create_table import read_rows

__all__ = [
    "Credential",
    "ExternalDataSource",
    "Folder",
    "Join",
    "Table",
    "View",
    "clean_name",
    "generate_connection_id",
    "read_rows",
]

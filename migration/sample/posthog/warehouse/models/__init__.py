# ruff: noqa: F403, F405, E402, I001
"""
All models of the warehouse.

Everything outside imports from here; the modules behind it are ours to rearrange.
"""

from .credential import DataWarehouseCredential
from .table import *
from .folder import DataWarehouseSavedQueryFolder
from .tag import *
from .saved_query import DataWarehouseSavedQuery
from .external_data_source import *
from .external_data_schema import ExternalDataSchema
from .external_data_job import (
    ExternalDataJob,  # a run of a schema
    get_latest_run_if_exists,
)
from . import join, view_link as view_links
from .model_path import DataWarehouseModelPath
from posthog.warehouse.models.data_modeling_job import DataModelingJob
from posthog.warehouse.models.snapshot import DataWarehouseTableSnapshot
from .alert import SyncAlert

DataWarehouseJoin = join.DataWarehouseJoin
DataWarehouseViewLink = view_links.DataWarehouseViewLink

# connects the signal receivers
from .. import receivers as _receivers  # noqa: F401

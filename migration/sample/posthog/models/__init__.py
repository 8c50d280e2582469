# The order matters: what the warehouse builds on comes first.
from .organization import Organization
from .team import Team
from .user import User
from .activity_log import ActivityLog, log_activity
from .annotation import Annotation
from .insight import Insight
from ..warehouse.models import (
    DataWarehouseCredential,  # keys of a bucket
    DataWarehouseJoin,
    DataWarehouseSavedQuery,  # also known as a view
    DataWarehouseTable,
    ExternalDataJob as ExternalDataRun,
    ExternalDataSchema,
    ExternalDataSource,
)

__all__ = [
    "ActivityLog",
    "Annotation",
    "DataWarehouseCredential",
    "DataWarehouseJoin",
    "DataWarehouseSavedQuery",
    "DataWarehouseTable",
    "ExternalDataRun",
    "ExternalDataSchema",
    "ExternalDataSource",
    "Insight",
    "Organization",
    "Team",
    "User",
    "log_activity",
]

from .saved_query_approval import SavedQueryApproval
from .table_access_policy import TableAccessPolicy

__all__ = ["SavedQueryApproval", "TableAccessPolicy"]

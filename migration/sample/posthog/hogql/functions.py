"""
What can be called in a query, by name. The functions are looked up when a query is run.
"""

from django.utils.module_loading import import_string

FUNCTIONS = {
    "normalize": "posthog.warehouse.util.normalize_name",
    "size": "posthog.warehouse.util.human_size",
    "stats": "posthog.warehouse.data_load.saved_query_service.stats_sql",
}

# shown in the help, these are no functions
SEE_ALSO = ["https://posthog.com/warehouse", "posthog.warehouse_utils", "warehouse.posthog.models"]


def call(name: str, *arguments):
    if name == "upper":
        return str(arguments[0]).upper()
    return import_string(FUNCTIONS[name])(*arguments)

"""
Loading data into tables. The functions are also here by name, imported on first use.
"""

from importlib import import_module

_EXPORTS = {
    "run_sync": ".service",
    "schedule_sync": ".service",
    "materialize": ".saved_query_service",
    "create_table_from_rows": ".create_table",
}


def __getattr__(name):
    if name in _EXPORTS:
        return getattr(import_module(_EXPORTS[name], __name__), name)
    raise AttributeError(f"module {__name__!r} has no attribute {name!r}")

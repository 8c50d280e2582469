"""
Models by the name they have in a query, imported on first use: importing this is cheap.
"""

from __future__ import annotations

import importlib

_MODULES = {
    "Table": "posthog.warehouse.models.table:DataWarehouseTable",
    "View": "posthog.warehouse.models.saved_query:DataWarehouseSavedQuery",
    "Source": "posthog.warehouse.models.external_data_source:ExternalDataSource",
    "Insight": "posthog.models.insight:Insight",
}

__all__ = list(_MODULES)


def __getattr__(name: str):
    try:
        module, _, attribute = _MODULES[name].partition(":")
    except KeyError:
        raise AttributeError(name) from None
    return getattr(importlib.import_module(module), attribute)


def __dir__() -> list[str]:
    return __all__

"""
The loaders by type of source. They are imported when they are needed first.
"""

import importlib
from collections.abc import Callable
from typing import Any

# type of source -> where the function that loads it is
LOADERS: dict[str, str] = {
    "Stripe": "posthog.warehouse.external_data_source.sources.load_stripe",
    "Postgres": "posthog.warehouse.external_data_source.sources.load_postgres",
    "Manual": "posthog.warehouse.data_load.create_table.load_manual",
}

_LAZY = {
    "ExternalDataSource": ("posthog.warehouse.models.external_data_source", "ExternalDataSource"),
    "schedule_sync": ("posthog.warehouse.data_load.service", "schedule_sync"),
    "handle_webhook": ("posthog.warehouse.external_data_source.webhooks", "handle_webhook"),
}


class UnknownSourceType(LookupError):
    pass


def get_loader(source_type: str) -> Callable[..., Any]:
    try:
        path = LOADERS[source_type]
    except KeyError:
        raise UnknownSourceType(source_type) from None
    module, _, function = path.rpartition(".")
    return getattr(importlib.import_module(module), function)


def __getattr__(name: str) -> Any:
    if name in _LAZY:
        module, attribute = _LAZY[name]
        return getattr(importlib.import_module(module), attribute)
    raise AttributeError(f"module {__name__!r} has no attribute {name!r}")

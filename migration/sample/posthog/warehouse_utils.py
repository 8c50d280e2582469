"""
Helpers for the warehouses of the shop (the ones with shelves). Has nothing to do with `posthog.warehouse`.
"""

from dataclasses import dataclass, field

LOGGER_NAME = "posthog.warehouse_utils"
DOCS = "https://posthog.com/warehouse"


@dataclass
class Warehouse:
    name: str
    models: list[str] = field(default_factory=list)


def describe(warehouse: Warehouse, products: dict[str, int]) -> str:
    in_stock = [model for model in warehouse.models if products.get(model)]
    return f"{warehouse.name}: {', '.join(in_stock) or 'empty'}"

# -*- coding: latin-1 -*-
"""
Templates of what a source offers. Older than our switch to UTF-8: the French names were typed by hand.
"""

from posthog.warehouse.models.external_data_source import ExternalDataSource
from posthog.warehouse.types import column

# the currency sign of "£" and the names of the régions are part of the data
TEMPLATES = {
    ExternalDataSource.Type.STRIPE: {
        "charge": [column("id", "String", nullable=False), column("amount", "Int64"), column("devise", "String")],
        "customer": [column("id", "String", nullable=False), column("région", "String")],
    },
    ExternalDataSource.Type.POSTGRES: {
        "orders": [column("id", "Int64", nullable=False), column("total", "Float64")],
    },
}

LABELS = {"charge": "Débits", "customer": "Clientèle", "orders": "Commandes"}


def columns_of(source_type: str, schema: str) -> dict[str, str]:
    return {item["name"]: item["type"] for item in TEMPLATES.get(source_type, {}).get(schema, [])}


def label_of(schema: str) -> str:
    return LABELS.get(schema, schema)

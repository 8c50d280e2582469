from . import external_data_schema, external_data_source, saved_query, table, view_link

__all__ = ["external_data_schema", "external_data_source", "saved_query", "table", "view_link"]

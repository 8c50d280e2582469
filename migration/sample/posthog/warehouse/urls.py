from django.urls import path

from .api import external_data_schema, external_data_source, saved_query, table, view_link

_PROJECT = "api/projects/<int:team_id>/"

urlpatterns = [
    path(_PROJECT + "warehouse_tables/", table.TableListView.as_view(), name="warehouse-tables"),
    path(_PROJECT + "warehouse_tables/<uuid:pk>/", table.TableDetailView.as_view(), name="warehouse-table"),
    path(_PROJECT + "warehouse_saved_queries/", saved_query.SavedQueryListView.as_view(), name="warehouse-saved-queries"),
    path(
        _PROJECT + "warehouse_saved_queries/<uuid:pk>/run/",
        saved_query.SavedQueryRunView.as_view(),
        name="warehouse-saved-query-run",
    ),
    path(_PROJECT + "warehouse_view_links/", view_link.ViewLinkListView.as_view(), name="warehouse-view-links"),
    path(_PROJECT + "external_data_sources/", external_data_source.SourceListView.as_view(), name="external-data-sources"),
    path(
        _PROJECT + "external_data_sources/<uuid:pk>/",
        external_data_source.SourceDetailView.as_view(),
        name="external-data-source",
    ),
    path(
        _PROJECT + "external_data_schemas/<uuid:pk>/sync/",
        external_data_schema.SchemaSyncView.as_view(),
        name="external-data-schema-sync",
    ),
]

from django.contrib import admin
from django.http import HttpResponse
from django.urls import include, path

from posthog.api import insight, warehouse_summary
from posthog.warehouse.api.lineage import lineage_view
from products.early_access.backend import api as early_access_api


def health(request) -> HttpResponse:
    return HttpResponse("ok", content_type="text/plain")


urlpatterns = [
    path("_health/", health, name="health"),
    path("admin/", admin.site.urls),
    path("", include("posthog.warehouse.urls")),
    path("api/projects/<int:team_id>/lineage/<str:table_name>/", lineage_view, name="warehouse-lineage"),
    path("api/projects/<int:team_id>/insights/", insight.InsightListView.as_view(), name="insights"),
    path("api/projects/<int:team_id>/warehouse_summary/", warehouse_summary.summary_view, name="warehouse-summary"),
    path("api/projects/<int:team_id>/early_access/", early_access_api.feature_list, name="early-access"),
    path("api/projects/<int:team_id>/policies/", include("ee.api.urls")),
]

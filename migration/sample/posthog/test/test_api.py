import sys

from django.conf import settings
from django.urls import reverse

import posthog
import posthog.warehouse.models
from posthog.test.base import APIBaseTest
from posthog.warehouse.test import make_schema, make_table


class TestInsights(APIBaseTest):
    def test_create(self) -> None:
        table = make_table(self.team)
        posthog.warehouse.models.DataWarehouseSavedQuery.objects.create(team=self.team, name="revenue")
        response = self.send(
            "post",
            reverse("insights", args=[self.team.pk]),
            {"name": "Orders", "source_table": str(table.pk), "saved_queries": ["revenue", "unknown"]},
        )
        self.assertEqual(response.status_code, 201, response.content)
        insight = posthog.models.Insight.objects.get()
        self.assertEqual(
            response.json(),
            {"id": insight.pk, "name": "Orders", "source_table": "orders", "saved_queries": ["revenue"]},
        )
        self.assertEqual(self.client.get(reverse("insights", args=[self.team.pk])).json()["results"], [response.json()])


class TestSummary(APIBaseTest):
    def test_summary(self) -> None:
        make_table(self.team, row_count=3, size_in_s3_mib=1024)
        schema = make_schema(self.team)
        make_table(self.team, "synced", external_data_source=schema.source)
        self.assertEqual(
            self.client.get(reverse("warehouse-summary", args=[self.team.pk])).json(),
            {
                "tables": 2,
                "synced_tables": 1,
                "rows": 3,
                "size": "1.0 GiB",
                "sources": 1,
                "views": 0,
                "insights": 0,
                "docs": settings.WAREHOUSE_DOCS_URL,
            },
        )

    def test_log_in_first(self) -> None:
        self.client.logout()
        self.assertEqual(self.client.get(reverse("warehouse-summary", args=[self.team.pk])).status_code, 401)


class TestHealth(APIBaseTest):
    def test_health(self) -> None:
        self.assertEqual(self.client.get(reverse("health")).content, b"ok")

    def test_one_copy_of_each_model(self) -> None:
        # a module that was imported under two names would define its models twice
        tables = {
            id(getattr(module, "DataWarehouseTable"))
            for module in list(sys.modules.values())
            if "DataWarehouseTable" in vars(module)
        }
        self.assertEqual(len(tables), 1)

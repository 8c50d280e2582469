from unittest import mock

from django.urls import reverse

from posthog.models import DataWarehouseSavedQuery
from posthog.test.base import APIBaseTest
from posthog.warehouse.api import lineage, saved_query
from posthog.warehouse.test import make_table


class TestSavedQueryAPI(APIBaseTest):
    def create(self, name: str = "revenue", **payload):
        url = reverse("warehouse-saved-queries", args=[self.team.pk])
        return self.send("post", url, {"name": name, "query": {"query": "SELECT total FROM orders"}, **payload})

    def test_create(self) -> None:
        make_table(self.team)
        response = self.create(folder="finance", tags=["money", "daily"])
        self.assertEqual(response.status_code, 201, response.content)
        data = response.json()
        self.assertEqual((data["folder"], data["tags"], data["tables"]), ("finance", ["daily", "money"], ["orders"]))
        self.assertEqual(DataWarehouseSavedQuery.objects.get().owner, self.user)

    def test_create_without_query(self) -> None:
        response = self.send("post", reverse("warehouse-saved-queries", args=[self.team.pk]), {"name": "a"})
        self.assertEqual(response.json(), {"detail": "Missing: query"})

    def test_list_by_folder(self) -> None:
        self.create("a", folder="finance")
        self.create("b")
        url = reverse("warehouse-saved-queries", args=[self.team.pk])
        self.assertEqual(len(self.client.get(url).json()["results"]), 2)
        self.assertEqual([query["name"] for query in self.client.get(url, {"folder": "finance"}).json()["results"]], ["a"])

    def test_run(self) -> None:
        make_table(self.team, row_count=5)
        url = reverse("warehouse-saved-query-run", args=[self.team.pk, self.create().json()["id"]])
        self.assertEqual(self.send("post", url).json(), {"rows": 5, "table": "revenue_materialized"})

    def test_run_without_tables(self) -> None:
        url = reverse("warehouse-saved-query-run", args=[self.team.pk, self.create().json()["id"]])
        self.assertEqual(self.send("post", url).status_code, 400)

    @mock.patch("posthog.warehouse.api.saved_query.materialize", return_value=None)
    def test_run_calls_the_service(self, materialize: mock.Mock) -> None:
        make_table(self.team)
        pk = self.create().json()["id"]
        self.send("post", reverse("warehouse-saved-query-run", args=[self.team.pk, pk]))
        materialize.assert_called_once_with(DataWarehouseSavedQuery.objects.get(pk=pk))
        self.assertIs(saved_query.materialize, materialize)


class TestLineage(APIBaseTest):
    def test_downstream(self) -> None:
        make_table(self.team)
        clean = DataWarehouseSavedQuery.objects.create(
            team=self.team, name="clean_orders", query={"query": "SELECT total FROM orders"}
        )
        saved_query.update_lineage(clean)
        revenue = DataWarehouseSavedQuery.objects.create(team=self.team, name="revenue")
        revenue.depends_on.add(clean)
        self.assertEqual(lineage.downstream_of(self.team, "orders"), ["clean_orders", "revenue"])
        response = self.client.get(reverse("warehouse-lineage", args=[self.team.pk, "orders"]))
        self.assertEqual(response.json(), {"table": "orders", "downstream": ["clean_orders", "revenue"]})

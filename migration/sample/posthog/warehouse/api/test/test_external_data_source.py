from unittest.mock import patch

from django.urls import reverse

from posthog.test.base import APIBaseTest
from posthog.warehouse.external_data_source.sources import SOURCES
from posthog.warehouse.models import DataWarehouseTable, ExternalDataSchema, ExternalDataSource

STRIPE = {"source_type": "Stripe", "prefix": "eu_", "job_inputs": {"account_id": "a", "client_secret": "s"}}


class TestExternalDataSourceAPI(APIBaseTest):
    def create(self, payload: dict):
        return self.send("post", reverse("external-data-sources", args=[self.team.pk]), payload)

    def test_create(self) -> None:
        response = self.create(STRIPE)
        self.assertEqual(response.status_code, 201, response.content)
        self.assertEqual(
            [(schema["name"], schema["label"]) for schema in response.json()["schemas"]],
            [("charge", "D\u00e9bits"), ("customer", "Client\u00e8le")],
        )

    def test_create_with_missing_fields(self) -> None:
        response = self.create({"source_type": "Postgres", "job_inputs": {"host": "localhost"}})
        self.assertEqual(response.json()["detail"], "Missing: port, dbname, user, password")
        self.assertFalse(ExternalDataSource.objects.exists())

    def test_create_of_an_unknown_type(self) -> None:
        self.assertEqual(self.create({"source_type": "Fax"}).status_code, 400)

    @patch.dict("posthog.warehouse.external_data_source.sources.SOURCES", {"Fax": {"fields": [], "rows": {"pages": 1}}})
    def test_create_of_a_new_type(self) -> None:
        self.assertIn("Fax", SOURCES)
        self.assertEqual(self.create({"source_type": "Fax"}).status_code, 201)

    def test_sync_and_delete(self) -> None:
        source = self.create(STRIPE).json()
        schema = ExternalDataSchema.objects.get(name="customer")
        response = self.send("post", reverse("external-data-schema-sync", args=[self.team.pk, schema.pk]))
        self.assertEqual((response.json()["rows"], response.json()["status"]), (40, "Completed"))

        url = reverse("external-data-source", args=[self.team.pk, source["id"]])
        self.assertEqual(self.client.get(url).json()["latest_status"], "Completed")
        self.assertEqual(self.client.delete(url).json(), {"hidden_tables": ["eu_stripe_customer"]})
        self.assertFalse(DataWarehouseTable.objects.exists())
        self.assertTrue(DataWarehouseTable.raw_objects.exists())
        self.assertEqual(self.client.get(url).status_code, 404)

    @patch("posthog.warehouse.api.external_data_source.latest_status", return_value="Somehow")
    def test_status_comes_from_the_jobs(self, latest_status) -> None:
        source = ExternalDataSource.objects.create(team=self.team, source_type="Stripe")
        url = reverse("external-data-source", args=[self.team.pk, source.pk])
        self.assertEqual(self.client.get(url).json()["latest_status"], "Somehow")
        latest_status.assert_called_once_with(source)

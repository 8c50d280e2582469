from unittest import mock

from django.urls import reverse

from posthog.test.base import APIBaseTest
from posthog.warehouse.models import ExternalDataSource
from posthog.warehouse.test import make_table
from products.early_access.backend.models import EarlyAccessFeature


class TestEarlyAccess(APIBaseTest):
    def test_relations(self) -> None:
        table = make_table(self.team)
        source = ExternalDataSource.objects.create(team=self.team, source_type="Stripe")
        feature = EarlyAccessFeature.objects.create(team=self.team, name="Faster syncs", usage_table=table)
        feature.sources.add(source)
        self.assertEqual(list(table.early_access_features.all()), [feature])
        self.assertEqual(list(source.early_access_features.all()), [feature])
        table.delete()
        feature.refresh_from_db()
        self.assertIsNone(feature.usage_table)

    def test_list(self) -> None:
        EarlyAccessFeature.objects.create(team=self.team, name="Without table")
        EarlyAccessFeature.objects.create(team=self.team, name="With table", usage_table=make_table(self.team))
        results = self.client.get(reverse("early-access", args=[self.team.pk])).json()["results"]
        self.assertEqual([result["name"] for result in results], ["With table", "Without table"])
        self.assertIn("'orders' AS table_name", results[0]["usage_sql"])
        self.assertIsNone(results[1]["usage_sql"])

    @mock.patch("products.early_access.backend.api.stats_sql", return_value="SELECT 1")
    def test_sql_can_be_replaced(self, stats_sql: mock.Mock) -> None:
        table = make_table(self.team)
        EarlyAccessFeature.objects.create(team=self.team, name="With table", usage_table=table)
        results = self.client.get(reverse("early-access", args=[self.team.pk])).json()["results"]
        self.assertEqual(results[0]["usage_sql"], "SELECT 1")
        stats_sql.assert_called_once_with(table)

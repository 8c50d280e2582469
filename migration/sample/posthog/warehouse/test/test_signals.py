from django.db.models.signals import post_save

import posthog.warehouse.metrics
import posthog.warehouse.models as wm
from posthog.models import ActivityLog
from posthog.test.base import BaseTest
from posthog.warehouse import constants, signals

from . import make_schema, make_table


class TestReceivers(BaseTest):
    def test_receivers_are_connected(self) -> None:
        self.assertTrue(post_save.has_listeners(wm.DataWarehouseTable))
        self.assertTrue(post_save.has_listeners(wm.ExternalDataJob))
        self.assertTrue(signals.table_synced.has_listeners())

    def test_new_tables_are_logged(self) -> None:
        table = make_table(self.team, created_by=self.user)
        log = ActivityLog.objects.get(activity="created")
        self.assertEqual(log.item, table)
        self.assertEqual(log.user, self.user)
        self.assertEqual(log.detail, {"name": "orders"})

    def test_changes_are_not_logged_as_new(self) -> None:
        table = make_table(self.team)
        table.row_count = 3
        table.save()
        self.assertEqual(ActivityLog.objects.filter(activity="created").count(), 1)

    def test_normalized_name_follows_the_name(self) -> None:
        table = make_table(self.team, "Stripe.Charge")
        table.refresh_from_db()
        self.assertEqual(table.normalized_name, "stripe_charge")
        table.name = "Refund"
        table.save()
        table.refresh_from_db()
        self.assertEqual(table.normalized_name, "refund")

    def test_a_sync_leaves_a_snapshot(self) -> None:
        table = make_table(self.team, size_in_s3_mib=2.5)
        signals.table_synced.send(None, table=table, rows=42)
        snapshot = table.snapshots.get()
        self.assertEqual((snapshot.row_count, snapshot.size_in_s3_mib, snapshot.team), (42, 2.5, self.team))
        table.refresh_from_db()
        self.assertEqual(table.row_count, 42)

    def test_removed_sources_are_announced(self) -> None:
        announced = []

        def listen(sender, source, deleted_schemas, **kwargs) -> None:
            announced.append((source.source_type, deleted_schemas))

        signals.source_removed.connect(listen)
        self.addCleanup(signals.source_removed.disconnect, listen)
        make_schema(self.team).source.delete()
        self.assertEqual(announced, [("Stripe", [])])


class TestMetrics(BaseTest):
    def setUp(self) -> None:
        posthog.warehouse.metrics.reset()

    def test_jobs_are_counted(self) -> None:
        schema = make_schema(self.team)
        for _ in range(2):
            job = wm.ExternalDataJob.objects.create(team=self.team, schema=schema, pipeline=schema.source)
        job.save()
        self.assertEqual(posthog.warehouse.metrics.value(constants.JOBS_METRIC), 2)

    def test_rows_are_counted(self) -> None:
        table = make_table(self.team)
        for rows in (3, 4):
            signals.table_synced.send(None, table=table, rows=rows)
        self.assertEqual(posthog.warehouse.metrics.value(constants.ROWS_SYNCED_METRIC), 7)

    def test_name_of_the_metric_stays(self) -> None:
        # dashboards are built on it
        self.assertEqual(constants.ROWS_SYNCED_METRIC.rpartition(".")[2], "rows-synced")

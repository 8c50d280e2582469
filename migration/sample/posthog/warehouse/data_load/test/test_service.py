import logging
import os
from pathlib import Path
from unittest import mock

from django.conf import settings

from posthog.models import ActivityLog
from posthog.test.base import BaseTest
from posthog.warehouse import data_load
from posthog.warehouse.data_load import create_table, saved_query_service, service
from posthog.warehouse.models import DataWarehouseSavedQuery, DataWarehouseTable, ExternalDataJob, SyncAlert
from posthog.warehouse.test import make_schema, make_table
from posthog.warehouse.types import SourceInput

SERVICE = "posthog.warehouse.data_load.service"


class TestRunSync(BaseTest):
    def test_sync(self) -> None:
        schema = make_schema(self.team)
        result = service.run_sync(schema)
        self.assertTrue(result.ok)
        self.assertEqual(result.table.name, "shop_stripe_charge")
        self.assertEqual(result.table.columns["amount"], "Int64")
        schema.refresh_from_db()
        self.assertEqual(schema.table, result.table)
        self.assertEqual(schema.latest_job.status, ExternalDataJob.Status.COMPLETED)
        self.assertEqual(result.table.snapshots.get().row_count, 120)
        self.assertEqual(list(schema.source.tables.all()), [result.table])

    def test_second_sync_uses_the_same_table(self) -> None:
        schema = make_schema(self.team)
        self.assertEqual(service.run_sync(schema).table, service.run_sync(schema).table)
        self.assertEqual(DataWarehouseTable.objects.count(), 1)

    @mock.patch("posthog.warehouse.data_load.service.registry.get_loader")
    def test_failure(self, get_loader: mock.Mock) -> None:
        get_loader.return_value.side_effect = ConnectionError("The line is dead")
        schema = make_schema(self.team, table=make_table(self.team))
        alert = SyncAlert.objects.create(team=self.team, table=schema.table)
        alert.recipients.add(self.user)
        with self.assertLogs("posthog.warehouse.data_load.service", "ERROR") as logs:
            with self.assertRaises(ConnectionError):
                service.run_sync(schema)
        self.assertIn("Sync of charge failed", logs.output[0])
        job = schema.jobs.get()
        self.assertEqual((job.status, job.latest_error), (ExternalDataJob.Status.FAILED, "The line is dead"))
        alert.refresh_from_db()
        self.assertEqual(alert.last_failed_job, job)

    @mock.patch(f"{SERVICE}.fire_alert", return_value=True)
    def test_alert_is_fired(self, fire_alert: mock.Mock) -> None:
        schema = make_schema(self.team, "unheard_of")
        with self.assertLogs(SERVICE), self.assertRaises(Exception):
            service.run_sync(schema)
        fire_alert.assert_called_once()

    def test_schedule_sync_sends_a_task(self) -> None:
        schema = make_schema(self.team)
        with mock.patch("posthog.task_queue.send_task") as send_task:
            service.schedule_sync(schema)
        name, arguments = send_task.call_args.args
        self.assertTrue(name.endswith(".tasks.sync_schema"))
        self.assertEqual(arguments, (str(schema.pk),))

    @mock.patch("posthog.warehouse.s3.get_size_of_folder", return_value=7.0)
    def test_refresh_size(self, get_size_of_folder: mock.Mock) -> None:
        table = make_table(self.team)
        self.assertEqual(data_load.service.refresh_size(table), 7.0)
        get_size_of_folder.assert_called_once_with(table.url_pattern)

    def test_level_of_the_logger(self) -> None:
        level = logging.getLogger(service.__name__).getEffectiveLevel()
        self.assertEqual(logging.getLevelName(level), settings.WAREHOUSE_LOG_LEVEL)


class TestExports(BaseTest):
    def test_lazy_functions(self) -> None:
        from posthog.warehouse.data_load import create_table_from_rows, materialize, run_sync

        self.assertIs(run_sync, service.run_sync)
        self.assertIs(materialize, saved_query_service.materialize)
        self.assertIs(create_table_from_rows, create_table.create_table_from_rows)
        with self.assertRaises(ImportError):
            from posthog.warehouse.data_load import no_such_function  # noqa: F401


class TestCreateTable(BaseTest):
    ORDERS = Path(__file__).with_name("orders.csv")

    def test_types_are_guessed(self) -> None:
        rows = create_table.read_rows(self.ORDERS)
        self.assertEqual(
            create_table.guess_columns(rows),
            {"id": "Int64", "total": "Float64", "country": "String", "note": "String"},
        )
        self.assertEqual(create_table.guess_columns([]), {})

    def test_load_manual(self) -> None:
        source_input = SourceInput.from_payload(self.team, {"source_type": "Manual", "prefix": "my_"})
        result = create_table.load_manual(source_input, "orders", create_table.read_rows(self.ORDERS))
        self.assertEqual((result.table.name, result.rows), ("my_orders", 3))
        self.assertTrue(result.table.url_pattern.endswith("/my_orders/*.csv"))

    def test_script_next_to_it_is_still_executable(self) -> None:
        self.assertTrue(os.access(Path(create_table.__file__).with_name("refresh_sources.sh"), os.X_OK))


class TestSavedQueryService(BaseTest):
    def make_query(self, sql: str) -> DataWarehouseSavedQuery:
        return DataWarehouseSavedQuery.objects.create(
            team=self.team, name="revenue", query={"query": sql}, owner=self.user
        )

    def test_stats_sql(self) -> None:
        sql = saved_query_service.stats_sql(make_table(self.team))
        self.assertIn("'orders' AS table_name", sql)
        self.assertIn("s3('https://bucket.example.com/orders/*.csv', 'CSVWithNames')", sql)

    def test_lineage(self) -> None:
        for name in ("orders", "customers", "unused"):
            make_table(self.team, name)
        query = self.make_query("SELECT count() FROM orders, customers")
        self.assertEqual(saved_query_service.update_lineage(query), ["customers", "orders"])
        self.assertEqual(
            sorted(query.paths.values_list("path", flat=True)), ["customers.revenue", "orders.revenue"]
        )
        query.query = {"query": "SELECT 1 FROM orders"}
        self.assertEqual(saved_query_service.update_lineage(query), ["orders"])
        self.assertEqual(query.paths.count(), 1)

    def test_materialize(self) -> None:
        make_table(self.team, row_count=12)
        query = self.make_query("SELECT total FROM orders")
        job = saved_query_service.materialize(query)
        self.assertEqual((job.rows_materialized, job.started_by), (12, self.user))
        self.assertEqual(query.materialized_table.format, DataWarehouseTable.TableFormat.Parquet)
        self.assertEqual(list(query.materialized_table.materializes.all()), [query])
        self.assertEqual(ActivityLog.objects.get(activity="materialized").item, query)

    def test_nothing_to_materialize(self) -> None:
        self.assertIsNone(saved_query_service.materialize(self.make_query("SELECT 1")))

from datetime import timedelta
from unittest import mock

from django.conf import settings
from django.utils import timezone

from posthog.task_queue import TaskNotRegistered, get_task, send_task
from posthog.test.base import BaseTest

from ..models import DataWarehouseSavedQuery, DataWarehouseTable, ExternalDataJob
from . import make_schema, make_table


class TestTasks(BaseTest):
    def test_sync_schema(self) -> None:
        schema = make_schema(self.team)
        self.assertEqual(send_task("posthog.warehouse.tasks.sync_schema", (str(schema.pk),)), 120)
        schema.refresh_from_db()
        self.assertEqual(schema.latest_job.rows_synced, 120)

    def test_sync_stale_schemas(self) -> None:
        make_schema(self.team, "charge")
        make_schema(self.team, "customer", last_synced_at=timezone.now() - timedelta(hours=1))
        make_schema(self.team, "orders", source_type="Postgres", should_sync=False)
        self.assertEqual(send_task("posthog.warehouse.tasks.sync_stale_schemas"), ["charge"])

    def test_materialize_all(self) -> None:
        make_table(self.team, "orders", row_count=10)
        DataWarehouseSavedQuery.objects.create(team=self.team, name="a", query={"query": "SELECT 1 FROM orders"})
        DataWarehouseSavedQuery.objects.create(team=self.team, name="b", query={"query": "SELECT 1 FROM events"})
        self.assertEqual(send_task("posthog.warehouse.tasks.materialize_all"), 1)
        self.assertTrue(DataWarehouseTable.objects.filter(name="a_materialized").exists())

    def test_task_with_a_name_of_its_own(self) -> None:
        schema = make_schema(self.team)
        job = ExternalDataJob.objects.create(team=self.team, schema=schema, pipeline=schema.source)
        self.assertEqual(send_task("warehouse-fail-stuck-jobs"), 0)
        self.assertEqual(send_task("warehouse-fail-stuck-jobs", kwargs={"older_than_seconds": -1}), 1)
        job.refresh_from_db()
        self.assertEqual(job.status, ExternalDataJob.Status.FAILED)

    @mock.patch("posthog.warehouse.data_load.service.s3.get_size_of_folder", return_value=3.5)
    def test_refresh_table_sizes(self, size: mock.Mock) -> None:
        for name in ("a", "b"):
            make_table(self.team, name)
        self.assertEqual(send_task("posthog.warehouse.tasks.refresh_table_sizes", (self.team.pk,)), 2)
        self.assertEqual(size.call_count, 2)
        self.assertEqual(set(DataWarehouseTable.objects.values_list("size_in_s3_mib", flat=True)), {3.5})

    def test_cancel_running_jobs(self) -> None:
        schema = make_schema(self.team)
        ExternalDataJob.objects.create(team=self.team, schema=schema, pipeline=schema.source)
        name = "posthog.warehouse.external_data_source.jobs.cancel_running_jobs"
        self.assertEqual(send_task(name, (str(schema.source_id),)), 1)
        self.assertEqual(send_task(name, (str(schema.source_id),)), 0)

    def test_delay_finds_the_task_again(self) -> None:
        from .. import tasks

        self.assertEqual(tasks.sync_stale_schemas.delay(), [])
        self.assertIs(get_task("posthog.warehouse.tasks.sync_stale_schemas"), tasks.sync_stale_schemas)

    def test_schedule_names_tasks_that_exist(self) -> None:
        for entry, options in settings.TASK_SCHEDULE.items():
            with self.subTest(entry):
                self.assertTrue(callable(get_task(options["task"])))

    def test_unknown_task(self) -> None:
        with self.assertRaises(TaskNotRegistered):
            send_task("posthog.warehouse.tasks.make_coffee")

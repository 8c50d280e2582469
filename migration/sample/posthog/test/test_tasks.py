from unittest import mock

import posthog.warehouse.models as warehouse_models
from posthog import task_queue
from posthog.models import Annotation, Insight
from posthog.tasks import usage_report
from posthog.test.base import BaseTest
from posthog.warehouse.test import make_schema, make_table


class TestTaskQueue(BaseTest):
    def test_names(self) -> None:
        task = task_queue.shared_task(len)
        self.assertEqual(task.name, "builtins.len")
        self.assertEqual(task_queue.shared_task(name="my-name")(len).name, "my-name")

    def test_unknown(self) -> None:
        for name in ("nothing", "posthog.tasks.insights.nothing", "posthog.task_queue.send_task"):
            with self.subTest(name), self.assertRaises(task_queue.TaskNotRegistered):
                task_queue.send_task(name)

    def test_all_modules_are_found(self) -> None:
        from posthog.warehouse.tasks import sync_schema

        self.assertIn(sync_schema, task_queue.registered_tasks().values())


class TestInsightTasks(BaseTest):
    def test_insights_without_table(self) -> None:
        table = make_table(self.team)
        Insight.objects.create(team=self.team, name="Orders", source_table=table)
        self.assertEqual(task_queue.send_task("posthog.tasks.insights.find_insights_without_table"), [])
        table.soft_delete()
        self.assertEqual(task_queue.send_task("posthog.tasks.insights.find_insights_without_table"), ["Orders"])

    def test_annotate_table(self) -> None:
        table = make_table(self.team)
        pk = task_queue.send_task("posthog.tasks.insights.annotate_table", (str(table.pk), "Sale"))
        self.assertEqual(Annotation.objects.get(pk=pk).table, table)


class TestUsageReport(BaseTest):
    def test_report(self) -> None:
        schema = make_schema(self.team)
        task_queue.send_task("posthog.warehouse.tasks.sync_schema", (str(schema.pk),))
        with mock.patch("posthog.warehouse.s3.list_objects", return_value=[{"size": 3 * 1024 * 1024}]):
            report = task_queue.send_task("posthog.tasks.usage_report.send_usage_report")
        self.assertEqual(
            report, [{"team": "Shop", "products": {"analytics": 0, "data_warehouse": 120}, "stored": "3.0 MiB"}]
        )

    def test_only_completed_jobs_count(self) -> None:
        schema = make_schema(self.team)
        for status in warehouse_models.ExternalDataJob.Status:
            schema.jobs.create(team=self.team, pipeline=schema.source, status=status, rows_synced=5)
        self.assertEqual(usage_report.synced_rows(self.team), {"charge": 5})

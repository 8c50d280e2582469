from datetime import timedelta

from django.db import IntegrityError, transaction

import posthog.warehouse.models
from posthog.test.base import NOW, BaseTest
from posthog.warehouse.models.external_data_job import ExternalDataJob as Job, get_latest_run_if_exists
from posthog.warehouse.models.external_data_source import ExternalDataSource

from ...test import make_schema, make_table


class TestExternalData(BaseTest):
    def test_source(self) -> None:
        source = ExternalDataSource.objects.create(team=self.team, source_type="Stripe", prefix="eu_")
        self.assertTrue(source.connection_id.startswith("conn-"))
        self.assertEqual(source.table_prefix(), "eu_stripe_")
        self.assertEqual(list(self.team.external_data_sources.all()), [source])

    def test_schema_and_job_point_at_each_other(self) -> None:
        schema = make_schema(self.team)
        job = Job.objects.create(team=self.team, schema=schema, pipeline=schema.source)
        schema.latest_job = job
        schema.save()
        self.assertEqual(job.schema.latest_job, job)
        self.assertEqual(list(schema.source.jobs.all()), [job])
        job.delete()
        schema.refresh_from_db()
        self.assertIsNone(schema.latest_job)

    def test_schema_is_unique_in_its_source(self) -> None:
        schema = make_schema(self.team)
        self.assertEqual(schema.source.schema_names(), ["charge"])
        with self.assertRaises(IntegrityError), transaction.atomic():
            posthog.warehouse.models.ExternalDataSchema.objects.create(
                team=self.team, source=schema.source, name="charge"
            )

    def test_due(self) -> None:
        schema = make_schema(self.team, sync_frequency="daily")
        self.assertTrue(schema.is_due(NOW))
        schema.last_synced_at = NOW - timedelta(hours=23)
        self.assertFalse(schema.is_due(NOW))
        schema.sync_frequency = "hourly"
        self.assertTrue(schema.is_due(NOW))

    def test_latest_run(self) -> None:
        schema = make_schema(self.team)
        self.assertIsNone(get_latest_run_if_exists(self.team.pk, schema.source_id))
        for day in (1, 3, 2):
            Job.objects.create(
                team=self.team, schema=schema, pipeline=schema.source, rows_synced=day, created_at=NOW.replace(day=day)
            )
        self.assertEqual(get_latest_run_if_exists(self.team.pk, schema.source_id).rows_synced, 3)

    def test_alert(self) -> None:
        alert = posthog.warehouse.models.SyncAlert.objects.create(
            team=self.team, table=make_table(self.team), threshold=2
        )
        self.assertFalse(alert.should_fire(5))
        alert.recipients.add(self.user)
        self.assertFalse(alert.should_fire(1))
        self.assertTrue(alert.should_fire(2))
        self.assertEqual(list(self.user.sync_alerts.all()), [alert])

    def test_model_exports_of_posthog(self) -> None:
        self.assertIs(posthog.models.ExternalDataRun, Job)
        self.assertIs(posthog.models.ExternalDataSource, posthog.warehouse.models.ExternalDataSource)

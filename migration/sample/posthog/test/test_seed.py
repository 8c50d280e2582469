from django.apps import apps
from django.contrib.auth import get_user_model
from django.core.management import call_command
from django.test import TestCase

from posthog.models import ActivityLog
from posthog.warehouse.models import DataWarehouseSavedQuery, DataWarehouseTable, ExternalDataSchema
from posthog.warehouse.permissions import permission_name


class TestSeed(TestCase):
    @classmethod
    def setUpTestData(cls) -> None:
        call_command("seed", verbosity=0)

    def rows(self) -> dict[str, list]:
        return {
            model._meta.db_table: sorted(map(str, model._base_manager.values_list("pk", flat=True)))
            for model in apps.get_models(include_auto_created=True)
            if model._meta.app_config.name.split(".")[0] in ("posthog", "ee", "products")
        }

    def test_every_table_has_rows(self) -> None:
        empty = [table for table, rows in self.rows().items() if not rows and table != "posthog_user_groups"]
        self.assertEqual(empty, [])

    def test_second_run_changes_nothing(self) -> None:
        before = self.rows()
        call_command("seed", verbosity=0)
        self.assertEqual(self.rows(), before)

    def test_options(self) -> None:
        call_command("seed", teams=3, tables=7, verbosity=0)
        self.assertEqual(DataWarehouseTable.raw_objects.count(), 21)

    def test_ids_are_always_the_same(self) -> None:
        self.assertEqual(
            str(DataWarehouseTable.objects.get(team__name="Project 1", name="orders_0").pk),
            "c2441589-6935-56ec-a6e8-9b951117d477",
        )

    def test_logs_lead_to_their_items(self) -> None:
        logs = list(ActivityLog.objects.all())
        self.assertEqual({type(log.item) for log in logs}, {DataWarehouseTable, DataWarehouseSavedQuery})
        self.assertEqual([str(log.item.pk) for log in logs], [log.object_id for log in logs])

    def test_permissions(self) -> None:
        user = get_user_model().objects.get(username="user2")
        self.assertTrue(user.has_perm(permission_name("view", DataWarehouseTable)))
        self.assertFalse(user.has_perm(permission_name("delete", DataWarehouseTable)))
        self.assertTrue(user.check_password("seed"))

    def test_circular_pair(self) -> None:
        for schema in ExternalDataSchema.objects.all():
            self.assertEqual(schema.latest_job.schema, schema)

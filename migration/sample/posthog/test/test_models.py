from django.contrib.auth.models import Permission
from django.contrib.contenttypes.models import ContentType
from django.test import SimpleTestCase

import posthog.models
import posthog.warehouse.models
from posthog.models import ActivityLog, log_activity
from posthog.test.base import BaseTest
from posthog.warehouse.models import DataWarehouseSavedQuery, DataWarehouseTable
from posthog.warehouse.test import make_table


class TestExports(SimpleTestCase):
    def test_everything_that_is_promised_is_there(self) -> None:
        for name in posthog.models.__all__:
            with self.subTest(name):
                self.assertTrue(hasattr(posthog.models, name))

    def test_the_same_class_everywhere(self) -> None:
        from posthog import warehouse_shortcuts
        from posthog.hogql import exports, lazy_models

        for table in (
            posthog.models.DataWarehouseTable,
            posthog.warehouse.models.DataWarehouseTable,
            posthog.warehouse.models.table.DataWarehouseTable,
            warehouse_shortcuts.DataWarehouseTable,
            exports.DataWarehouseTable,
            lazy_models.Table,
        ):
            self.assertIs(table, DataWarehouseTable)
        self.assertIs(lazy_models.View, DataWarehouseSavedQuery)
        self.assertIs(lazy_models.Insight, exports.Insight)
        self.assertEqual(warehouse_shortcuts.clean("A b"), "a_b")
        self.assertIs(warehouse_shortcuts.latest_run, exports.latest_run)

    def test_lazy_models(self) -> None:
        from posthog.hogql import lazy_models

        for name in dir(lazy_models):
            with self.subTest(name):
                self.assertTrue(issubclass(getattr(lazy_models, name), posthog.models.Team.__mro__[1]))
        with self.assertRaises(AttributeError):
            lazy_models.Nothing


class TestContentTypes(BaseTest):
    def test_one_content_type_per_model(self) -> None:
        self.assertEqual(ContentType.objects.filter(model="datawarehousetable").count(), 1)
        content_type = ContentType.objects.get_for_model(DataWarehouseTable)
        self.assertIs(content_type.model_class(), DataWarehouseTable)
        self.assertEqual(content_type.app_label, DataWarehouseTable._meta.app_label)

    def test_permissions(self) -> None:
        for model in (DataWarehouseTable, DataWarehouseSavedQuery):
            content_type = ContentType.objects.get_for_model(model)
            self.assertEqual(Permission.objects.filter(content_type=content_type).count(), 4)
            self.assertEqual(Permission.objects.filter(codename=f"view_{model._meta.model_name}").count(), 1)

    def test_activity_log_leads_to_the_item(self) -> None:
        table = make_table(self.team)
        log = log_activity(table, "viewed", user=self.user)
        self.assertEqual(ActivityLog.objects.get(pk=log.pk).item, table)
        self.assertEqual(log.team, self.team)


class TestTeam(BaseTest):
    def test_table_count(self) -> None:
        self.assertEqual(self.team.table_count, 0)
        make_table(self.team)
        self.assertEqual(self.team.table_count, 1)

    def test_access(self) -> None:
        self.assertTrue(self.user.can_access(self.team))
        self.user.organization = None
        self.assertFalse(self.user.can_access(self.team))

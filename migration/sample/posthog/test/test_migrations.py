from importlib import import_module
from io import StringIO
from unittest import mock

from django.apps import apps
from django.core.management import call_command
from django.db import connection

from posthog.test.base import BaseTest
from posthog.warehouse.models import DataWarehouseTable
from posthog.warehouse.test import make_table


class TestMigrations(BaseTest):
    def test_nothing_is_missing(self) -> None:
        call_command("makemigrations", check=True, dry_run=True, stdout=StringIO())

    def test_names_are_filled_in(self) -> None:
        migration = import_module("posthog.migrations.0005_fill_normalized_name")
        table = make_table(self.team, "Stripe.Charge")
        DataWarehouseTable.objects.update(normalized_name="")

        old_apps = mock.Mock()
        old_apps.get_model.return_value = DataWarehouseTable
        migration.fill_normalized_name(old_apps, mock.Mock(connection=connection))
        table.refresh_from_db()
        self.assertEqual(table.normalized_name, "stripe_charge")

    def test_apps(self) -> None:
        self.assertLessEqual({"posthog", "ee", "early_access"}, {config.label for config in apps.get_app_configs()})

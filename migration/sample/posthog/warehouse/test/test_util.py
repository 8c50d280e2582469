import importlib
from unittest import mock

from django.core.exceptions import ValidationError
from django.test import SimpleTestCase

from posthog import warehouse
from posthog.warehouse import constants, permissions, registry, s3, util
from posthog.warehouse.models import DataWarehouseTable

from ..types import column


class TestUtil(SimpleTestCase):
    def test_normalize_name(self) -> None:
        self.assertEqual(util.normalize_name(" Stripe: Charges (EU) "), "stripe_charges_eu")

    def test_validate_table_name(self) -> None:
        util.validate_table_name("stripe.charges_1")
        for name in ("1table", "a-b", "", "drop table"):
            with self.subTest(name), self.assertRaises(ValidationError):
                util.validate_table_name(name)

    def test_human_size(self) -> None:
        self.assertEqual(util.human_size(None), "unknown")
        self.assertEqual(util.human_size(12.34), "12.3 MiB")
        self.assertEqual(util.human_size(2048), "2.0 GiB")

    def test_split_url_pattern(self) -> None:
        self.assertEqual(util.split_url_pattern("https://bucket/a/b/*.csv"), ("bucket", "a/b/*.csv"))

    def test_package_offers_its_helpers(self) -> None:
        self.assertIs(warehouse.util, util)
        self.assertIs(warehouse.constants, constants)
        self.assertEqual(sorted(warehouse.__all__), ["constants", "util"])

    def test_column(self) -> None:
        self.assertEqual(column("id", "Int64"), {"name": "id", "type": "Int64", "nullable": True})


class TestS3(SimpleTestCase):
    def test_folder_url(self) -> None:
        with self.settings(BUCKET_URL="s3://test"):
            self.assertEqual(s3.folder_url(7, "My Table"), "s3://test/team_7/my_table")

    @mock.patch("posthog.warehouse.s3.list_objects", return_value=[{"size": 1024 * 1024}, {"size": 512 * 1024}])
    def test_size_of_folder(self, list_objects: mock.Mock) -> None:
        self.assertEqual(s3.get_size_of_folder("s3://test/a"), 1.5)
        list_objects.assert_called_once_with("s3://test/a")

    def test_size_depends_on_the_constant(self) -> None:
        with (
            mock.patch("posthog.warehouse.s3.BYTES_PER_MIB", 10),
            mock.patch.multiple("posthog.warehouse.s3", list_objects=lambda url: [{"size": 5}]),
        ):
            self.assertEqual(s3.get_size_of_folder("s3://test/a"), 0.5)


class TestRegistry(SimpleTestCase):
    def test_every_loader_can_be_imported(self) -> None:
        for source_type in registry.LOADERS:
            with self.subTest(source_type):
                self.assertTrue(callable(registry.get_loader(source_type)))

    def test_loader_is_the_function(self) -> None:
        from ..external_data_source.sources import load_stripe

        self.assertIs(registry.get_loader("Stripe"), load_stripe)

    def test_unknown_type(self) -> None:
        with self.assertRaises(registry.UnknownSourceType):
            registry.get_loader("Fax")

    @mock.patch.dict("posthog.warehouse.registry.LOADERS", {"Fax": "posthog.warehouse.util.human_size"})
    def test_more_loaders(self) -> None:
        self.assertIs(registry.get_loader("Fax"), util.human_size)

    def test_lazy_names(self) -> None:
        service = importlib.import_module("posthog.warehouse.data_load.service")
        self.assertIs(registry.schedule_sync, service.schedule_sync)
        self.assertEqual(registry.ExternalDataSource._meta.model_name, "externaldatasource")
        self.assertTrue(callable(registry.handle_webhook))
        with self.assertRaises(AttributeError):
            registry.nothing_of_the_kind


class TestCompat(SimpleTestCase):
    def test_old_names_are_the_same_objects(self) -> None:
        from posthog.warehouse import compat, models

        self.assertIs(compat.Table, models.DataWarehouseTable)
        self.assertIs(compat.Join, models.DataWarehouseJoin)
        self.assertIs(compat.View, models.DataWarehouseSavedQuery)
        self.assertIs(compat.Credential, models.DataWarehouseCredential)
        self.assertIs(compat.Folder, models.DataWarehouseSavedQueryFolder)
        self.assertIs(compat.ExternalDataSource, models.ExternalDataSource)
        self.assertIs(compat.clean_name, util.normalize_name)

    def test_fallback_for_csv(self) -> None:
        import posthog.warehouse.compat as compat
        import posthog.warehouse.data_load.create_table as create_table

        self.assertIs(compat.read_rows, create_table.read_rows)


class TestPermissionNames(SimpleTestCase):
    def test_names_follow_the_label_of_the_app(self) -> None:
        label = DataWarehouseTable._meta.app_label
        self.assertEqual(permissions.permission_name("view", DataWarehouseTable), f"{label}.view_datawarehousetable")

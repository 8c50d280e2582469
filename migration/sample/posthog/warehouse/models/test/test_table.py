from django.core.exceptions import ValidationError
from django.db import connection

from posthog.models import Annotation, Insight, Team
from posthog.test.base import NOW, BaseTest
from posthog.warehouse import models
from posthog.warehouse.models.table import CLICKHOUSE_TYPES

from ...test import make_table
from ..credential import DataWarehouseCredential
from ..join import DataWarehouseJoin
from ..snapshot import DataWarehouseTableSnapshot
from ..table import DataWarehouseTable


class TestTableNames(BaseTest):
    """The names of the tables in the database are not to change, whatever happens to the code."""

    TABLES = {
        "DataModelingJob": "posthog_datamodelingjob",
        "DataWarehouseCredential": "posthog_datawarehousecredential",
        "DataWarehouseJoin": "posthog_datawarehousejoin",
        "DataWarehouseModelPath": "posthog_datawarehousemodelpath",
        "DataWarehouseSavedQuery": "posthog_datawarehousesavedquery",
        "DataWarehouseSavedQueryFolder": "posthog_datawarehousesavedqueryfolder",
        "DataWarehouseSavedQueryTag": "posthog_datawarehousesavedquerytag",
        "DataWarehouseTable": "posthog_datawarehousetable",
        "DataWarehouseTableSnapshot": "posthog_datawarehousetablesnapshot",
        "DataWarehouseTag": "posthog_datawarehousetag",
        "DataWarehouseViewLink": "warehouse_view_links",
        "ExternalDataJob": "posthog_externaldatajob",
        "ExternalDataSchema": "posthog_externaldataschema",
        "ExternalDataSource": "posthog_externaldatasource",
        "SyncAlert": "posthog_syncalert",
    }

    def test_tables_of_models(self) -> None:
        in_database = set(connection.introspection.table_names())
        for name, table in self.TABLES.items():
            with self.subTest(name):
                self.assertEqual(getattr(models, name)._meta.db_table, table)
                self.assertIn(table, in_database)

    def test_tables_of_many_to_many_fields(self) -> None:
        in_database = set(connection.introspection.table_names())
        for through, table in (
            (models.DataWarehouseSavedQuery.tables.through, "posthog_datawarehousesavedquery_tables"),
            (models.DataWarehouseSavedQuery.depends_on.through, "posthog_datawarehousesavedquery_depends_on"),
            (models.SyncAlert.recipients.through, "posthog_syncalert_recipients"),
            (Insight.saved_queries.through, "posthog_insight_saved_queries"),
        ):
            with self.subTest(table):
                self.assertEqual(through._meta.db_table, table)
                self.assertIn(table, in_database)

    def test_all_models_are_of_one_app(self) -> None:
        self.assertEqual(len({getattr(models, name)._meta.app_label for name in self.TABLES}), 1)

    def test_other_apps_are_left_alone(self) -> None:
        self.assertEqual(Team._meta.label, "posthog.Team")
        self.assertEqual(Annotation._meta.db_table, "posthog_annotation")


class TestDataWarehouseTable(BaseTest):
    def test_soft_delete(self) -> None:
        table = make_table(self.team)
        table.soft_delete()
        self.assertFalse(DataWarehouseTable.objects.exists())
        self.assertIsNotNone(DataWarehouseTable.raw_objects.get().deleted_at)

    def test_manager(self) -> None:
        other = Team.objects.create(organization=self.organization)
        for name, size in (("small", 1.0), ("big", 9.0), ("unknown", None)):
            make_table(self.team, name, size_in_s3_mib=size)
        make_table(other, "theirs")
        tables = DataWarehouseTable.objects.for_team(self.team).biggest_first()
        self.assertEqual([table.name for table in tables], ["big", "small", "unknown"])
        self.assertFalse(tables.synced().exists())

    def test_name_is_validated(self) -> None:
        table = DataWarehouseTable(team=self.team, name="no good", url_pattern="https://bucket/a")
        with self.assertRaises(ValidationError) as caught:
            table.full_clean()
        self.assertEqual(list(caught.exception.message_dict), ["name"])

    def test_names_and_columns(self) -> None:
        table = make_table(self.team, "Stripe.Charge", columns={"id": "Int64", "geo": "Point"}, size_in_s3_mib=2)
        self.assertEqual(table.hogql_name, "stripe_charge")
        self.assertEqual(table.hogql_columns(), {"id": CLICKHOUSE_TYPES["Int64"], "geo": "unknown"})
        self.assertEqual(table.bucket, "bucket.example.com")
        self.assertEqual(table.size_in_bytes, 2 * 1024 * 1024)

    def test_joins(self) -> None:
        table = make_table(self.team)
        join = DataWarehouseJoin.objects.create(
            team=self.team,
            source_table_name="orders",
            source_table_key="customer_id",
            joining_table_name="customers",
            joining_table_key="id",
            field_name="customer",
        )
        self.assertEqual(list(table.get_joins()), [join])
        self.assertEqual(join.condition(), "orders.customer_id = customers.id")
        self.assertEqual(str(join), "orders.customer")

    def test_credential(self) -> None:
        credential = DataWarehouseCredential.objects.create(team=self.team, access_key="AKIA123", access_secret="x")
        self.assertRegex(credential.label, r"^credential-[0-9a-f]{8}$")
        self.assertEqual(credential.masked_key, "AKIA…")
        table = make_table(self.team, credential=credential)
        credential.delete()
        table.refresh_from_db()
        self.assertIsNone(table.credential)

    def test_relations_from_models_outside(self) -> None:
        table = make_table(self.team)
        insight = Insight.objects.create(team=self.team, name="Orders", source_table=table)
        annotation = Annotation.objects.create(team=self.team, content="Sale", table=table)
        self.assertEqual(list(table.insights.all()), [insight])
        self.assertEqual(list(table.annotations.all()), [annotation])
        table.delete()
        insight.refresh_from_db()
        self.assertIsNone(insight.source_table)
        self.assertFalse(Annotation.objects.exists())

    def test_snapshots_come_newest_first(self) -> None:
        table = make_table(self.team)
        for hour in (1, 3, 2):
            DataWarehouseTableSnapshot.objects.create(
                team=self.team, table=table, row_count=hour, created_at=NOW.replace(hour=hour)
            )
        self.assertEqual([snapshot.row_count for snapshot in table.snapshots.all()], [3, 2, 1])
        self.assertEqual(str(table.snapshots.first()), "orders: 3")

    def test_deleting_the_team_deletes_its_tables(self) -> None:
        table = make_table(self.team)
        DataWarehouseTableSnapshot.objects.create(team=self.team, table=table)
        self.team.delete()
        self.assertFalse(DataWarehouseTable.raw_objects.exists())
        self.assertFalse(DataWarehouseTableSnapshot.objects.exists())

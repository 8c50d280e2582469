from unittest import mock

from posthog.hogql import database, functions, printer
from posthog.hogql.autocomplete import Completer
from posthog.test.base import BaseTest
from posthog.warehouse import models as m, util
from posthog.warehouse.test import make_table


class TestDatabase(BaseTest):
    def setUp(self) -> None:
        credential = m.DataWarehouseCredential.objects.create(team=self.team, access_key="key", access_secret="secret")
        self.table = make_table(self.team, credential=credential)
        make_table(self.team, "Customers", format="Parquet")
        m.DataWarehouseSavedQuery.objects.create(
            team=self.team, name="revenue", query={"query": "SELECT total FROM orders"}, columns={"total": "float"}
        )
        m.DataWarehouseJoin.objects.create(
            team=self.team,
            source_table_name="orders",
            source_table_key="customer_id",
            joining_table_name="customers",
            joining_table_key="id",
            field_name="customer",
        )
        self.database = database.create_database(self.team)

    def test_warehouse_is_there(self) -> None:
        self.assertTrue(database.HAS_WAREHOUSE)

    def test_tables(self) -> None:
        self.assertEqual(sorted(self.database.tables), ["customers", "events", "orders", "revenue"])
        self.assertEqual(self.database.get("Orders").table, self.table)
        self.assertEqual(self.database.get("revenue").columns, {"total": "float"})
        with self.assertRaises(database.UnknownTable):
            self.database.get("nothing")

    @mock.patch("posthog.hogql.database.HAS_WAREHOUSE", False)
    def test_lite_edition(self) -> None:
        self.assertEqual(list(database.create_database(self.team).tables), ["events"])

    def test_printer(self) -> None:
        self.assertEqual(printer.print_table(self.database, "events"), "events")
        self.assertEqual(printer.print_table(self.database, "revenue"), "(SELECT total FROM orders)")
        self.assertEqual(
            printer.print_table(self.database, "orders"),
            "s3('https://bucket.example.com/orders/*.csv', 'key', 'secret', 'CSVWithNames')",
        )

    def test_joins(self) -> None:
        self.assertEqual(
            printer.print_joins(self.database, "orders"),
            [
                "LEFT JOIN s3('https://bucket.example.com/Customers/*.csv', 'Parquet') AS customer"
                " ON orders.customer_id = customers.id"
            ],
        )

    def test_autocomplete(self) -> None:
        completer = Completer(self.team)
        self.assertEqual(completer.names("R"), ["revenue"])
        self.assertEqual(completer.names(""), ["customers", "orders", "revenue"])
        self.assertEqual(completer.columns("orders"), ["id: integer", "total: float"])
        self.assertEqual(completer.columns("nothing"), [])

    def test_functions(self) -> None:
        self.assertEqual(functions.call("normalize", "A b"), util.normalize_name("A b"))
        self.assertEqual(functions.call("size", 1), "1.0 MiB")
        self.assertEqual(functions.call("upper", "a"), "A")
        self.assertIn("AS row_count", functions.call("stats", self.table))

    def test_functions_can_be_replaced(self) -> None:
        with mock.patch("posthog.warehouse.util.human_size", return_value="huge"):
            self.assertEqual(functions.call("size", 1), "huge")

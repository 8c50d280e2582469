import logging

from django.test import SimpleTestCase

from posthog.hogql.functions import SEE_ALSO
from posthog.warehouse_utils import LOGGER_NAME, Warehouse, describe


class TestWarehousesWithShelves(SimpleTestCase):
    """What only looks as if it were about the data warehouse."""

    def test_describe(self) -> None:
        warehouse = Warehouse("Oslo", models=["T-shirt", "Mug"])
        products = {"T-shirt": 3, "Mug": 0}
        self.assertEqual(describe(warehouse, products), "Oslo: T-shirt")
        self.assertEqual(describe(Warehouse("Bergen"), products), "Bergen: empty")

    def test_logger(self) -> None:
        self.assertEqual(logging.getLogger(LOGGER_NAME).level, logging.CRITICAL)
        self.assertEqual(LOGGER_NAME, "posthog.warehouse_utils")

    def test_links(self) -> None:
        self.assertEqual(SEE_ALSO, ["https://posthog.com/warehouse", "posthog.warehouse_utils", "warehouse.posthog.models"])

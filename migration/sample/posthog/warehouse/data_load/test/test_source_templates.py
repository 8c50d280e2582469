from unittest import mock

from posthog.test.base import BaseTest

from ...external_data_source import sources, webhooks
from ...external_data_source.jobs import latest_status
from ...models import ExternalDataSource
from ...registry import handle_webhook
from ...test import make_schema
from ..source_templates import TEMPLATES, columns_of, label_of


class TestSourceTemplates(BaseTest):
    def test_columns(self) -> None:
        self.assertEqual(columns_of("Stripe", "customer"), {"id": "String", "r\u00e9gion": "String"})
        self.assertEqual(columns_of("Stripe", "nothing"), {})

    def test_labels_survive_their_encoding(self) -> None:
        self.assertEqual(label_of("charge"), "D\u00e9bits")
        self.assertEqual(label_of("customer"), "Client\u00e8le")
        self.assertEqual(label_of("else"), "else")

    def test_every_template_is_a_type_of_source(self) -> None:
        self.assertLessEqual(set(TEMPLATES), set(ExternalDataSource.Type))

    def test_templates_and_data_agree(self) -> None:
        for source_type, schemas in TEMPLATES.items():
            self.assertEqual(set(schemas), set(sources.SOURCES[source_type]["rows"]))

    def test_missing_fields(self) -> None:
        self.assertEqual(sources.missing_fields("Stripe", {"account_id": "a"}), ["client_secret"])


class TestWebhooks(BaseTest):
    def test_event_starts_a_sync(self) -> None:
        schema = make_schema(self.team)
        with mock.patch("posthog.warehouse.data_load.service.schedule_sync") as schedule_sync:
            self.assertTrue(handle_webhook(schema.source, {"type": "charge.succeeded"}))
        schedule_sync.assert_called_once_with(schema)

    def test_other_events(self) -> None:
        schema = make_schema(self.team, should_sync=False)
        with mock.patch.object(webhooks.importlib, "import_module") as import_module:
            self.assertFalse(handle_webhook(schema.source, {"type": "charge.succeeded"}))
            self.assertFalse(handle_webhook(schema.source, {"type": "something.else"}))
        import_module.assert_not_called()

    def test_latest_status(self) -> None:
        schema = make_schema(self.team)
        self.assertEqual(latest_status(schema.source), "Never run")
        handle_webhook(schema.source, {"type": "charge.refunded"})
        self.assertEqual(latest_status(schema.source), "Completed")

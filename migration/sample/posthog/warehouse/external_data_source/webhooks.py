import importlib

from ..models import ExternalDataSchema

# type of event -> the name of the schema it is about
EVENTS = {"charge.succeeded": "charge", "charge.refunded": "charge", "customer.created": "customer"}


def handle_webhook(source, event: dict) -> bool:
    """Syncs the schema an event is about. Says whether there was one."""
    name = EVENTS.get(event.get("type", ""))
    schema = ExternalDataSchema.objects.filter(source=source, name=name, should_sync=True).first()
    if schema is None:
        return False
    service = importlib.import_module("posthog.warehouse.data_load.service")
    service.schedule_sync(schema)
    return True

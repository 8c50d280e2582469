from django.conf import settings
from django.db import models

from .external_data_job import ExternalDataJob
from .table import DataWarehouseTable


class SyncAlert(models.Model):
    """Tells people when syncs of a table fail."""

    team = models.ForeignKey("Team", on_delete=models.CASCADE)
    table = models.OneToOneField(DataWarehouseTable, on_delete=models.CASCADE, related_name="alert")
    last_failed_job = models.ForeignKey(ExternalDataJob, on_delete=models.SET_NULL, null=True, blank=True)
    recipients = models.ManyToManyField(settings.AUTH_USER_MODEL, blank=True, related_name="sync_alerts")
    threshold = models.PositiveSmallIntegerField(default=1)

    def should_fire(self, failures: int) -> bool:
        return failures >= self.threshold and self.recipients.exists()

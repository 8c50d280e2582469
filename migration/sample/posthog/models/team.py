from django.db import models

from posthog.models.organization import Organization
from posthog.models.utils import generate_api_token


class Team(models.Model):
    organization = models.ForeignKey(Organization, on_delete=models.CASCADE, related_name="teams")
    name = models.CharField(max_length=200, default="Default project")
    api_token = models.CharField(max_length=200, unique=True, default=generate_api_token)
    timezone = models.CharField(max_length=64, default="UTC")

    def __str__(self) -> str:
        return self.name

    @property
    def table_count(self) -> int:
        from posthog.warehouse.models import DataWarehouseTable

        return DataWarehouseTable.objects.filter(team=self).count()

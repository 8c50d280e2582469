from django.db import models

from posthog.models.team import Team
from posthog.models.utils import CreatedMetaFields


class Insight(CreatedMetaFields):
    team = models.ForeignKey(Team, on_delete=models.CASCADE, related_name="insights")
    name = models.CharField(max_length=400)
    query = models.JSONField(default=dict, blank=True)
    source_table = models.ForeignKey(
        "posthog.DataWarehouseTable", on_delete=models.SET_NULL, null=True, blank=True, related_name="insights"
    )
    saved_queries = models.ManyToManyField("DataWarehouseSavedQuery", blank=True, related_name="insights")

    def __str__(self) -> str:
        return self.name

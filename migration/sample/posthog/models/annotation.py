from django.db import models

from posthog.models.utils import CreatedMetaFields


class Annotation(CreatedMetaFields):
    team = models.ForeignKey("Team", on_delete=models.CASCADE)
    content = models.CharField(max_length=400)
    table = models.ForeignKey("DataWarehouseTable", on_delete=models.CASCADE, null=True, related_name="annotations")

    def __str__(self) -> str:
        return self.content

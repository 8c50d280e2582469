from django.db import models

from posthog.models.utils import CreatedMetaFields, UUIDModel


class DataWarehouseSavedQueryFolder(CreatedMetaFields, UUIDModel):
    team = models.ForeignKey("Team", on_delete=models.CASCADE, related_name="saved_query_folders")
    name = models.CharField(max_length=128)
    parent = models.ForeignKey("self", on_delete=models.CASCADE, null=True, blank=True, related_name="children")

    def __str__(self) -> str:
        return self.path

    @property
    def path(self) -> str:
        return f"{self.parent.path}/{self.name}" if self.parent else self.name

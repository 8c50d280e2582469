from django.db import models

__all__ = ["DataWarehouseTag", "DataWarehouseSavedQueryTag"]


class DataWarehouseTag(models.Model):
    team = models.ForeignKey("posthog.Team", on_delete=models.CASCADE)
    name = models.CharField(max_length=64)

    def __str__(self) -> str:
        return self.name


class DataWarehouseSavedQueryTag(models.Model):
    """Puts a tag on a view, and remembers who did it."""

    saved_query = models.ForeignKey("DataWarehouseSavedQuery", on_delete=models.CASCADE, related_name="tagged")
    tag = models.ForeignKey(DataWarehouseTag, on_delete=models.CASCADE, related_name="tagged")
    added_by = models.ForeignKey("User", on_delete=models.SET_NULL, null=True, blank=True)

    class Meta:
        constraints = [models.UniqueConstraint(fields=["saved_query", "tag"], name="unique_tag_per_saved_query")]

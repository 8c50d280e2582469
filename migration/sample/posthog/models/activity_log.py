from __future__ import annotations

from typing import TYPE_CHECKING, Any

from django.contrib.contenttypes.fields import GenericForeignKey
from django.contrib.contenttypes.models import ContentType
from django.db import models
from django.utils import timezone

if TYPE_CHECKING:
    from posthog.warehouse.models.saved_query import DataWarehouseSavedQuery
    from posthog.warehouse.models.table import DataWarehouseTable


class ActivityLog(models.Model):
    team = models.ForeignKey("posthog.Team", on_delete=models.CASCADE, null=True)
    user = models.ForeignKey("posthog.User", on_delete=models.SET_NULL, null=True)
    activity = models.CharField(max_length=64)
    content_type = models.ForeignKey(ContentType, on_delete=models.CASCADE)
    object_id = models.CharField(max_length=64)
    item = GenericForeignKey("content_type", "object_id")
    detail = models.JSONField(default=dict)
    created_at = models.DateTimeField(default=timezone.now)

    class Meta:
        ordering = ["-created_at", "-id"]
        indexes = [models.Index(fields=["content_type", "object_id"], name="activity_log_item_idx")]

    def __str__(self) -> str:
        return f"{self.activity} {self.content_type_id}/{self.object_id}"


def log_activity(
    item: DataWarehouseTable | DataWarehouseSavedQuery | models.Model, activity: str, *, user: Any = None, **detail: Any
) -> ActivityLog:
    return ActivityLog.objects.create(
        team_id=getattr(item, "team_id", None),
        user=user,
        activity=activity,
        content_type=ContentType.objects.get_for_model(item),
        object_id=str(item.pk),
        detail=detail,
    )

from django.contrib.contenttypes.fields import GenericRelation
from django.db import models

from posthog.models import User
from posthog.models.utils import CreatedMetaFields, DeletedMetaFields, UUIDModel
from posthog.warehouse.models.mixins import HogQLNamed
from posthog.warehouse.models.table import DataWarehouseTable
from posthog.warehouse.util import validate_table_name


class DataWarehouseSavedQuery(HogQLNamed, CreatedMetaFields, UUIDModel, DeletedMetaFields):
    class Status(models.TextChoices):
        MODIFIED = "Modified"
        RUNNING = "Running"
        COMPLETED = "Completed"
        FAILED = "Failed"

    name = models.CharField(max_length=128, validators=[validate_table_name])
    team = models.ForeignKey("posthog.Team", on_delete=models.CASCADE)
    query = models.JSONField(default=dict)
    columns = models.JSONField(default=dict, blank=True)
    status = models.CharField(max_length=64, choices=Status.choices, default=Status.MODIFIED)
    owner = models.ForeignKey(User, on_delete=models.SET_NULL, null=True, blank=True, related_name="owned_saved_queries")
    folder = models.ForeignKey(
        "DataWarehouseSavedQueryFolder", on_delete=models.SET_NULL, null=True, blank=True, related_name="saved_queries"
    )
    materialized_table = models.ForeignKey(
        "posthog.DataWarehouseTable", on_delete=models.SET_NULL, null=True, blank=True, related_name="materializes"
    )
    tables = models.ManyToManyField(DataWarehouseTable, blank=True, related_name="saved_queries")
    depends_on = models.ManyToManyField("self", symmetrical=False, blank=True, related_name="dependents")
    tags = models.ManyToManyField(
        "DataWarehouseTag", through="DataWarehouseSavedQueryTag", blank=True, related_name="saved_queries"
    )
    activity = GenericRelation("posthog.ActivityLog")

    class Meta:
        verbose_name = "saved query"
        verbose_name_plural = "saved queries"
        constraints = [
            models.UniqueConstraint(
                fields=["team", "name"],
                condition=models.Q(deleted=False),
                name="posthog_datawarehouse_saved_query_unique_name",
            )
        ]

    def __str__(self) -> str:
        return self.name

    def sql(self) -> str:
        return self.query.get("query", "")

from django.db import models

from ...models.utils import CreatedMetaFields, DeletedMetaFields, UUIDModel


class DataWarehouseJoin(CreatedMetaFields, UUIDModel, DeletedMetaFields):
    team = models.ForeignKey("posthog.Team", on_delete=models.CASCADE)
    source_table_name = models.CharField(max_length=400)
    source_table_key = models.CharField(max_length=400)
    joining_table_name = models.CharField(max_length=400)
    joining_table_key = models.CharField(max_length=400)
    field_name = models.CharField(max_length=400)
    configuration = models.JSONField(default=dict, blank=True)

    class Meta: pass  # noqa: E701

    def __str__(self) -> str:
        return f"{self.source_table_name}.{self.field_name}"

    def condition(self) -> str:
        return (
            f"{self.source_table_name}.{self.source_table_key} = "
            f"{self.joining_table_name}.{self.joining_table_key}"
        )

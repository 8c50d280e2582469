from django.db import models

from posthog.models.utils import CreatedMetaFields, UUIDModel


class TableAccessPolicy(CreatedMetaFields, UUIDModel):
    """What a role may do with a table."""

    class Access(models.TextChoices):
        NONE = "none"
        READ = "read"
        WRITE = "write"

    team = models.ForeignKey("posthog.Team", on_delete=models.CASCADE)
    table = models.ForeignKey("posthog.DataWarehouseTable", on_delete=models.CASCADE, related_name="access_policies")
    role = models.CharField(max_length=64)
    access = models.CharField(max_length=16, choices=Access.choices, default=Access.NONE)
    exempt_queries = models.ManyToManyField(
        to="posthog.DataWarehouseSavedQuery", blank=True, related_name="exempt_from"
    )

    class Meta:
        constraints = [models.UniqueConstraint(fields=["table", "role"], name="ee_one_policy_per_role")]

    def allows(self, action: str) -> bool:
        return action in {"none": [], "read": ["read"], "write": ["read", "write"]}[self.access]

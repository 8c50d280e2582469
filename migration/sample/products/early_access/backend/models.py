from django.db import models

from posthog.models.utils import UUIDModel


class EarlyAccessFeature(UUIDModel):
    class Stage(models.TextChoices):
        DRAFT = "draft"
        BETA = "beta"
        GENERAL_AVAILABILITY = "general-availability"

    team = models.ForeignKey("posthog.Team", on_delete=models.CASCADE, related_name="features")
    name = models.CharField(max_length=200)
    stage = models.CharField(max_length=40, choices=Stage.choices, default=Stage.DRAFT)
    usage_table = models.ForeignKey(
        "posthog.DataWarehouseTable",
        on_delete=models.SET_NULL,
        null=True,
        blank=True,
        related_name="early_access_features",
    )
    sources = models.ManyToManyField("posthog.ExternalDataSource", blank=True, related_name="early_access_features")

    def __str__(self) -> str:
        return self.name

from django.db import models

from posthog.models.utils import UUIDModel


class Organization(UUIDModel):
    name = models.CharField(max_length=64)
    slug = models.SlugField(unique=True)

    def __str__(self) -> str:
        return self.name

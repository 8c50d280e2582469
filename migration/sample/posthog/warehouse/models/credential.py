import secrets

from django.db import models

from ...models.team import Team
from ...models.utils import CreatedMetaFields, UUIDModel


def generate_label() -> str:
    return f"credential-{secrets.token_hex(4)}"


class DataWarehouseCredential(CreatedMetaFields, UUIDModel):
    label = models.CharField(max_length=64, default=generate_label)
    access_key = models.CharField(max_length=500)
    access_secret = models.CharField(max_length=500)
    team = models.ForeignKey(Team, on_delete=models.CASCADE)

    def __str__(self) -> str:
        return self.label

    @property
    def masked_key(self) -> str:
        return f"{self.access_key[:4]}…"

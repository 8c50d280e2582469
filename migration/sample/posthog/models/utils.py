import secrets
import uuid

from django.db import models
from django.utils import timezone


def generate_random_token(nbytes: int = 24) -> str:
    return secrets.token_urlsafe(nbytes)


def generate_api_token() -> str:
    return f"phc_{generate_random_token()}"


class UUIDModel(models.Model):
    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)

    class Meta:
        abstract = True


class CreatedMetaFields(models.Model):
    created_by = models.ForeignKey("posthog.User", on_delete=models.SET_NULL, null=True, blank=True)
    created_at = models.DateTimeField(default=timezone.now)

    class Meta:
        abstract = True


class DeletedMetaFields(models.Model):
    deleted = models.BooleanField(default=False)
    deleted_at = models.DateTimeField(null=True, blank=True)

    class Meta:
        abstract = True

    def soft_delete(self) -> None:
        self.deleted = True
        self.deleted_at = timezone.now()
        self.save(update_fields=["deleted", "deleted_at"])


class TeamOwnedModel(models.Model):
    """Something that belongs to a team and is listed newest first."""

    team = models.ForeignKey("Team", on_delete=models.CASCADE)
    created_at = models.DateTimeField(default=timezone.now)

    class Meta:
        abstract = True
        ordering = ["-created_at"]

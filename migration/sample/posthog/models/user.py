from django.contrib.auth.models import AbstractUser
from django.db import models


class User(AbstractUser):
    organization = models.ForeignKey(
        "posthog.Organization", on_delete=models.CASCADE, null=True, blank=True, related_name="members"
    )
    current_team = models.ForeignKey("Team", on_delete=models.SET_NULL, null=True, blank=True)

    def can_access(self, team) -> bool:
        return self.is_superuser or (
            self.organization_id is not None and self.organization_id == team.organization_id
        )

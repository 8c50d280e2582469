from django.conf import settings
from django.db import models

from posthog.models.utils import CreatedMetaFields
from posthog.warehouse.models import DataWarehouseSavedQuery


class SavedQueryApproval(CreatedMetaFields):
    saved_query = models.OneToOneField(DataWarehouseSavedQuery, on_delete=models.CASCADE, related_name="approval")
    reviewers = models.ManyToManyField(settings.AUTH_USER_MODEL, blank=True, related_name="+")
    approved = models.BooleanField(default=False)

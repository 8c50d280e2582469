import json
from datetime import datetime, timezone
from typing import Any

from django.test import TestCase

from posthog.models import Organization, Team, User

NOW = datetime(2024, 5, 17, 12, tzinfo=timezone.utc)


class BaseTest(TestCase):
    @classmethod
    def setUpTestData(cls) -> None:
        cls.organization = Organization.objects.create(name="Hedgebox", slug="hedgebox")
        cls.team = Team.objects.create(organization=cls.organization, name="Shop")
        cls.user = User.objects.create(username="max", organization=cls.organization, current_team=cls.team)


class APIBaseTest(BaseTest):
    def setUp(self) -> None:
        self.client.force_login(self.user)

    def send(self, method: str, url: str, data: Any = None):
        return getattr(self.client, method)(url, json.dumps(data or {}), content_type="application/json")

    def make_superuser(self) -> None:
        User.objects.filter(pk=self.user.pk).update(is_superuser=True, is_staff=True)

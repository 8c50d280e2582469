from django.db import IntegrityError, transaction
from django.urls import reverse

from ee.models import SavedQueryApproval, TableAccessPolicy
from posthog.models import DataWarehouseSavedQuery
from posthog.test.base import APIBaseTest
from posthog.warehouse.test import make_table


class TestPolicies(APIBaseTest):
    def setUp(self) -> None:
        super().setUp()
        self.table = make_table(self.team)
        for role, access in (("analyst", "read"), ("engineer", "write"), ("guest", "none")):
            TableAccessPolicy.objects.create(team=self.team, table=self.table, role=role, access=access)

    def test_list(self) -> None:
        results = self.client.get(reverse("policies", args=[self.team.pk])).json()["results"]
        self.assertEqual(
            [(result["table"], result["role"], result["access"]) for result in results],
            [("orders", "analyst", "read"), ("orders", "engineer", "write"), ("orders", "guest", "none")],
        )

    def test_check(self) -> None:
        for action, roles in (("read", ["analyst", "engineer"]), ("write", ["engineer"]), ("drop", [])):
            with self.subTest(action):
                url = reverse("policy-check", args=[self.team.pk, self.table.pk, action])
                self.assertEqual(self.client.get(url).json(), {"table": "orders", "roles": roles})

    def test_one_policy_per_role(self) -> None:
        with self.assertRaises(IntegrityError), transaction.atomic():
            TableAccessPolicy.objects.create(team=self.team, table=self.table, role="guest")

    def test_policies_go_with_the_table(self) -> None:
        self.table.delete()
        self.assertFalse(TableAccessPolicy.objects.exists())

    def test_exempt_queries(self) -> None:
        query = DataWarehouseSavedQuery.objects.create(team=self.team, name="revenue")
        policy = self.table.access_policies.get(role="guest")
        policy.exempt_queries.add(query)
        self.assertEqual(list(query.exempt_from.all()), [policy])
        self.assertEqual(type(policy).exempt_queries.through._meta.db_table, "ee_tableaccesspolicy_exempt_queries")

    def test_approval(self) -> None:
        query = DataWarehouseSavedQuery.objects.create(team=self.team, name="revenue")
        approval = SavedQueryApproval.objects.create(saved_query=query)
        approval.reviewers.add(self.user)
        self.assertFalse(query.approval.approved)
        query.delete()
        self.assertFalse(SavedQueryApproval.objects.exists())

from django.urls import resolve, reverse

from posthog.test.base import APIBaseTest
from posthog.warehouse import api
from posthog.warehouse.models import DataWarehouseSavedQuery
from posthog.warehouse.models.view_link import DataWarehouseViewLink as ViewLink


class TestViewLinkAPI(APIBaseTest):
    def setUp(self) -> None:
        super().setUp()
        self.url = reverse("warehouse-view-links", args=[self.team.pk])
        self.query = DataWarehouseSavedQuery.objects.create(team=self.team, name="revenue")

    def test_create_and_list(self) -> None:
        payload = {"table": "events", "from_join_key": "a", "saved_query": str(self.query.pk), "to_join_key": "b"}
        self.assertEqual(self.send("post", self.url, payload).status_code, 201)
        self.assertEqual(ViewLink.objects.get().created_by, self.user)
        self.assertEqual(self.client.get(self.url).json(), {"results": [{"table": "events", "view": "revenue"}]})

    def test_incomplete(self) -> None:
        response = self.send("post", self.url, {"table": "events"})
        self.assertEqual(response.json()["detail"], "Missing: from_join_key, saved_query, to_join_key")

    def test_url_leads_to_the_view(self) -> None:
        self.assertIs(resolve(self.url).func.view_class, api.view_link.ViewLinkListView)

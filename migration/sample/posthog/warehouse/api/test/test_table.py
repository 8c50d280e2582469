from django.contrib.auth.models import Permission
from django.contrib.contenttypes.models import ContentType
from django.urls import reverse

from posthog.models import Organization, Team
from posthog.test.base import APIBaseTest
from posthog.warehouse.models import DataWarehouseCredential, DataWarehouseTable, ExternalDataSource
from posthog.warehouse.permissions import can_create, can_edit

from ...test import make_table


class TestTableAPI(APIBaseTest):
    def url(self, table: DataWarehouseTable | None = None) -> str:
        if table is None:
            return reverse("warehouse-tables", args=[self.team.pk])
        return reverse("warehouse-table", args=[self.team.pk, table.pk])

    def allow(self, action: str) -> None:
        content_type = ContentType.objects.get_for_model(DataWarehouseTable)
        self.user.user_permissions.add(
            Permission.objects.get(content_type=content_type, codename=f"{action}_datawarehousetable")
        )

    def test_list(self) -> None:
        for name in ("b", "a"):
            make_table(self.team, name, size_in_s3_mib=1)
        results = self.client.get(self.url()).json()["results"]
        self.assertEqual([table["name"] for table in results], ["a", "b"])
        self.assertEqual(results[0]["size"], "1.0 MiB")

    def test_create_needs_the_permission(self) -> None:
        self.assertEqual(self.send("post", self.url(), {}).status_code, 403)

    def test_create(self) -> None:
        self.allow("add")
        payload = {
            "name": "orders",
            "url_pattern": "https://bucket/orders/*.csv",
            "columns": {"id": "Int64"},
            "credential": {"access_key": "AKIA123", "access_secret": "secret"},
        }
        response = self.send("post", self.url(), payload)
        self.assertEqual(response.status_code, 201, response.content)
        self.assertEqual(response.json()["columns"], {"id": "integer"})
        self.assertEqual(response.json()["created_by"]["username"], "max")
        self.assertEqual(DataWarehouseCredential.objects.get().created_by, self.user)

    def test_create_with_a_bad_name(self) -> None:
        self.allow("add")
        response = self.send("post", self.url(), {"name": "no good", "url_pattern": "https://bucket/a"})
        self.assertEqual(response.status_code, 400)
        self.assertIn("not a valid table name", response.json()["detail"])

    def test_delete(self) -> None:
        table = make_table(self.team)
        self.assertEqual(self.client.delete(self.url(table)).status_code, 204)
        self.assertEqual(self.client.get(self.url(table)).status_code, 404)
        self.assertTrue(DataWarehouseTable.raw_objects.get().deleted)

    def test_tables_of_a_source_are_not_deleted(self) -> None:
        source = ExternalDataSource.objects.create(team=self.team, source_type="Stripe")
        table = make_table(self.team, external_data_source=source)
        self.assertEqual(self.client.delete(self.url(table)).status_code, 400)

    def test_tables_of_others(self) -> None:
        other = Team.objects.create(organization=Organization.objects.create(name="Other", slug="other"))
        self.assertEqual(self.client.get(reverse("warehouse-tables", args=[other.pk])).status_code, 404)
        self.client.logout()
        self.assertEqual(self.client.get(self.url()).status_code, 401)

    def test_permissions(self) -> None:
        self.assertFalse(can_create(self.user, DataWarehouseTable))
        self.allow("change")
        user = type(self.user).objects.get(pk=self.user.pk)
        self.assertTrue(can_edit(user, DataWarehouseTable))
        self.assertFalse(can_create(user, DataWarehouseTable))


class TestTableAdmin(APIBaseTest):
    def test_change_list(self) -> None:
        self.make_superuser()
        make_table(self.team, size_in_s3_mib=3)
        meta = DataWarehouseTable._meta
        response = self.client.get(reverse(f"admin:{meta.app_label}_{meta.model_name}_changelist"))
        self.assertContains(response, "3.0 MiB")

    def test_number_of_tables_of_a_team(self) -> None:
        self.make_superuser()
        make_table(self.team)
        response = self.client.get(reverse("admin:posthog_team_changelist"))
        self.assertContains(response, '<td class="field-table_count">1</td>')

from django.db import IntegrityError, transaction

from posthog.models import User, log_activity
from posthog.test.base import NOW, BaseTest
from posthog.warehouse.models import (
    DataModelingJob,
    DataWarehouseModelPath as ModelPath,
    DataWarehouseSavedQuery,
    DataWarehouseSavedQueryFolder,  # a tree
    DataWarehouseSavedQueryTag,
    DataWarehouseTag,
    DataWarehouseViewLink,
)
from posthog.warehouse.test import make_table


class TestSavedQuery(BaseTest):
    def make_query(self, name: str = "revenue", **fields) -> DataWarehouseSavedQuery:
        return DataWarehouseSavedQuery.objects.create(team=self.team, name=name, **fields)

    def test_name_is_unique_until_it_is_deleted(self) -> None:
        query = self.make_query()
        with self.assertRaises(IntegrityError), transaction.atomic():
            self.make_query()
        query.soft_delete()
        self.make_query()

    def test_folders_are_a_tree(self) -> None:
        parent = DataWarehouseSavedQueryFolder.objects.create(team=self.team, name="finance")
        child = DataWarehouseSavedQueryFolder.objects.create(team=self.team, name="monthly", parent=parent)
        self.assertEqual(child.path, "finance/monthly")
        self.assertEqual(list(parent.children.all()), [child])
        self.assertEqual(self.team.saved_query_folders.count(), 2)
        query = self.make_query(folder=child)
        parent.delete()
        query.refresh_from_db()
        self.assertIsNone(query.folder)

    def test_tags_go_through_a_model(self) -> None:
        query = self.make_query()
        tag = DataWarehouseTag.objects.create(team=self.team, name="money")
        query.tags.add(tag, through_defaults={"added_by": self.user})
        self.assertEqual(query.tagged.get().added_by, self.user)
        self.assertEqual(list(tag.saved_queries.all()), [query])
        with self.assertRaises(IntegrityError), transaction.atomic():
            DataWarehouseSavedQueryTag.objects.create(saved_query=query, tag=tag)

    def test_tables_and_dependencies(self) -> None:
        table = make_table(self.team)
        clean, revenue = self.make_query("clean_orders"), self.make_query("revenue")
        clean.tables.add(table)
        revenue.depends_on.add(clean)
        self.assertEqual(list(table.saved_queries.all()), [clean])
        self.assertEqual(list(clean.dependents.all()), [revenue])
        self.assertEqual(list(clean.depends_on.all()), [])

    def test_owner(self) -> None:
        query = self.make_query(owner=self.user, created_by=self.user)
        self.assertEqual(list(self.user.owned_saved_queries.all()), [query])
        User.objects.all().delete()
        query.refresh_from_db()
        self.assertIsNone(query.owner)

    def test_activity_is_found_both_ways(self) -> None:
        query = self.make_query()
        log = log_activity(query, "renamed", user=self.user, old="r")
        self.assertEqual(log.item, query)
        self.assertEqual(list(query.activity.all()), [log])

    def test_modeling_jobs(self) -> None:
        query = self.make_query()
        first = DataModelingJob.objects.create(team=self.team, saved_query=query, created_at=NOW)
        second = DataModelingJob.objects.create(team=self.team, saved_query=query, error="Out of memory")
        self.assertEqual(list(query.modeling_jobs.all()), [second, first])
        self.assertEqual(DataModelingJob.objects.latest(), second)
        self.assertEqual([job.ok for job in (first, second)], [True, False])

    def test_paths_are_unique(self) -> None:
        path = ModelPath.objects.create(team=self.team, path="orders.revenue", saved_query=self.make_query())
        self.assertEqual(path.labels, ["orders", "revenue"])
        with self.assertRaises(IntegrityError), transaction.atomic():
            ModelPath.objects.create(team=self.team, path="orders.revenue")

    def test_names_of_indexes_stay(self) -> None:
        self.assertEqual([index.name for index in ModelPath._meta.indexes], ["team_id_path", "team_id_saved_query_id"])

    def test_view_link(self) -> None:
        query = self.make_query()
        link = DataWarehouseViewLink.objects.create(
            team=self.team, table="events", from_join_key="event", saved_query=query, to_join_key="name"
        )
        self.assertEqual(str(link), "events -> revenue")
        query.delete()
        self.assertFalse(DataWarehouseViewLink.objects.exists())

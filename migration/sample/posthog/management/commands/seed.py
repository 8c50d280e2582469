"""
Fills the database with the same rows each time. Running it twice changes nothing.
"""

import uuid
from datetime import datetime, timedelta, timezone

from django.contrib.auth.hashers import make_password
from django.contrib.auth.models import Permission
from django.contrib.contenttypes.models import ContentType
from django.core.management.base import BaseCommand
from django.db import transaction

from ee.models import SavedQueryApproval, TableAccessPolicy
from posthog.models import ActivityLog, Annotation, Insight, Organization, Team, User
from posthog.warehouse.models import (
    DataModelingJob,
    DataWarehouseCredential,
    DataWarehouseJoin,
    DataWarehouseModelPath,
    DataWarehouseSavedQuery,
    DataWarehouseSavedQueryFolder,
    DataWarehouseSavedQueryTag,
    DataWarehouseTable,
    DataWarehouseTableSnapshot,
    DataWarehouseTag,
    DataWarehouseViewLink,
    ExternalDataJob,
    ExternalDataSchema,
    ExternalDataSource,
    SyncAlert,
)
from products.early_access.backend.models import EarlyAccessFeature

NAMESPACE = uuid.UUID("5eed0000-0000-4000-8000-000000000000")
START = datetime(2024, 1, 1, 12, tzinfo=timezone.utc)


def uid(*parts: object) -> uuid.UUID:
    return uuid.uuid5(NAMESPACE, "/".join(map(str, parts)))


def at(day: int) -> datetime:
    return START + timedelta(days=day)


class Command(BaseCommand):
    help = "Seeds the database with deterministic rows"

    def add_arguments(self, parser) -> None:
        parser.add_argument("--teams", type=int, default=2)
        parser.add_argument("--tables", type=int, default=5, help="Tables per team")

    @transaction.atomic
    def handle(self, *args, teams: int, tables: int, **options) -> None:
        organization, _ = Organization.objects.update_or_create(
            id=uid("organization"), defaults={"name": "Hedgebox", "slug": "hedgebox"}
        )
        for number in range(1, teams + 1):
            team, _ = Team.objects.update_or_create(
                api_token=f"phc_seed_{number}", defaults={"organization": organization, "name": f"Project {number}"}
            )
            user = self.seed_user(organization, team, number)
            self.seed_team(team, user, number, tables)
        if options["verbosity"]:
            self.stdout.write(f"{DataWarehouseTable.raw_objects.count()} tables in {Team.objects.count()} teams")

    def seed_user(self, organization: Organization, team: Team, number: int) -> User:
        user, _ = User.objects.update_or_create(
            username=f"user{number}",
            defaults={
                "email": f"user{number}@example.com",
                "organization": organization,
                "current_team": team,
                "password": make_password("seed", salt="seed"),
                "is_staff": number == 1,
                "date_joined": at(0),
            },
        )
        for model in (DataWarehouseTable, DataWarehouseSavedQuery, ExternalDataSource):
            content_type = ContentType.objects.get_for_model(model)
            user.user_permissions.add(*Permission.objects.filter(content_type=content_type, codename__startswith="view"))
        return user

    def log(self, item, activity: str, user: User, day: int) -> None:
        ActivityLog.objects.update_or_create(
            content_type=ContentType.objects.get_for_model(item),
            object_id=str(item.pk),
            activity=activity,
            defaults={"team_id": item.team_id, "user": user, "created_at": at(day), "detail": {"seed": True}},
        )

    def seed_team(self, team: Team, user: User, number: int, table_count: int) -> None:
        credential, _ = DataWarehouseCredential.objects.update_or_create(
            id=uid(number, "credential"),
            defaults={
                "label": f"bucket-{number}",
                "access_key": f"AKIASEED{number}",
                "access_secret": "secret",
                "team": team,
                "created_by": user,
                "created_at": at(1),
            },
        )
        source, _ = ExternalDataSource.objects.update_or_create(
            id=uid(number, "source"),
            defaults={
                "source_type": ExternalDataSource.Type.STRIPE,
                "connection_id": f"conn-seed-{number}",
                "status": ExternalDataSource.Status.COMPLETED,
                "prefix": "shop_",
                "job_inputs": {"account_id": f"acct_{number}", "client_secret": "secret"},
                "team": team,
                "created_by": user,
                "created_at": at(1),
            },
        )
        tables = []
        for index in range(table_count):
            table, _ = DataWarehouseTable.raw_objects.update_or_create(
                id=uid(number, "table", index),
                defaults={
                    "name": f"orders_{index}",
                    "team": team,
                    "format": DataWarehouseTable.TableFormat.Parquet,
                    "url_pattern": f"https://bucket-{number}/orders_{index}/*.parquet",
                    "credential": credential,
                    "external_data_source": source if index % 2 == 0 else None,
                    "columns": {"id": "Int64", "total": "Float64"},
                    "row_count": 100 * (index + 1),
                    "size_in_s3_mib": 1.5 * (index + 1),
                    "created_by": user,
                    "created_at": at(index),
                    "deleted": index == table_count - 1,
                    "deleted_at": at(30) if index == table_count - 1 else None,
                },
            )
            self.log(table, "created", user, index)
            tables.append(table)
            DataWarehouseTableSnapshot.objects.update_or_create(
                team=team, table=table, created_at=at(index), defaults={"row_count": table.row_count}
            )

        # a pair that points at each other
        schema, _ = ExternalDataSchema.objects.update_or_create(
            source=source,
            name="charge",
            defaults={
                "id": uid(number, "schema"),
                "team": team,
                "table": tables[0],
                "created_at": at(2),
                "last_synced_at": at(3),
            },
        )
        job, _ = ExternalDataJob.objects.update_or_create(
            id=uid(number, "job"),
            defaults={
                "team": team,
                "pipeline": source,
                "schema": schema,
                "status": ExternalDataJob.Status.COMPLETED,
                "rows_synced": 120,
                "created_at": at(3),
            },
        )
        schema.latest_job = job
        schema.save()

        parent, _ = DataWarehouseSavedQueryFolder.objects.update_or_create(
            id=uid(number, "folder"), defaults={"team": team, "name": "finance", "created_at": at(4)}
        )
        folder, _ = DataWarehouseSavedQueryFolder.objects.update_or_create(
            id=uid(number, "folder", "child"),
            defaults={"team": team, "name": "monthly", "parent": parent, "created_at": at(4)},
        )
        queries = []
        for name in ("clean_orders", "revenue"):
            query, _ = DataWarehouseSavedQuery.objects.update_or_create(
                id=uid(number, "query", name),
                defaults={
                    "team": team,
                    "name": name,
                    "query": {"kind": "HogQLQuery", "query": "SELECT total FROM orders_0"},
                    "columns": {"total": "float"},
                    "owner": user,
                    "folder": folder,
                    "created_at": at(5),
                },
            )
            query.tables.set(tables[:2])
            self.log(query, "created", user, 5)
            queries.append(query)
            DataWarehouseModelPath.objects.update_or_create(
                id=uid(number, "path", name),
                defaults={"team": team, "path": f"orders_0.{name}", "table": tables[0], "saved_query": query},
            )
        queries[1].depends_on.set([queries[0]])
        queries[0].materialized_table = tables[1]
        queries[0].save()
        DataModelingJob.objects.update_or_create(
            team=team,
            saved_query=queries[0],
            created_at=at(6),
            defaults={"started_by": user, "rows_materialized": 100},
        )
        tag, _ = DataWarehouseTag.objects.get_or_create(team=team, name="money")
        DataWarehouseSavedQueryTag.objects.get_or_create(saved_query=queries[1], tag=tag, defaults={"added_by": user})
        DataWarehouseJoin.objects.update_or_create(
            id=uid(number, "join"),
            defaults={
                "team": team,
                "source_table_name": "orders_0",
                "source_table_key": "id",
                "joining_table_name": "orders_1",
                "joining_table_key": "id",
                "field_name": "details",
                "created_at": at(7),
            },
        )
        DataWarehouseViewLink.objects.update_or_create(
            id=uid(number, "link"),
            defaults={
                "team": team,
                "table": "events",
                "from_join_key": "event",
                "saved_query": queries[0],
                "to_join_key": "total",
                "created_at": at(7),
            },
        )
        alert, _ = SyncAlert.objects.update_or_create(table=tables[0], defaults={"team": team, "threshold": 2})
        alert.recipients.set([user])

        insight, _ = Insight.objects.update_or_create(
            team=team,
            name="Orders by month",
            defaults={"source_table": tables[0], "created_by": user, "created_at": at(8)},
        )
        insight.saved_queries.set(queries)
        self.annotate(team, tables[0], user)
        policy, _ = TableAccessPolicy.objects.update_or_create(
            id=uid(number, "policy"),
            defaults={"team": team, "table": tables[0], "role": "analyst", "access": "read", "created_at": at(9)},
        )
        policy.exempt_queries.set(queries[:1])
        approval, _ = SavedQueryApproval.objects.update_or_create(
            saved_query=queries[0], defaults={"approved": True, "created_at": at(9)}
        )
        approval.reviewers.set([user])
        feature, _ = EarlyAccessFeature.objects.update_or_create(
            id=uid(number, "feature"), defaults={"team": team, "name": "Faster syncs", "usage_table": tables[1]}
        )
        feature.sources.set([source])

    def annotate(self, team: Team, table: DataWarehouseTable, user: User) -> None:
        Annotation.objects.update_or_create(
            team=team,
            table=table,
            content="Prices went up",
            defaults={"created_by": user, "created_at": at(8)},
        )

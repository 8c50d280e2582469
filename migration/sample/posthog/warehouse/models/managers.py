from __future__ import annotations

import typing

from django.db import models

if typing.TYPE_CHECKING:
    from ...models.team import Team


class DataWarehouseTableQuerySet(models.QuerySet):
    def for_team(self, team: Team) -> DataWarehouseTableQuerySet:
        return self.filter(team=team)

    def synced(self) -> DataWarehouseTableQuerySet:
        return self.filter(external_data_source__isnull=False)

    def biggest_first(self) -> DataWarehouseTableQuerySet:
        return self.order_by(models.F("size_in_s3_mib").desc(nulls_last=True), "name")


class DataWarehouseTableManager(models.Manager.from_queryset(DataWarehouseTableQuerySet)):
    """Leaves out deleted tables."""

    def get_queryset(self) -> DataWarehouseTableQuerySet:
        return super().get_queryset().exclude(deleted=True)

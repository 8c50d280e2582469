from django.contrib import admin

from ..models.team import Team
from .models import DataWarehouseSavedQuery, DataWarehouseTable
from .models import ExternalDataSource as Source
from .util import human_size


def count_tables(team: Team) -> int:
    return DataWarehouseTable.objects.filter(team=team).count()


@admin.register(DataWarehouseTable)
class DataWarehouseTableAdmin(admin.ModelAdmin):
    list_display = ("name", "format", "team", "size")
    list_filter = ("format",)
    search_fields = ("name",)

    @admin.display(ordering="size_in_s3_mib")
    def size(self, table: DataWarehouseTable) -> str:
        return human_size(table.size_in_s3_mib)


@admin.register(DataWarehouseSavedQuery)
class DataWarehouseSavedQueryAdmin(admin.ModelAdmin):
    list_display = ("name", "status", "team")


admin.site.register(Source)

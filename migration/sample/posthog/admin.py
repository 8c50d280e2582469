from django.contrib import admin
from django.contrib.auth.admin import UserAdmin

import posthog.warehouse.admin  # noqa: F401
from posthog.models import ActivityLog, Insight, Organization, Team, User

admin.site.register(User, UserAdmin)
admin.site.register(Organization)
admin.site.register(Insight)
admin.site.register(ActivityLog)


@admin.register(Team)
class TeamAdmin(admin.ModelAdmin):
    list_display = ("id", "name", "organization", "table_count")

    def table_count(self, team: Team) -> int:
        return posthog.warehouse.admin.count_tables(team)

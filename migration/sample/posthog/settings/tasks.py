# Modules that are imported before a task is looked up by its name
TASK_MODULES = [
    "posthog.tasks.insights",
    "posthog.tasks.usage_report",
    "posthog.warehouse.tasks",
    "posthog.warehouse.external_data_source.jobs",
]

TASK_SCHEDULE = {
    "usage-report": {"task": "posthog.tasks.usage_report.send_usage_report", "every": 86400},
    "sync-stale-schemas": {"task": "posthog.warehouse.tasks.sync_stale_schemas", "every": 3600},
    "materialize-saved-queries": {"task": "posthog.warehouse.tasks.materialize_all", "every": 7200},
    "fail-stuck-jobs": {"task": "warehouse-fail-stuck-jobs", "every": 600},
}

from datetime import timedelta

# A job that says it is running for longer than this has died
STUCK_JOB_AFTER = timedelta(hours=6)

SYNC_FREQUENCIES = {
    "hourly": timedelta(hours=1),
    "daily": timedelta(days=1),
    "weekly": timedelta(days=7),
}

BYTES_PER_MIB = 1024 * 1024

# Names of metrics, not of modules
ROWS_SYNCED_METRIC = "posthog.warehouse.rows-synced"
JOBS_METRIC = "posthog_warehouse_jobs"

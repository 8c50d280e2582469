"""
Counts what the jobs do. The counters are connected by `posthog.apps.PostHogConfig.ready`.
"""

from collections import Counter

from django.db.models.signals import post_save

from posthog.warehouse import constants, signals
from posthog.warehouse.models import ExternalDataJob

_counters: Counter[str] = Counter()


def count_job(sender, instance: ExternalDataJob, created: bool, **kwargs) -> None:
    if created:
        _counters[constants.JOBS_METRIC] += 1


def count_rows(sender, rows: int, **kwargs) -> None:
    _counters[constants.ROWS_SYNCED_METRIC] += rows


post_save.connect(count_job, sender=ExternalDataJob, dispatch_uid="warehouse_count_job")
signals.table_synced.connect(count_rows, dispatch_uid="warehouse_count_rows")


def value(metric: str) -> int:
    return _counters[metric]


def reset() -> None:
    _counters.clear()

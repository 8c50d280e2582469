#!/usr/bin/env bash
# Syncs everything that is due; run by cron where there is no worker.
set -euo pipefail

cd "$(git -C "$(dirname "$0")" rev-parse --show-toplevel)"

python manage.py shell -c '
from posthog.task_queue import send_task
from posthog.warehouse.models import ExternalDataSchema

print(ExternalDataSchema.objects.count(), "schemas")
print("synced:", send_task("posthog.warehouse.tasks.sync_stale_schemas"))
'

from django.dispatch import Signal

# sent with: table, rows
table_synced = Signal()

# sent with: source, deleted_schemas
source_removed = Signal()

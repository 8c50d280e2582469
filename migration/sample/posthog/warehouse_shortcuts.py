"""Short names for the shell: `from posthog.warehouse_shortcuts import *`."""

from .warehouse.models import *  # noqa: F403
from .warehouse.models.external_data_job import get_latest_run_if_exists as latest_run  # noqa: F401
from .warehouse import util
from . import warehouse as wh

tables = wh.models.DataWarehouseTable.objects
clean = util.normalize_name

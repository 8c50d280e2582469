# ruff: noqa: F401, F403
# One place to get every model from that can be named in a query
from posthog.models.insight import Insight
from posthog.warehouse_shortcuts import *

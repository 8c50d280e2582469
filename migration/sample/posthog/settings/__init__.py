"""
All settings in one namespace. Each file holds the settings of one concern and can be read on its own.
"""

# isort: skip_file

from posthog.settings.base import *
from posthog.settings.data_stores import *
from posthog.settings.web import *
from posthog.settings.logs import *
from posthog.settings.tasks import *

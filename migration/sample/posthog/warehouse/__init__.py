"""
The data warehouse: tables in a bucket, views on them, and the sources they are synced from.

Importing this package imports no models, so that it can be used before Django is set up.
"""

from . import constants, util

__all__ = ["constants", "util"]

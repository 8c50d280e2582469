import os

WAREHOUSE_LOG_LEVEL = os.environ.get("WAREHOUSE_LOG_LEVEL", "ERROR")

LOGGING = {
    "version": 1,
    "disable_existing_loggers": False,
    "handlers": {
        "console": {"class": "logging.StreamHandler"},
        "null": {"class": "logging.NullHandler"},
    },
    "loggers": {
        # the syncs are chatty
        "posthog.warehouse": {"level": WAREHOUSE_LOG_LEVEL, "handlers": ["console"], "propagate": False},
        # an old logger of the billing jobs, only its name is similar
        "posthog.warehouse_utils": {"level": "CRITICAL", "handlers": ["null"]},
    },
}

import os
import sys
from pathlib import Path

BASE_DIR = Path(__file__).resolve().parent.parent.parent

DEBUG = os.environ.get("DEBUG", "1") == "1"
TEST = len(sys.argv) > 1 and sys.argv[1] == "test"

SECRET_KEY = os.environ.get("SECRET_KEY", "only-for-local-development")
ALLOWED_HOSTS = ["*"]
SITE_URL = os.environ.get("SITE_URL", "http://localhost:8000")

# Where the docs of the warehouse live. Only a link, no module.
WAREHOUSE_DOCS_URL = "https://posthog.com/warehouse"

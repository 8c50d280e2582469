"""A real browser for the report: headless Chromium, driven by Playwright."""

from __future__ import annotations

import os
import shutil
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

CHROMIUM = os.environ.get("CHROMIUM") or shutil.which("chromium") or shutil.which("chromium-browser")
MISSING = "no Chromium on this machine: apt-get install chromium, or CHROMIUM=/path/to/it"


@contextmanager
def browser() -> Iterator[Any]:
    """The browser, without a window.

    :raises ImportError: where Playwright is not installed.
    """
    from playwright.sync_api import sync_playwright

    with sync_playwright() as running:
        found = running.chromium.launch(executable_path=CHROMIUM, args=["--no-sandbox"])
        yield found
        found.close()

"""How long the report of a large move takes to open: ``python -m tests.report [FILES]``."""

from __future__ import annotations

import contextlib
import io
import sys
import tempfile
import time
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from migration.cli.commands import preview
from tests.browser import CHROMIUM, MISSING, browser
from tests.phases.test_scan_moves import STOCK, session_for
from tests.tools import make_repo

FILES, SECONDS, RUNS = 400, 2.0, 3


@dataclass(frozen=True)
class Figures:
    """What was measured, in seconds: until the page is loaded and laid out, a search, all diffs unfolded."""

    files: int
    megabytes: float
    opened: float
    searched: float
    expanded: float

    def __str__(self) -> str:
        return (
            f"{self.files} changed files, {self.megabytes:.1f} MB: opens in {self.opened:.2f} s, "
            f"searches every line in {self.searched:.2f} s, unfolds every diff in {self.expanded:.2f} s"
        )


def large_report(home: Path, files: int = FILES) -> Path:
    """The report of a preview that rewrites so many files.

    :param home: an empty directory.
    """
    lines = "".join(f"    value_{number} = compute({number}, name='value {number}')\n" for number in range(60))
    body = f"from shop.stock import Item\n\n\ndef use():\n{lines}    return Item\n\n\nimport shop.stock\n"
    uses = {f"web/area_{number % 20}/use_{number}.py": body for number in range(files)}
    session = session_for(make_repo(home / "shop", {**STOCK, **uses}), "shop.stock")
    with contextlib.redirect_stdout(io.StringIO()):
        preview.run(session)
    return session.state / "report.html"


def measure(chromium: Any, path: Path) -> Figures:
    """The best of a few cold openings: what else the machine does only adds to it."""
    found = [_once(chromium, path) for _ in range(RUNS)]
    return min(found, key=lambda one: one.opened)


def _once(chromium: Any, path: Path) -> Figures:
    context = chromium.new_context()
    page = context.new_page()
    start = time.perf_counter()
    page.goto(path.as_uri())
    page.evaluate("new Promise(done => requestAnimationFrame(() => setTimeout(done)))")
    opened = time.perf_counter() - start
    searched = _seconds(page, "const box = document.getElementById('search'); box.value = 'value_17 compute';"
                              "box.dispatchEvent(new Event('input'))")
    _seconds(page, "const box = document.getElementById('search'); box.value = ''; box.dispatchEvent(new Event('input'))")
    expanded = _seconds(page, "document.getElementById('expand').click()")
    count = page.locator("details.file").count()
    context.close()
    return Figures(count, path.stat().st_size / 1e6, opened, searched, expanded)


def _seconds(page: Any, script: str) -> float:
    """How long a script takes until what it has set off is done and laid out."""
    start = time.perf_counter()
    page.evaluate(f"""new Promise(done => {{
        {script};
        const shown = () => document.querySelectorAll("details.file[open] .slot:empty:not([hidden])").length
            ? requestAnimationFrame(shown) : setTimeout(done);
        requestAnimationFrame(shown);
    }})""")
    return time.perf_counter() - start


def main(files: int) -> int:
    """Measure and say so; 1 where it takes too long."""
    if CHROMIUM is None:
        sys.exit(MISSING)
    with tempfile.TemporaryDirectory() as home, browser() as chromium:
        figures = measure(chromium, large_report(Path(home), files))
    sys.stdout.write(f"{figures}\n")
    return int(figures.opened >= SECONDS)


if __name__ == "__main__":
    sys.exit(main(int(sys.argv[1]) if sys.argv[1:] else FILES))

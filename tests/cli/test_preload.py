from __future__ import annotations

import subprocess
import sys

SAYS = """
import sys
from migration.cli import preload as ahead
ahead.end()
assert "migration.phases.update_imports" not in sys.modules
ahead.begin()
ahead.begin()
ahead.end()
assert {"migration.phases.update_imports", "migration.engine.repo_formatter"} <= sys.modules.keys()
"""
BROKEN = """
import sys
from migration.cli import preload as ahead
sys.modules["migration.engine.workers"] = None
ahead.begin()
ahead.end()
from migration.phases import update_imports
"""


def run(text: str) -> subprocess.CompletedProcess[str]:
    return subprocess.run([sys.executable, "-c", text], capture_output=True, text=True, check=False)


def test_loaded_once() -> None:
    assert run(SAYS).returncode == 0


def test_what_can_t_be_loaded_is_said_where_it_is_asked_for() -> None:
    done = run(BROKEN)
    assert done.returncode == 1 and done.stderr.count("Traceback") == 1
    assert "migration.engine.workers" in done.stderr.splitlines()[-1]

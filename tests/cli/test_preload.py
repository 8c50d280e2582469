from __future__ import annotations

import subprocess
import sys

SAYS = """
import sys
from migration.cli import preload
preload.begin("scan_moves")
preload.end("update_imports")
assert "migration.phases.update_imports" not in sys.modules
preload.begin("move_files")
preload.begin("move_files")
preload.end("update_imports")
assert {"migration.phases.update_imports", "migration.engine.repo_formatter"} <= sys.modules.keys()
"""
BROKEN = """
import sys
from migration.cli import preload
sys.modules["migration.engine.workers"] = None
preload.begin("move_files")
preload.end("update_imports")
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

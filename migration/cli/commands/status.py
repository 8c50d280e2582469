"""``status``: where the move stands."""

from __future__ import annotations

import os
from collections.abc import Mapping
from typing import Any

from migration.cli import tracker
from migration.cli.commands.output import print_json
from migration.cli.session import Session
from migration.cli.terminal import Screen, of_stdout
from migration.core.phase import COMPLETED, FAILED, IN_PROGRESS, PENDING


def status_table(content: Mapping[str, Any], screen: Screen) -> None:
    """Show the tracker as a table."""
    if not content:
        screen.line("nothing has run yet")
        return
    screen.line(f"{content['product']}: {content['status']} ({content['completed']}/{content['total']} phases)", "bold")
    for entry in content["phases"]:
        mark = mark_of(entry)
        note = entry.get("summary") or str(entry.get("error", "")).split("\n", 1)[0]
        screen.outcome(entry["id"], mark, f"{mark:<8} {entry.get('timestamp') or '':<21} {note}".rstrip())


def mark_of(entry: Mapping[str, Any]) -> str:
    """How a phase stands, in a word; a process that died at it has left it ``stopped``."""
    marks = {COMPLETED: "done", FAILED: "FAILED", IN_PROGRESS: "running", PENDING: "-"}
    mark = marks[entry["status"]]
    return "stopped" if mark == "running" and not _alive(entry.get("pid")) else mark


def _alive(pid: object) -> bool:
    if not isinstance(pid, int):
        return False
    try:
        os.kill(pid, 0)
    except ProcessLookupError:
        return False
    except PermissionError:
        return True
    return True


def run(session: Session) -> None:
    """Show where the move stands."""
    content = tracker.read(session.tracker_path)
    if session.options.format == "json":
        return print_json(content)
    status_table(content, of_stdout())

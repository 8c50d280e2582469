"""The table of contents: a doit task per phase, in order, and the commands beside them."""

import sys
from pathlib import Path

from migration.cli import tasks
from migration.core.phase import PHASES

SESSION = tasks.session_from(sys.argv[1:], Path(__file__).parent)
DOIT_CONFIG = tasks.config(SESSION, PHASES)


def task_scan_moves():
    return tasks.phase_task(SESSION, "scan_moves", PHASES)


def task_prepare_structure():
    return tasks.phase_task(SESSION, "prepare_structure", PHASES)


def task_move_files():
    return tasks.phase_task(SESSION, "move_files", PHASES)


def task_update_imports():
    return tasks.phase_task(SESSION, "update_imports", PHASES)


def task_prepare_models():
    return tasks.phase_task(SESSION, "prepare_models", PHASES)


def task_validate_django():
    return tasks.phase_task(SESSION, "validate_django", PHASES)


def task_generate_migrations():
    return tasks.phase_task(SESSION, "generate_migrations", PHASES)


def task_verify_migrations():
    return tasks.phase_task(SESSION, "verify_migrations", PHASES)


def task_run_tests():
    return tasks.phase_task(SESSION, "run_tests", PHASES)


def task_preview():
    return tasks.command_task(SESSION, "preview", "show the plan, the counts and the whole diff; touch nothing")


def task_status():
    return tasks.command_task(SESSION, "status", "show where the move stands")


def task_reset():
    return tasks.command_task(SESSION, "reset", "undo the files that we changed and no others, then forget")


def task_residue():
    return tasks.command_task(SESSION, "residue", "list what still names the old place, and why; fail if that is open")


def task_commit():
    return tasks.command_task(SESSION, "commit", "commit what was done, step by step, for review", PHASES[-1][0])


def task_guard():
    return tasks.command_task(SESSION, "guard", "write the rules that keep the old path from coming back")


def task_page():
    return tasks.command_task(SESSION, "page", "write report.html anew, the move as a page to look at")


def task_follow():
    return tasks.command_task(SESSION, "follow", "rewrite what names the old place where the move has happened already")


def task_map():
    return tasks.command_task(SESSION, "map", "print the plan as a map from old names to new ones, as JSON")

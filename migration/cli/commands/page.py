"""``page``: report.html anew."""

from __future__ import annotations

import os

from doit import Globals

from migration.cli import write_page
from migration.cli.commands.output import print_json
from migration.cli.session import Session
from migration.cli.terminal import of_stdout
from migration.core.phase import ORDER


def run(session: Session) -> None:
    """Write ``report.html`` anew, from what is there now.

    :raises MigrationError: if there is no plan yet, or the repo can't be read.
    """
    kept = {phase: Globals.dep_manager.get_values(phase) for phase in ORDER}
    path = write_page.after_run(session, kept)
    if session.options.format == "json":
        print_json({"report": str(path)})
    else:
        of_stdout().line(os.path.relpath(path))

"""``map``: the plan as a map from old names to new ones, for other tools."""

from __future__ import annotations

import json
import sys

from migration.cli.session import Session
from migration.engine.map_of_plan import map_of


def run(session: Session) -> None:
    """Print the map as JSON; neither the repo nor the state is touched.

    :raises PlanError: if there is no plan yet, or it can't be used.
    """
    sys.stdout.write(json.dumps(map_of(session.plan()), indent=2) + "\n")

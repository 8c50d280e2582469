"""What several commands print in the same way."""

from __future__ import annotations

import json
import sys
from typing import Any

from migration.cli.terminal import Screen


def print_section(screen: Screen, title: str, lines: list[str]) -> None:
    if lines:
        screen.line(f"\n{title}", "bold")
        for line in lines:
            screen.line(f"  {line}")


def print_json(content: dict[str, Any]) -> None:
    sys.stdout.write(json.dumps(content, indent=2) + "\n")

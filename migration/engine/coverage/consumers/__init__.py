"""One file for each kind of tool that is told which files to take. This is the whole list."""

from __future__ import annotations

from migration.engine.coverage.consumers import (
    codeowners,
    compose_files,
    conftests,
    dockerfiles,
    git_attributes,
    ignore_files,
    mypy_settings,
    pytest_collection,
)
from migration.engine.coverage.values import Consumer

CONSUMERS: tuple[Consumer, ...] = (
    pytest_collection,
    conftests,
    mypy_settings,
    dockerfiles,
    compose_files,
    ignore_files,
    git_attributes,
    codeowners,
)

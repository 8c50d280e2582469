"""One file for each kind of tool that is told which files to take. This is the whole list."""

from __future__ import annotations

from migration.engine.coverage.consumers import (
    build_backends,
    ci_filters,
    codeowners,
    command_lines,
    commit_hooks,
    compose_files,
    conftests,
    coverage_settings,
    dockerfiles,
    git_attributes,
    ignore_files,
    import_contracts,
    linters,
    loggers,
    message_extraction,
    mypy_settings,
    nearest_settings,
    package_scans,
    pytest_collection,
    setup_script,
    setuptools_packages,
    source_manifest,
)
from migration.engine.coverage.values import Consumer

CONSUMERS: tuple[Consumer, ...] = (
    pytest_collection,
    conftests,
    mypy_settings,
    linters,
    nearest_settings,
    coverage_settings,
    setuptools_packages,
    setup_script,
    source_manifest,
    build_backends,
    import_contracts,
    loggers,
    package_scans,
    message_extraction,
    dockerfiles,
    compose_files,
    ci_filters,
    commit_hooks,
    command_lines,
    ignore_files,
    git_attributes,
    codeowners,
)

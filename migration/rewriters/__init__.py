"""The family: one module per kind of reference, none of which knows another."""

from __future__ import annotations

from migration.core.references import Rewriter
from migration.rewriters import (
    assembled_names,
    attribute_uses,
    celery,
    dotted_strings,
    file_location,
    imports,
    modules_by_name,
    paths,
    prose,
    relative_names,
    star_imports,
    templates,
)

REWRITERS: tuple[Rewriter, ...] = (
    *(imports, attribute_uses, star_imports, dotted_strings, relative_names, assembled_names, modules_by_name, celery),
    *(paths, prose, templates, file_location),
)

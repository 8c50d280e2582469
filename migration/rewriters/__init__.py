"""The family: one module per kind of reference, none of which knows another."""

from __future__ import annotations

from migration.core.references import Rewriter
from migration.rewriters import (
    assembled_names as assembled,
    modules_by_name as by_name,
    celery,
    imports,
    file_location as location,
    paths,
    prose,
    relative_names,
    star_imports as stars,
    dotted_strings as strings,
    templates,
    attribute_uses as uses,
)

REWRITERS: tuple[Rewriter, ...] = (
    *(imports, uses, stars, strings, relative_names, assembled, by_name, celery),
    *(paths, prose, templates, location),
)

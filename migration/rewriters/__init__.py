"""The family: one module per kind of reference, none of which knows another."""

from __future__ import annotations

from migration.references import Rewriter
from migration.rewriters import (
    assembled,
    by_name,
    celery,
    imports,
    location,
    paths,
    prose,
    relative_names,
    stars,
    strings,
    templates,
    uses,
)

REWRITERS: tuple[Rewriter, ...] = (
    *(imports, uses, stars, strings, relative_names, assembled, by_name, celery),
    *(paths, prose, templates, location),
)

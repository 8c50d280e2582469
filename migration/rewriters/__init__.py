"""The family: one module per kind of reference, none of which knows another."""

from __future__ import annotations

from migration.references import Rewriter
from migration.rewriters import celery, imports, location, paths, prose, strings, templates, uses

REWRITERS: tuple[Rewriter, ...] = (imports, uses, strings, celery, paths, prose, templates, location)

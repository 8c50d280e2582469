"""The family: one module per kind of reference, none of which knows another."""

from __future__ import annotations

from migration.references import Rewriter
from migration.rewriters import imports, strings, uses

REWRITERS: tuple[Rewriter, ...] = (imports, uses, strings)

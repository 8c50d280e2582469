"""The lines of the list of rewriters, by the module that they are made of."""

from __future__ import annotations

from types import ModuleType
from typing import Any

from migration.rewriters import REWRITERS, Reader, Rewriter


def of(*modules: ModuleType) -> tuple[Rewriter[Any], ...]:
    """The rewriters of these modules, in the order of the list."""
    names = {module.__name__ for module in modules}
    found = tuple(rewriter for rewriter in REWRITERS if names & set(map(_module, (rewriter.python, rewriter.text))))
    assert len(found) == len(names), names
    return found


def _module(reader: Reader[Any, Any] | None) -> str:
    return reader.find.__module__ if reader else ""
